package main

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

func (s *server) getSettings(r *http.Request, _ access) (int, any, error) {
	return s.withIndex(r, func(ix *index) (any, error) { return ix.Settings.view(), nil })
}

func (s *server) patchSettings(r *http.Request, caller access) (int, any, error) {
	body, err := readObject(r, settingNames()...)
	if err != nil {
		return 0, nil, err
	}
	return s.queueSettings(r, caller, body, "")
}

func (s *server) resetSettings(r *http.Request, caller access) (int, any, error) {
	patch := map[string]any{}
	for name := range patchers {
		patch[name] = nil
	}
	return s.queueSettings(r, caller, patch, "")
}

// queueSettings checks a patch before it is queued, as the real server does. A route of one setting names it in only.
func (s *server) queueSettings(r *http.Request, caller access, patch map[string]any, only string) (int, any, error) {
	scratch := defaultSettings()
	scratch.Embedders = nil // unknown: the index has its own
	if err := scratch.patch(patch, only); err != nil {
		return 0, nil, err
	}
	uid := r.PathValue("uid")
	payload := []byte(toJSON(patch))
	done, err := s.db.enqueue(&task{Type: "settingsUpdate", IndexUID: &uid, Details: details(patch), Payload: payload, MayCreate: caller.mayCreate(uid)})
	return http.StatusAccepted, done, err
}

// settingOf turns the name in a path (stop-words) into the name of a setting (stopWords).
func settingOf(r *http.Request) (string, error) {
	parts := strings.Split(r.PathValue("setting"), "-")
	for i, part := range parts[1:] {
		if part != "" {
			parts[i+1] = strings.ToUpper(part[:1]) + part[1:]
		}
	}
	name := strings.Join(parts, "")
	if patchers[name] == nil {
		return "", refuse("%s %s", r.Method, r.URL.Path)
	}
	return name, nil
}

func (s *server) getSetting(r *http.Request, _ access) (int, any, error) {
	name, err := settingOf(r)
	if err != nil {
		return 0, nil, err
	}
	return s.withIndex(r, func(ix *index) (any, error) {
		value := ix.Settings.view()[name]
		if value == nil {
			value = json.RawMessage("null")
		}
		return value, nil
	})
}

// putSetting serves PUT, PATCH and DELETE; the settings that are objects are patched, all others are put.
func (s *server) putSetting(r *http.Request, caller access) (int, any, error) {
	name, err := settingOf(r)
	if err != nil {
		return 0, nil, err
	}
	patched := slices.Contains([]string{"typoTolerance", "faceting", "pagination", "embedders"}, name)
	if r.Method != http.MethodDelete && (r.Method == http.MethodPatch) != patched {
		return 0, nil, refuse("%s %s", r.Method, r.URL.Path)
	}
	var value any
	if r.Method != http.MethodDelete {
		if value, err = readJSON(r); err != nil {
			return 0, nil, err
		}
	}
	return s.queueSettings(r, caller, map[string]any{name: value}, name)
}

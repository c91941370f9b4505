package main

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
)

var indexPattern = regexp.MustCompile(`^([a-zA-Z0-9_-]{1,511}\*?|\*)$`)

var keyFields = []string{"description", "name", "uid", "actions", "indexes", "expiresAt"}

func readKey(r *http.Request) (*apiKey, error) {
	body, err := readObject(r, keyFields...)
	if err != nil {
		return nil, err
	}
	now := time.Now().UTC()
	key := &apiKey{UID: newUUID(), CreatedAt: now, UpdatedAt: now}
	if key.Description, err = optString(body["description"], ".description", "invalid_api_key_description"); err != nil {
		return nil, err
	}
	if key.Name, err = optString(body["name"], ".name", "invalid_api_key_name"); err != nil {
		return nil, err
	}
	uid, err := optString(body["uid"], ".uid", "invalid_api_key_uid")
	if err != nil {
		return nil, err
	}
	if uid != nil {
		canonical, ok := canonicalUUID(*uid)
		if !ok {
			return nil, fail("invalid_api_key_uid", "Invalid value at `.uid`: `%s` is not a hyphenated uuid", *uid)
		}
		key.UID = canonical
	}
	if key.Actions, err = readActions(body); err != nil {
		return nil, err
	}
	if key.Indexes, err = readIndexPatterns(body); err != nil {
		return nil, err
	}
	if key.ExpiresAt, err = readExpiry(body, now); err != nil {
		return nil, err
	}
	if action := firstGlobalAction(key.Actions); action != "" && len(key.Indexes) > 0 && !slices.Contains(key.Indexes, "*") {
		return nil, fail("index_scoped_api_key_with_global_action", "cannot create index-scoped API key with global action `%q`\n"+
			"  - Hint: remove action `%q` from the action list, or remove `indexes` to make the key global", action, action)
	}
	return key, nil
}

func required(body map[string]any, field, missing, invalid string) ([]string, error) {
	value, given := body[field]
	if !given {
		return nil, fail(missing, "Missing field `%s`", field)
	}
	if value == nil {
		return nil, wrongType(invalid, "."+field, "an array", value)
	}
	return optStrings(value, "."+field, invalid)
}

func readActions(body map[string]any) ([]string, error) {
	actions, err := required(body, "actions", "missing_api_key_actions", "invalid_api_key_actions")
	for i, action := range actions {
		if !slices.Contains(knownActions, action) {
			return nil, fail("invalid_api_key_actions", "Unknown value `%s` at `.actions[%d]`: expected one of %s", action, i, quoted(knownActions))
		}
	}
	return actions, err
}

func readIndexPatterns(body map[string]any) ([]string, error) {
	patterns, err := required(body, "indexes", "missing_api_key_indexes", "invalid_api_key_indexes")
	for i, pattern := range patterns {
		if !indexPattern.MatchString(pattern) {
			return nil, fail("invalid_api_key_indexes", "Invalid value at `.indexes[%d]`: `%s` is not a valid index uid pattern. Index uid patterns can be an integer "+
				"or a string containing only alphanumeric characters, hyphens (-), underscores (_), and optionally end with a star (*).", i, pattern)
		}
	}
	return patterns, err
}

func readExpiry(body map[string]any, now time.Time) (*time.Time, error) {
	value, given := body["expiresAt"]
	if !given {
		return nil, fail("missing_api_key_expires_at", "Missing field `expiresAt`")
	}
	text, err := optString(value, ".expiresAt", "invalid_api_key_expires_at")
	if err != nil || text == nil {
		return nil, err
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", time.DateTime, time.DateOnly} {
		if at, err := time.Parse(layout, *text); err == nil && at.After(now) {
			at = at.UTC()
			return &at, nil
		}
	}
	return nil, fail("invalid_api_key_expires_at", "Invalid value at `.expiresAt`: `%s` is not a valid date. It should follow the RFC 3339 format to represents a date "+
		"or datetime in the future or specified as a null value. e.g. 'YYYY-MM-DD' or 'YYYY-MM-DD HH:MM:SS'.\n", *text)
}

// patched tells "not given" from "set to null".
type patched struct {
	given bool
	text  *string
}

func readKeyPatch(value any) (name, description patched, err error) {
	body, ok := value.(map[string]any)
	if !ok {
		return name, description, wrongType("bad_request", "", "an object", value)
	}
	for _, field := range []string{"uid", "actions", "indexes", "expiresAt", "createdAt", "updatedAt"} {
		if _, given := body[field]; given {
			return name, description, fail("immutable_api_key_"+snake(field), "Immutable field `%s`: expected one of `description`, `name`", field)
		}
	}
	if err := onlyFields(body, "", []string{"description", "name"}); err != nil {
		return name, description, err
	}
	for field, into := range map[string]*patched{"name": &name, "description": &description} {
		value, given := body[field]
		text, err := optString(value, "."+field, "invalid_api_key_"+field)
		if err != nil {
			return name, description, err
		}
		*into = patched{given, text}
	}
	return name, description, nil
}

var upper = regexp.MustCompile(`[A-Z]`)

// snake turns a field's name into the form that error codes use.
func snake(field string) string {
	return upper.ReplaceAllStringFunc(field, func(c string) string { return fmt.Sprintf("_%s", strings.ToLower(c)) })
}

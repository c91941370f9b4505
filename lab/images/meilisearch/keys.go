package main

import (
	"net/http"
	"slices"
	"sort"
	"time"
)

// apiKey is a key as it is stored: its value is derived when it is shown, and never written down.
type apiKey struct {
	Name        *string    `json:"name"`
	Description *string    `json:"description"`
	UID         string     `json:"uid"`
	Actions     []string   `json:"actions"`
	Indexes     []string   `json:"indexes"`
	ExpiresAt   *time.Time `json:"expiresAt"`
	CreatedAt   time.Time  `json:"createdAt"`
	UpdatedAt   time.Time  `json:"updatedAt"`
}

type keyView struct {
	apiKey
	Key string `json:"key"`
}

func (s *server) show(key *apiKey) keyView { return keyView{*key, keyValue(s.cfg.masterKey, key.UID)} }

// defaultKeys are the four keys of a first launch, oldest first.
func defaultKeys(now time.Time) []*apiKey {
	list := []struct {
		name, description string
		actions           []string
	}{
		{"Default Chat API Key", "Use it to chat and search from the frontend", []string{"chatCompletions", "search"}},
		{"Default Read-Only Admin API Key", "Use it to read information across the whole database. Caution! Do not expose this key on a public frontend", []string{"*.get", "keys.get"}},
		{"Default Admin API Key", "Use it for anything that is not a search operation. Caution! Do not expose it on a public frontend", []string{"*"}},
		{"Default Search API Key", "Use it to search from the frontend", []string{"search"}},
	}
	keys := make([]*apiKey, len(list))
	for i, k := range list {
		at := now.Add(time.Duration(i) * time.Microsecond)
		keys[i] = &apiKey{&k.name, &k.description, newUUID(), k.actions, []string{"*"}, nil, at, at}
	}
	return keys
}

func (s *server) listKeys(r *http.Request, _ access) (int, any, error) {
	q, err := readQuery(r, []string{"offset", "limit"}, nil)
	if err != nil {
		return 0, nil, err
	}
	offset, err := q.uint("offset", "invalid_api_key_offset", 0)
	if err != nil {
		return 0, nil, err
	}
	limit, err := q.uint("limit", "invalid_api_key_limit", 20)
	if err != nil {
		return 0, nil, err
	}
	s.db.mu.RLock()
	defer s.db.mu.RUnlock()
	views := []keyView{}
	for _, key := range s.db.state.Keys {
		views = append(views, s.show(key))
	}
	sort.Slice(views, func(i, j int) bool { return views[i].CreatedAt.After(views[j].CreatedAt) })
	return http.StatusOK, paginate(views, offset, limit), nil
}

// findKey takes a uid or a key's value, as every /keys/{key} route does.
func (s *server) findKey(r *http.Request) (*apiKey, error) {
	given := r.PathValue("key")
	uid, isUID := canonicalUUID(given)
	s.db.mu.RLock()
	key := s.db.state.Keys[uid]
	s.db.mu.RUnlock()
	if !isUID {
		key = s.keyOf(given)
	}
	if key == nil {
		return nil, fail("api_key_not_found", "API key `%s` not found.", given)
	}
	return key, nil
}

func (s *server) getKey(r *http.Request, _ access) (int, any, error) {
	key, err := s.findKey(r)
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, s.show(key), nil
}

func (s *server) createKey(r *http.Request, _ access) (int, any, error) {
	key, err := readKey(r)
	if err != nil {
		return 0, nil, err
	}
	err = s.db.commit(func(st *state) (*event, error) {
		if st.Keys[key.UID] != nil {
			return nil, fail("api_key_already_exists", "`uid` field value `%s` is already an existing API key.", key.UID)
		}
		return &event{PutKeys: []*apiKey{key}}, nil
	})
	return http.StatusCreated, s.show(key), err
}

func (s *server) patchKey(r *http.Request, _ access) (int, any, error) {
	body, err := readJSON(r)
	if err != nil {
		return 0, nil, err
	}
	name, description, err := readKeyPatch(body)
	if err != nil {
		return 0, nil, err
	}
	key, err := s.findKey(r)
	if err != nil {
		return 0, nil, err
	}
	changed := *key
	if name.given {
		changed.Name = name.text
	}
	if description.given {
		changed.Description = description.text
	}
	changed.UpdatedAt = time.Now().UTC()
	err = s.db.commit(func(*state) (*event, error) { return &event{PutKeys: []*apiKey{&changed}}, nil })
	return http.StatusOK, s.show(&changed), err
}

func (s *server) deleteKey(r *http.Request, _ access) (int, any, error) {
	key, err := s.findKey(r)
	if err != nil {
		return 0, nil, err
	}
	err = s.db.commit(func(*state) (*event, error) { return &event{DropKey: key.UID}, nil })
	return http.StatusNoContent, nil, err
}

func firstGlobalAction(actions []string) string {
	if i := slices.IndexFunc(actions, func(a string) bool { return !slices.Contains(indexScoped, a) }); i >= 0 {
		return actions[i]
	}
	return ""
}

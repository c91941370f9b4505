package main

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"
)

type index struct {
	UID        string      `json:"uid"`
	PrimaryKey *string     `json:"primaryKey"`
	CreatedAt  time.Time   `json:"createdAt"`
	UpdatedAt  time.Time   `json:"updatedAt"`
	Settings   settings    `json:"settings"`
	Documents  []*document `json:"documents"`
	// Attributes is every top-level attribute ever seen, in order: the order of "*" in searchableAttributes.
	Attributes []string `json:"attributes"`

	byID map[string]*document
}

type indexView struct {
	UID        string    `json:"uid"`
	CreatedAt  time.Time `json:"createdAt"`
	UpdatedAt  time.Time `json:"updatedAt"`
	PrimaryKey *string   `json:"primaryKey"`
}

func (ix *index) view() indexView {
	return indexView{ix.UID, ix.CreatedAt, ix.UpdatedAt, ix.PrimaryKey}
}

func (ix *index) restore() {
	ix.byID = make(map[string]*document, len(ix.Documents))
	if ix.Settings.Embedders == nil {
		ix.Settings.Embedders = map[string]embedder{} // written by an earlier stand-in
	}
	for _, d := range ix.Documents {
		d.tokenize()
		ix.byID[d.ID] = d
	}
}

// ensureIndex finds an index, or makes it when the task's key may.
func (st *state) ensureIndex(t *task, now time.Time) (*index, error) {
	if ix := st.Indexes[*t.IndexUID]; ix != nil {
		return ix, nil
	}
	if !t.MayCreate {
		return nil, indexNotFound(*t.IndexUID)
	}
	ix := &index{UID: *t.IndexUID, CreatedAt: now, UpdatedAt: now, Settings: defaultSettings(), byID: map[string]*document{}}
	st.Indexes[ix.UID] = ix
	return ix, nil
}

func (st *state) createIndex(t *task, now time.Time) error {
	if st.Indexes[*t.IndexUID] != nil {
		return fail("index_already_exists", "Index `%s` already exists.", *t.IndexUID)
	}
	t.MayCreate = true
	ix, err := st.ensureIndex(t, now)
	if err == nil {
		err = json.Unmarshal(t.Payload, &ix.PrimaryKey)
	}
	return err
}

func (st *state) deleteIndex(t *task) error {
	ix := st.Indexes[*t.IndexUID]
	if ix == nil {
		return indexNotFound(*t.IndexUID)
	}
	t.Details["deletedDocuments"] = len(ix.Documents)
	delete(st.Indexes, ix.UID)
	return nil
}

// withIndex reads one index under the lock.
func (s *server) withIndex(r *http.Request, read func(*index) (any, error)) (int, any, error) {
	s.db.mu.RLock()
	defer s.db.mu.RUnlock()
	ix := s.db.state.Indexes[r.PathValue("uid")]
	if ix == nil {
		return 0, nil, indexNotFound(r.PathValue("uid"))
	}
	body, err := read(ix)
	return http.StatusOK, body, err
}

func (s *server) getIndex(r *http.Request, _ access) (int, any, error) {
	return s.withIndex(r, func(ix *index) (any, error) { return ix.view(), nil })
}

func (s *server) listIndexes(r *http.Request, caller access) (int, any, error) {
	q, err := readQuery(r, []string{"offset", "limit"}, nil)
	if err != nil {
		return 0, nil, err
	}
	offset, err := q.uint("offset", "invalid_index_offset", 0)
	if err != nil {
		return 0, nil, err
	}
	limit, err := q.uint("limit", "invalid_index_limit", 20)
	if err != nil {
		return 0, nil, err
	}
	s.db.mu.RLock()
	defer s.db.mu.RUnlock()
	views := []indexView{}
	for _, uid := range slices.DeleteFunc(sortedKeys(s.db.state.Indexes), func(uid string) bool { return !caller.allows(uid) }) {
		views = append(views, s.db.state.Indexes[uid].view())
	}
	return http.StatusOK, paginate(views, offset, limit), nil
}

func (s *server) createIndex(r *http.Request, caller access) (int, any, error) {
	body, err := readObject(r, "uid", "primaryKey")
	if err != nil {
		return 0, nil, err
	}
	uid, err := optString(body["uid"], ".uid", "invalid_index_uid")
	if err != nil {
		return 0, nil, err
	}
	if uid == nil {
		return 0, nil, fail("missing_index_uid", "Missing field `uid`")
	}
	if !indexUID.MatchString(*uid) {
		return 0, nil, fail("invalid_index_uid", "Invalid value at `.uid`: `%s` %s", *uid, indexUIDRule)
	}
	primaryKey, err := optString(body["primaryKey"], ".primaryKey", "invalid_index_primary_key")
	if err != nil {
		return 0, nil, err
	}
	if !caller.mayCreate(*uid) {
		return 0, nil, fail("invalid_api_key", "The provided API key is invalid.")
	}
	payload, _ := json.Marshal(primaryKey)
	done, err := s.db.enqueue(&task{Type: "indexCreation", IndexUID: uid, Details: details{"primaryKey": primaryKey}, Payload: payload})
	return http.StatusAccepted, done, err
}

func (s *server) deleteIndex(r *http.Request, _ access) (int, any, error) {
	uid := r.PathValue("uid")
	done, err := s.db.enqueue(&task{Type: "indexDeletion", IndexUID: &uid, Details: details{"deletedDocuments": nil}})
	return http.StatusAccepted, done, err
}

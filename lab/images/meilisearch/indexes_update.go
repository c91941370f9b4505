package main

import (
	"encoding/json"
	"net/http"
	"time"
)

// updateIndex changes the primary key of an index; renames are refused.
func (s *server) updateIndex(r *http.Request, _ access) (int, any, error) {
	body, err := readJSON(r)
	if err != nil {
		return 0, nil, err
	}
	object, ok := body.(map[string]any)
	if !ok {
		return 0, nil, wrongType("bad_request", "", "an object", body)
	}
	accepted := []string{"primaryKey", "uid"}
	for _, field := range []string{"createdAt", "updatedAt"} {
		if _, given := object[field]; given {
			return 0, nil, fail("immutable_index_"+snake(field), "Immutable field `%s`: expected one of %s", field, quoted(accepted))
		}
	}
	if err := onlyFields(object, "", accepted); err != nil {
		return 0, nil, err
	}
	primaryKey, err := optString(object["primaryKey"], ".primaryKey", "invalid_index_primary_key")
	if err != nil {
		return 0, nil, err
	}
	if object["uid"] != nil {
		return 0, nil, refuse("renaming an index (`uid` in the body)")
	}
	payload, _ := json.Marshal(primaryKey)
	uid := r.PathValue("uid")
	done, err := s.db.enqueue(&task{Type: "indexUpdate", IndexUID: &uid, Details: details{"primaryKey": primaryKey}, Payload: payload})
	return http.StatusAccepted, done, err
}

func (st *state) updateIndex(t *task, now time.Time) error {
	ix := st.Indexes[*t.IndexUID]
	if ix == nil {
		return indexNotFound(*t.IndexUID)
	}
	var primaryKey *string
	if err := json.Unmarshal(t.Payload, &primaryKey); err != nil || primaryKey == nil {
		return err
	}
	if len(ix.Documents) > 0 && *primaryKey != *ix.PrimaryKey {
		return fail("index_primary_key_already_exists", "Index already has a primary key: `%s`.", *ix.PrimaryKey).within(ix.UID)
	}
	ix.PrimaryKey, ix.UpdatedAt = primaryKey, now
	return nil
}

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// additions is the payload of a documentAdditionOrUpdate task.
type additions struct {
	PrimaryKey *string           `json:"primaryKey"`
	Update     bool              `json:"update"`
	Documents  []json.RawMessage `json:"documents"`
}

// removals is the payload of a documentDeletion task.
type removals struct {
	All bool     `json:"all"`
	IDs []string `json:"ids"`
}

func (s *server) addDocuments(r *http.Request, caller access) (int, any, error) {
	q, err := readQuery(r, []string{"primaryKey"}, []string{"csvDelimiter", "customMetadata", "skipCreation"})
	if err != nil {
		return 0, nil, err
	}
	kind, data, err := readBody(r, "application/json", "application/x-ndjson", "text/csv")
	if err != nil {
		return 0, nil, err
	}
	work := additions{Update: r.Method == http.MethodPut}
	if q.values.Has("primaryKey") {
		key := q.values.Get("primaryKey")
		work.PrimaryKey = &key
	}
	if work.Documents, err = splitDocuments(kind, data); err != nil {
		return 0, nil, err
	}
	payload, err := json.Marshal(work)
	if err != nil {
		return 0, nil, err
	}
	uid := r.PathValue("uid")
	done, err := s.db.enqueue(&task{
		Type: "documentAdditionOrUpdate", IndexUID: &uid, Payload: payload, MayCreate: caller.mayCreate(uid),
		Details: details{"receivedDocuments": len(work.Documents), "indexedDocuments": nil},
	})
	return http.StatusAccepted, done, err
}

func splitDocuments(kind string, data []byte) (list []json.RawMessage, err error) {
	name := "json"
	switch {
	case kind == "text/csv":
		return nil, refuse("the content type `text/csv`")
	case kind == "application/x-ndjson":
		name = "ndjson"
		for _, line := range bytes.Split(data, []byte("\n")) {
			if len(bytes.TrimSpace(line)) > 0 {
				list = append(list, line)
			}
		}
	case bytes.HasPrefix(bytes.TrimSpace(data), []byte("[")):
		err = json.Unmarshal(data, &list)
	default:
		list = []json.RawMessage{data}
	}
	for _, raw := range list {
		if !json.Valid(raw) {
			err = fmt.Errorf("Couldn't serialize document value: invalid JSON")
		} else if !bytes.HasPrefix(bytes.TrimSpace(raw), []byte("{")) {
			err = fmt.Errorf("Couldn't serialize document value: data are neither an object nor a list of objects")
		}
	}
	if err != nil {
		return nil, fail("malformed_payload", "The `%s` payload provided is malformed. `%v`.", name, err)
	}
	return list, refuseFields(list)
}

// refuseFields refuses the reserved fields to which the real server gives a meaning that the stand-in does not.
func refuseFields(list []json.RawMessage) error {
	for _, raw := range list {
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(raw, &fields); err != nil {
			return fail("malformed_payload", "The `json` payload provided is malformed. `%v`.", err)
		}
		for name := range fields {
			if slices.Contains([]string{"_geo", "_geojson"}, name) {
				return refuse("the document field `%s`", name)
			}
		}
	}
	return nil
}

func (s *server) deleteDocuments(r *http.Request, _ access) (int, any, error) {
	if _, err := readQuery(r, nil, []string{"customMetadata"}); err != nil {
		return 0, nil, err
	}
	work := removals{All: true}
	if id := r.PathValue("id"); id != "" {
		work = removals{IDs: []string{id}}
	} else if strings.HasSuffix(r.Pattern, "/delete-batch") {
		body, err := readJSON(r)
		if err != nil {
			return 0, nil, err
		}
		ids, ok := body.([]any)
		if !ok {
			return 0, nil, fail("bad_request", "Json deserialize error: invalid type: %s, expected a sequence", describe(body))
		}
		work = removals{IDs: []string{}}
		for _, value := range ids {
			id, err := documentID(value)
			if err != nil {
				return 0, nil, err
			}
			work.IDs = append(work.IDs, id)
		}
	}
	payload, _ := json.Marshal(work)
	uid := r.PathValue("uid")
	done, err := s.db.enqueue(&task{
		Type: "documentDeletion", IndexUID: &uid, Payload: payload,
		Details: details{"providedIds": len(work.IDs), "deletedDocuments": nil, "originalFilter": nil},
	})
	return http.StatusAccepted, done, err
}

package main

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

type document struct {
	ID     string         `json:"id"`
	Fields map[string]any `json:"fields"`
	// Vectors is what was sent in `_vectors`, by embedder: kept apart, because documents are shown without it.
	Vectors map[string]json.RawMessage `json:"vectors,omitempty"`

	attributes []attribute
}

var validID = regexp.MustCompile(`^[a-zA-Z0-9_-]{1,511}$`)

// documentID reads an identifier: an integer, or a string of a-z A-Z 0-9 - _ up to 511 bytes.
func documentID(value any) (string, error) {
	text, ok := value.(string)
	if number, isNumber := value.(json.Number); isNumber {
		_, err := strconv.ParseInt(number.String(), 10, 64)
		text, ok = number.String(), err == nil
	}
	if !ok || !validID.MatchString(text) {
		return "", fail("invalid_document_id", "Document identifier `%s` is invalid. A document identifier can be of type integer or string, "+
			"only composed of alphanumeric characters (a-z A-Z 0-9), hyphens (-) and underscores (_), and can not be more than 511 bytes.", toJSON(value))
	}
	return text, nil
}

func (st *state) addDocuments(t *task, now time.Time) error {
	var work additions
	if err := json.Unmarshal(t.Payload, &work); err != nil {
		return err
	}
	ix, err := st.ensureIndex(t, now)
	if err != nil {
		return err
	}
	if work.PrimaryKey != nil && ix.PrimaryKey != nil && *work.PrimaryKey != *ix.PrimaryKey {
		return fail("index_primary_key_already_exists", "Index already has a primary key: `%s`.", *ix.PrimaryKey).within(ix.UID)
	}
	batch := make([]map[string]any, len(work.Documents))
	for i, raw := range work.Documents {
		if err := decode(raw, &batch[i]); err != nil {
			return err
		}
	}
	primaryKey := ix.PrimaryKey
	if primaryKey == nil {
		primaryKey = work.PrimaryKey
	}
	if primaryKey == nil && len(batch) > 0 {
		if primaryKey, err = inferPrimaryKey(topLevel(work.Documents[0])); err != nil {
			return err
		}
	}
	ids := make([]string, len(batch))
	for i, fields := range batch {
		value, ok := lookup(fields, *primaryKey)
		if !ok {
			return fail("missing_document_id", "Document doesn't have a `%s` attribute: `%s`.", *primaryKey, work.Documents[i])
		}
		if ids[i], err = documentID(value); err != nil {
			return err
		}
	}
	kept, err := ix.checkVectors(ids, work.Documents, work.Update)
	if err != nil {
		return asAPIError(err).within(ix.UID)
	}
	// Nothing can fail from here on: a task is done whole or not at all.
	for i, fields := range batch {
		delete(fields, "_vectors")
		ix.put(ids[i], fields, topLevel(work.Documents[i]), work.Update)
		ix.byID[ids[i]].setVectors(kept[i])
	}
	ix.PrimaryKey, ix.UpdatedAt = primaryKey, now
	t.Details["indexedDocuments"] = len(batch)
	return nil
}

func (ix *index) put(id string, fields map[string]any, order []string, update bool) {
	for _, name := range order {
		if name != "_vectors" && !slices.Contains(ix.Attributes, name) {
			ix.Attributes = append(ix.Attributes, name)
		}
	}
	d := ix.byID[id]
	if d == nil {
		d = &document{ID: id}
		ix.byID[id] = d
		ix.Documents = append(ix.Documents, d)
	}
	if update {
		merged := maps.Clone(d.Fields)
		if merged == nil {
			merged = map[string]any{}
		}
		maps.Copy(merged, fields)
		fields = merged
	}
	d.Fields = fields
	d.tokenize()
}

// inferPrimaryKey follows the real server: the one attribute of the first document whose name ends with "id".
func inferPrimaryKey(names []string) (*string, error) {
	var found []string
	for _, name := range names {
		if strings.HasSuffix(strings.ToLower(name), "id") {
			found = append(found, name)
		}
	}
	const fix = "Please specify the primary key manually using the `primaryKey` query parameter."
	switch {
	case len(found) == 0:
		return nil, fail("index_primary_key_no_candidate_found", "The primary key inference failed as the engine did not find any field ending with `id` in its name. %s", fix)
	case len(found) > 1:
		slices.Sort(found)
		return nil, fail("index_primary_key_multiple_candidates_found", "The primary key inference failed as the engine found %d fields ending with `id` in their names: "+
			"'%s' and '%s'. %s", len(found), found[0], found[1], fix)
	}
	return &found[0], nil
}

func (st *state) deleteDocuments(t *task, now time.Time) error {
	ix := st.Indexes[*t.IndexUID]
	if ix == nil {
		return indexNotFound(*t.IndexUID)
	}
	var work removals
	if err := json.Unmarshal(t.Payload, &work); err != nil {
		return err
	}
	before := len(ix.Documents)
	named := map[string]bool{}
	for _, id := range work.IDs {
		named[id] = true
	}
	gone := func(d *document) bool { return work.All || named[d.ID] }
	ix.Documents = slices.DeleteFunc(ix.Documents, gone)
	maps.DeleteFunc(ix.byID, func(_ string, d *document) bool { return gone(d) })
	ix.UpdatedAt = now
	t.Details["deletedDocuments"] = before - len(ix.Documents)
	return nil
}

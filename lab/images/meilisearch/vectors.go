package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
)

// vectors is what a document brings for one embedder.
type vectors struct {
	given, explicit, regenerate, embeddings bool
	count                                   int
}

// missing says that the embedder would have to make the vectors, which one of source userProvided cannot.
func (v vectors) missing() bool { return !v.given || v.explicit && v.regenerate && !v.embeddings }

// parseVectors reads `_vectors.<embedder>`: an array of numbers, an array of such arrays, null, or an object with `regenerate`.
func parseVectors(raw json.RawMessage, id, name string, given bool, e embedder) (v vectors, err error) {
	if !given {
		return v, nil
	}
	v.given, v.embeddings = true, true
	var value any
	if err := decode(raw, &value); err != nil {
		return v, err
	}
	at := "._vectors." + name
	bad := func(format string, args ...any) error {
		return fail("invalid_vectors_type", "Bad embedder configuration in the document with id: `%s`. %s", id, fmt.Sprintf(format, args...))
	}
	switch object := value.(type) {
	case nil, []any:
	case map[string]any:
		at += ".embeddings"
		if v, value, err = explicitVectors(object, name, bad); err != nil {
			return v, err
		}
	default:
		kind, text := "number", toJSON(value)
		switch v := value.(type) {
		case bool:
			kind = "boolean"
		case string:
			kind, text = "string", v
		case json.Number:
			if !strings.ContainsAny(text, ".eE") {
				kind = "integer"
			}
		}
		return v, bad("Expected `%s` to be an array of floats, an array of arrays of floats, or an object with at least the field `regenerate`, but got the %s `%s`", at, kind, text)
	}
	sizes, wrong := embeddingSizes(value, at)
	if wrong != nil {
		return v, bad("%s", wrong.Message)
	}
	v.count = len(sizes)
	for i, size := range sizes {
		if size != e.Dimensions {
			return v, fail("invalid_vector_dimensions", "Invalid vector dimensions in document with id `%s` in `._vectors.%s`.\n"+
				"  - note: embedding #%d has dimensions %d\n  - note: embedder `%s` requires %d", id, name, i, size, name, e.Dimensions)
		}
	}
	return v, nil
}

func explicitVectors(object map[string]any, name string, bad func(string, ...any) error) (v vectors, embeddings any, err error) {
	for _, field := range sortedKeys(object) {
		if field != "regenerate" && field != "embeddings" {
			return v, nil, bad("Unexpected field `._vectors.%s.%s`\n  - note: the allowed fields are `regenerate` and `embeddings`", name, field)
		}
	}
	raw, there := object["regenerate"]
	if !there {
		return v, nil, bad("Missing field `._vectors.%s.regenerate`\n  - note: `._vectors.%s` must be an array of floats, an array of arrays of floats, or an object with field `regenerate`", name, name)
	}
	regenerate, isBool := raw.(bool)
	if !isBool {
		return v, nil, bad("Could not parse `._vectors.%s.regenerate`: invalid type: %s, expected a boolean", name, describe(raw))
	}
	return vectors{given: true, explicit: true, regenerate: regenerate, embeddings: object["embeddings"] != nil}, object["embeddings"], nil
}

// embeddingSizes are the dimensions of each vector of a value; what the first item is decides what all must be.
func embeddingSizes(value any, at string) (sizes []int, wrong *apiError) {
	list, isList := value.([]any)
	switch {
	case value == nil:
		return nil, nil
	case !isList:
		return nil, wrongType("", at, "null or an array", value)
	case len(list) == 0:
		return nil, nil
	}
	switch list[0].(type) {
	case json.Number:
		return []int{len(list)}, allNumbers(list, at)
	case []any:
		for i, item := range list {
			inner, isList := item.([]any)
			if !isList {
				return nil, wrongType("", fmt.Sprintf("%s[%d]", at, i), "an array", item)
			}
			if wrong := allNumbers(inner, fmt.Sprintf("%s[%d]", at, i)); wrong != nil {
				return nil, wrong
			}
			sizes = append(sizes, len(inner))
		}
		return sizes, nil
	}
	return nil, wrongType("", at+"[0]", "a number or an array", list[0])
}

func allNumbers(list []any, at string) *apiError {
	for i, item := range list {
		if _, ok := item.(json.Number); !ok {
			return wrongType("", fmt.Sprintf("%s[%d]", at, i), "a number", item)
		}
	}
	return nil
}

func noVectors(name string, ids []string) error {
	more := ""
	if len(ids) > 1 {
		more = fmt.Sprintf(" and at least %d other document(s)", len(ids)-1)
	}
	return fail("vector_embedding_error", "While embedding documents for embedder `%s`: no vectors provided for document `%s`%s\n"+
		"- Note: `%s` has `source: userProvided`, so documents must provide embeddings as an array in `_vectors.%s`.\n"+
		"- Hint: opt-out for a document with `_vectors.%s: null`", name, ids[0], more, name, name, name)
}

// vectorsOf reads the `_vectors` of a document as it was sent; null is as good as nothing.
func vectorsOf(raw json.RawMessage, id string) (map[string]json.RawMessage, error) {
	var object struct {
		Vectors json.RawMessage `json:"_vectors"`
	}
	given := map[string]json.RawMessage{}
	if err := json.Unmarshal(raw, &object); err != nil || object.Vectors == nil {
		return given, err
	}
	if json.Unmarshal(object.Vectors, &given) != nil {
		return nil, fail("invalid_vectors_type", "The `_vectors` field in the document with id: `%s` is not an object. Was expecting an object "+
			"with a key for each embedder with manually provided vectors, but instead got `%s`", id, object.Vectors)
	}
	return given, nil
}

// mergeVectors says what a document has once the given ones are added. A configured embedder keeps what it had, whether the
// document is updated or replaced; what was kept for others goes with a replaced document.
func (ix *index) mergeVectors(old, given map[string]json.RawMessage, update bool) map[string]json.RawMessage {
	merged := map[string]json.RawMessage{}
	for name, raw := range old {
		if _, configured := ix.Settings.Embedders[name]; configured || update && len(given) == 0 {
			merged[name] = raw
		}
	}
	for name, raw := range given {
		var v struct{ Embeddings, Regenerate json.RawMessage }
		keeps := json.Unmarshal(raw, &v) == nil && string(v.Regenerate) == "false" && v.Embeddings == nil
		if _, had := merged[name]; !had || !keeps {
			merged[name] = raw
		}
	}
	return merged
}

// checkVectors fails documents whose vectors the configured embedders cannot take: all of a task's, before any is changed.
func (ix *index) checkVectors(ids []string, documents []json.RawMessage, update bool) ([]map[string]json.RawMessage, error) {
	after, seen := make([]map[string]json.RawMessage, len(ids)), map[string]map[string]json.RawMessage{}
	missing := map[string][]string{}
	for i, id := range ids {
		given, err := vectorsOf(documents[i], id)
		if err != nil {
			return nil, err
		}
		old, before := seen[id]
		if d := ix.byID[id]; d != nil && !before {
			old = d.Vectors
		}
		after[i] = ix.mergeVectors(old, given, update)
		seen[id] = after[i]
		for _, name := range sortedKeys(ix.Settings.Embedders) {
			raw, there := after[i][name]
			v, err := parseVectors(raw, id, name, there, ix.Settings.Embedders[name])
			if err != nil {
				return nil, err
			}
			_, now := given[name]
			if v.missing() || v.explicit && v.regenerate && !now {
				missing[name] = append(missing[name], id)
			}
		}
	}
	for _, name := range sortedKeys(missing) {
		return nil, noVectors(name, missing[name])
	}
	return after, nil
}

func (d *document) setVectors(v map[string]json.RawMessage) {
	if d.Vectors = nil; len(v) > 0 {
		d.Vectors = maps.Clone(v)
	}
}

package main

import (
	"maps"
	"slices"
	"strings"
)

// embedder is one of source userProvided: the documents bring their vectors. The stand-in keeps them and searches none.
type embedder struct {
	Source     string `json:"source"`
	Dimensions int    `json:"dimensions"`
}

var embedderSources = []string{"openAi", "huggingFace", "ollama", "userProvided", "rest", "composite"}

// embedderFields lists the fields of an embedder with the sources that take them; none stands for all.
var embedderFields = []struct{ name, sources string }{
	{"source", ""}, {"model", "openAi huggingFace ollama"}, {"revision", "huggingFace"}, {"pooling", "huggingFace"},
	{"apiKey", "openAi ollama rest"}, {"dimensions", ""}, {"binaryQuantized", ""}, {"documentTemplate", "openAi huggingFace ollama rest"},
	{"documentTemplateMaxBytes", "openAi huggingFace ollama rest"}, {"url", "openAi ollama rest"}, {"indexingFragments", "rest"},
	{"searchFragments", "rest"}, {"request", "rest"}, {"response", "rest"}, {"headers", "rest"}, {"searchEmbedder", "composite"},
	{"indexingEmbedder", "composite"}, {"distribution", ""},
}

// patchEmbedders changes only the embedders that are named; null removes one. Before a task is queued the index's own are
// unknown (nil), so that a patch of an embedder without its source is judged by the task.
func patchEmbedders(s *settings, initial settings, value any, path, code string) error {
	if value == nil {
		s.Embedders = initial.Embedders
		return nil
	}
	object, ok := value.(map[string]any)
	if !ok {
		return wrongType(code, path, "an object", value)
	}
	next := maps.Clone(s.Embedders)
	if next == nil {
		next = map[string]embedder{}
	}
	for _, name := range sortedKeys(object) {
		if object[name] == nil {
			delete(next, name)
			continue
		}
		e, known := next[name]
		if err := e.patch(object[name], name, path+"."+name, code); err != nil {
			return err
		}
		if e.Source == "" && !known && s.Embedders != nil {
			e.Source = "openAi" // the real server's default
		}
		if e.Source != "" && e.Source != "userProvided" {
			return refuse("an embedder of source `%s` (`%s`), which needs a model or a server that makes vectors,", e.Source, name)
		}
		next[name] = e
	}
	s.Embedders = next
	return nil
}

func (e *embedder) patch(value any, name, path, code string) error {
	object, ok := value.(map[string]any)
	if !ok {
		return wrongType(code, path, "an object", value)
	}
	var fields []string
	for _, field := range embedderFields {
		fields = append(fields, field.name)
	}
	if err := onlyFieldsOf(object, path, code, fields); err != nil {
		return err
	}
	source, err := optString(object["source"], path+".source", code)
	if err != nil {
		return err
	}
	if source != nil {
		if !slices.Contains(embedderSources, *source) {
			return fail(code, "Unknown value `%s` at `%s.source`: expected one of %s", *source, path, quoted(embedderSources))
		}
		e.Source = *source
	}
	if e.Source != "" && e.Source != "userProvided" {
		return nil // refused by the caller
	}
	if raw := object["dimensions"]; raw != nil {
		if e.Dimensions, err = optUint(raw, path+".dimensions", code, 0); err != nil {
			return err
		}
		if e.Dimensions == 0 {
			return fail(code, "`.embedders.%s.dimensions`: `dimensions` cannot be zero", name)
		}
	} else if source != nil {
		return fail(code, "`.embedders.%s`: Missing field `dimensions` (note: this field is mandatory for source `userProvided`)", name)
	}
	return e.refuseFields(object, name, code)
}

// refuseFields fails on what belongs to other sources, and refuses what the stand-in does not do with vectors.
func (e *embedder) refuseFields(object map[string]any, name, code string) error {
	for _, field := range embedderFields {
		value, given := object[field.name]
		if given && field.sources != "" {
			return fail(code, "`.embedders.%s`: Field `%s` unavailable for source `userProvided`.\n  - note: `%s` is available for sources: %s\n"+
				"  - note: available fields for source `userProvided`: `source`, `dimensions`, `distribution`, `binaryQuantized`",
				name, field.name, field.name, quoted(strings.Fields(field.sources)))
		}
		if (field.name == "binaryQuantized" && value != false || field.name == "distribution") && value != nil {
			return refuse("`%s` of an embedder", field.name)
		}
	}
	return nil
}

// checkEmbedders fails a change of settings for which the documents lack vectors, or have others.
func (ix *index) checkEmbedders(next settings) error {
	for _, name := range sortedKeys(next.Embedders) {
		e := next.Embedders[name]
		if before, known := ix.Settings.Embedders[name]; known && before == e {
			continue
		}
		var missing []string
		for _, d := range ix.Documents {
			v, err := parseVectors(d.Vectors[name], d.ID, name, d.Vectors[name] != nil, e)
			if err != nil {
				return err
			}
			if v.missing() {
				missing = append(missing, d.ID)
			}
		}
		if len(missing) > 0 {
			return noVectors(name, missing)
		}
	}
	return nil
}

// countVectors counts, for the statistics, the vectors of a document's configured embedders.
func (ix *index) countVectors(d *document) (count int) {
	for name, e := range ix.Settings.Embedders {
		if v, err := parseVectors(d.Vectors[name], d.ID, name, d.Vectors[name] != nil, e); err == nil {
			count += v.count
		}
	}
	return count
}

package main

import (
	"net/http"
	"strings"
	"testing"
)

func vectorLab(t *testing.T) *lab {
	t.Helper()
	l := startLab(t, t.TempDir())
	l.task("PATCH", "/indexes/doggo/settings", `{"embedders":{"manual":{"source":"userProvided","dimensions":3}},"localizedAttributes":[{"attributePatterns":["*_ja"],"locales":["ja","zho","cmn"]}]}`, "succeeded")
	l.task("POST", "/indexes/doggo/documents", `[{"id":0,"_vectors":{"manual":[0,0,0]}},{"id":1,"_vectors":{"manual":[[1,1,1],[2,2,3]],"other":"kept"}},
		{"id":2,"_vectors":{"manual":null}},{"id":3,"_vectors":{"manual":{"regenerate":false,"embeddings":[3,3,3]}}}]`, "succeeded")
	return l
}

func (l *lab) embedded() string {
	l.Helper()
	stats := l.ask(testKey, "GET", "/indexes/doggo/stats", "", http.StatusOK, "")
	return toJSON(stats["numberOfEmbeddings"]) + " in " + toJSON(stats["numberOfEmbeddedDocuments"])
}

func TestVectors(t *testing.T) {
	l := vectorLab(t)
	for path, want := range map[string]string{
		"/indexes/doggo/settings/embedders": `{"manual":{"dimensions":3,"source":"userProvided"}}`,
		"/indexes/doggo/documents/1":        `{"id":1}`,
		"/indexes/doggo/stats":              `{"avgDocumentSize":8,"fieldDistribution":{"id":4},"isIndexing":false,"numberOfDocuments":4,"numberOfEmbeddedDocuments":3,"numberOfEmbeddings":4,"rawDocumentDbSize":32}`,
	} {
		if got := toJSON(l.ask(testKey, "GET", path, "", http.StatusOK, "")); got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
	all := l.ask(testKey, "GET", "/indexes/doggo/settings", "", http.StatusOK, "")
	if got := toJSON(all["localizedAttributes"]); got != `[{"attributePatterns":["*_ja"],"locales":["jpn","zho","cmn"]}]` {
		t.Errorf("localizedAttributes %s", got)
	}
	for _, c := range []struct{ method, body, want string }{
		{"POST", `{"id":0,"name":"replaced, and keeps its vectors"}`, "4 in 3"},
		{"PUT", `{"id":0,"_vectors":{"manual":{"regenerate":false}}}`, "4 in 3"},
		{"PUT", `{"id":0,"_vectors":{"manual":null}}`, "3 in 2"},
		{"PUT", `{"id":2,"_vectors":{"manual":[[1,2,3],[1,2,3],[1,2,3]]}}`, "6 in 3"},
	} {
		l.task(c.method, "/indexes/doggo/documents", c.body, "succeeded")
		if got := l.embedded(); got != c.want {
			t.Errorf("%s: %s vectors, want %s", c.body, got, c.want)
		}
	}
	l.stop()
	l = startLab(t, l.dir)
	if got := l.embedded(); got != "6 in 3" {
		t.Errorf("after a restart: %s", got)
	}
	l.task("DELETE", "/indexes/doggo/settings/embedders", "", "succeeded")
	if got := l.embedded(); got != "0 in 0" {
		t.Errorf("without the embedder: %s", got)
	}
	l.task("PATCH", "/indexes/doggo/settings/embedders", `{"manual":{"source":"userProvided","dimensions":3}}`, "succeeded")
	if got := l.embedded(); got != "6 in 3" {
		t.Errorf("with the embedder again: %s", got)
	}
	l.ask(testKey, "POST", "/indexes/doggo/search", `{"vector":[0,0,0],"hybrid":{"embedder":"manual"}}`, http.StatusNotImplemented, "stand_in_not_implemented")
}

func TestVectorErrors(t *testing.T) {
	l := vectorLab(t)
	bad := "invalid_vectors_type Index `doggo`: Bad embedder configuration in the document with id: `0`. "
	for vectors, want := range map[string]string{
		`{"manual":[0,0]}`:                                             "invalid_vector_dimensions Index `doggo`: Invalid vector dimensions in document with id `0` in `._vectors.manual`.\n  - note: embedding #0 has dimensions 2\n  - note: embedder `manual` requires 3",
		`{"manual":[[0,0,0],[1]]}`:                                     "invalid_vector_dimensions Index `doggo`: Invalid vector dimensions in document with id `0` in `._vectors.manual`.\n  - note: embedding #1 has dimensions 1",
		`{"manual":{"embeddings":[0,0,0]}}`:                            bad + "Missing field `._vectors.manual.regenerate`\n  - note: `._vectors.manual` must be an array of floats, an array of arrays of floats, or an object with field `regenerate`",
		`{"manual":{"embeddings":true,"regenerate":true}}`:             bad + "Invalid value type at `._vectors.manual.embeddings`: expected null or an array, but found a boolean: `true`",
		`{"manual":{"embeddings":[true],"regenerate":true}}`:           bad + "Invalid value type at `._vectors.manual.embeddings[0]`: expected a number or an array, but found a boolean: `true`",
		`{"manual":{"embeddings":[0.1,[0.2,0.3]],"regenerate":false}}`: bad + "Invalid value type at `._vectors.manual.embeddings[1]`: expected a number, but found an array: `[0.2,0.3]`",
		`{"manual":[[0.1,0.2],0.3]}`:                                   bad + "Invalid value type at `._vectors.manual[1]`: expected an array, but found a number: `0.3`",
		`{"manual":"no"}`:                                              bad + "Expected `._vectors.manual` to be an array of floats, an array of arrays of floats, or an object with at least the field `regenerate`, but got the string `no`",
		`[1]`:                                                          "invalid_vectors_type Index `doggo`: The `_vectors` field in the document with id: `0` is not an object.",
	} {
		e := l.task("POST", "/indexes/doggo/documents", `{"id":0,"_vectors":`+vectors+`}`, "failed")["error"].(map[string]any)
		if got := e["code"].(string) + " " + e["message"].(string); !strings.HasPrefix(got, want) {
			t.Errorf("%s: got %q, want %q", vectors, got, want)
		}
	}
	e := l.task("POST", "/indexes/doggo/documents", `[{"id":40},{"id":41}]`, "failed")["error"].(map[string]any)
	want := "Index `doggo`: While embedding documents for embedder `manual`: no vectors provided for document `40` and at least 1 other document(s)\n- Note: `manual` has " +
		"`source: userProvided`, so documents must provide embeddings as an array in `_vectors.manual`.\n- Hint: opt-out for a document with `_vectors.manual: null`"
	if e["code"] != "vector_embedding_error" || e["message"] != want {
		t.Errorf("got %v", e)
	}
	e = l.task("PATCH", "/indexes/doggo/settings", `{"embedders":{"late":{"source":"userProvided","dimensions":2}}}`, "failed")["error"].(map[string]any)
	if e["code"] != "vector_embedding_error" {
		t.Errorf("got %v", e)
	}
	l.task("PATCH", "/indexes/doggo/settings", `{"embedders":{"manual":{"dimensions":2}}}`, "failed")
	if got := l.embedded(); got != "4 in 3" {
		t.Errorf("after failures: %s", got)
	}
	e = l.task("PATCH", "/indexes/doggo/settings", `{"embedders":{"model":{"dimensions":2}}}`, "failed")["error"].(map[string]any)
	if e["code"] != "stand_in_not_implemented" {
		t.Errorf("got %v", e)
	}
}

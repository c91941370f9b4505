package main

import (
	"net/http"
	"strings"
	"testing"
)

const messages = `[
 {"id":1,"text":"The quarterly report is ready for review","author":"Ana","channel":"general","at":30,"tags":["work","q1"]},
 {"id":2,"text":"Can somebody review the deployment?","author":"Ben","channel":"dev","at":10,"tags":["work"]},
 {"id":3,"text":"deployment review: report at noon","author":"Ana","channel":"dev","at":20,"user":{"name":"Zoé"}},
 {"id":4,"text":"Lunch, anybody?","author":"Deployment bot","channel":"general","at":40}]`

func searchLab(t *testing.T) *lab {
	t.Helper()
	l := startLab(t, t.TempDir())
	l.task("POST", "/indexes/messages/documents", messages, "succeeded")
	l.task("PATCH", "/indexes/messages/settings", `{"filterableAttributes":["channel","author","tags","at"],"sortableAttributes":["at"],
		"searchableAttributes":["text","author","user"]}`, "succeeded")
	return l
}

func TestSearch(t *testing.T) {
	l := searchLab(t)
	for _, c := range []struct{ why, body, want string }{
		{"no query: all, in order", `{}`, "1 2 3 4"},
		{"one word, in the more important attribute first", `{"q":"deployment"}`, "3 2 4"},
		{"two typos from 9 letters on", `{"q":"deplyomnt"}`, "3 2 4"},
		{"one typo from 5 letters on", `{"q":"reviwe"}`, "3 2 1"},
		{"no second typo below 9 letters", `{"q":"rewiwe "}`, ""},
		{"a first-letter typo counts twice", `{"q":"teview "}`, ""},
		{"a first-letter typo takes both of 9 letters", `{"q":"teployment"}`, "3 2 4"},
		{"no typo below 5 letters", `{"q":"noom "}`, ""},
		{"prefix of the last word", `{"q":"dep"}`, "3 2 4"},
		{"no prefix when a space follows", `{"q":"dep "}`, ""},
		{"no prefix but on the last word", `{"q":"dep review","matchingStrategy":"all"}`, ""},
		{"words from the end are dropped; more words first", `{"q":"report quarterly"}`, "1 3"},
		{"all words", `{"q":"report noon","matchingStrategy":"all"}`, "3"},
		{"near words first", `{"q":"deployment review"}`, "3 2 4"},
		{"phrase", `{"q":"\"deployment review\""}`, "3"},
		{"without a word", `{"q":"review -deployment"}`, "1"},
		{"case and accents do not count", `{"q":"ZOE"}`, "3"},
		{"sort", `{"sort":["at:desc"]}`, "4 1 3 2"},
		{"filter", `{"filter":"channel = DEV"}`, "2 3"},
		{"filter with and", `{"filter":"channel = dev AND author = \"Ana\""}`, "3"},
		{"filter in an array", `{"filter":["channel = general",["tags = q1","at > 100"]]}`, "1"},
		{"filter with numbers, in and not", `{"filter":"at >= 20 AND NOT channel IN [general, x]"}`, "3"},
		{"limit and offset", `{"limit":2,"offset":1}`, "2 3"},
	} {
		if got := l.hits(c.body); got != c.want {
			t.Errorf("%s: %s found %q, want %q", c.why, c.body, got, c.want)
		}
	}
}

func TestSearchErrors(t *testing.T) {
	l := searchLab(t)
	for _, c := range []struct {
		body   string
		status int
		code   string
		text   string
	}{
		{`{"marin":"x"}`, 400, "bad_request", "Unknown field `marin`: expected one of `q`"},
		{`{"q":["x"]}`, 400, "invalid_search_q", "Invalid value type at `.q`: expected a string, but found an array: `[\"x\"]`"},
		{`{"limit":-1}`, 400, "invalid_search_limit", "expected a positive integer, but found a negative integer: `-1`"},
		{`{"filter":"text = x"}`, 400, "invalid_search_filter", "Index `messages`: Attribute `text` is not filterable. Available filterable attribute patterns are: `at`, `author`, `channel`, `tags`.\n1:5 text = x"},
		{`{"filter":"channel & x"}`, 400, "invalid_search_filter", "Was expecting an operation"},
		{`{"filter":true}`, 400, "invalid_search_filter", "expected String, Array, found: true"},
		{`{"sort":["id:asc"]}`, 400, "invalid_search_sort", "Index `messages`: Attribute `id` is not sortable. Available sortable attributes are: `at`."},
		{`{"sort":["at"]}`, 400, "invalid_search_sort", "expected expression ending by `:asc` or `:desc`, found `at`"},
		{`{"matchingStrategy":"some"}`, 400, "invalid_search_matching_strategy", "Unknown value `some` at `.matchingStrategy`"},
		{`{"matchingStrategy":"frequency"}`, 501, "stand_in_not_implemented", "lab's stand-in for MeiliSearch"},
		{`{"facets":["channel"]}`, 501, "stand_in_not_implemented", "the search parameter `facets` is not implemented"},
		{`{"filter":"channel EXISTS"}`, 501, "stand_in_not_implemented", "the filter operator `EXISTS`"},
		{`{"filter":"_geoRadius(1, 2, 3)"}`, 501, "stand_in_not_implemented", "`_geoRadius` in filters"},
	} {
		body := l.ask(testKey, "POST", "/indexes/messages/search", c.body, c.status, c.code)
		if !strings.Contains(body["message"].(string), c.text) {
			t.Errorf("%s: message %q, want %q in it", c.body, body["message"], c.text)
		}
	}
}

func TestHighlightAndAttributes(t *testing.T) {
	l := searchLab(t)
	body := `{"q":"deplyoment rev","attributesToHighlight":["text"],"attributesToRetrieve":["id"],"highlightPreTag":"<b>","highlightPostTag":"</b>","limit":1}`
	result := l.ask(testKey, "POST", "/indexes/messages/search", body, http.StatusOK, "")
	want := `[{"_formatted":{"id":"3","text":"<b>deployment</b> <b>rev</b>iew: report at noon"},"id":3}]`
	if got := toJSON(result["hits"]); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for field, want := range map[string]any{"query": "deplyoment rev", "limit": 1.0, "offset": 0.0, "estimatedTotalHits": 3.0} {
		if result[field] != want {
			t.Errorf("%s is %v, want %v", field, result[field], want)
		}
	}
	get := l.ask(testKey, "GET", "/indexes/messages/search?q=zo%C3%A9&attributesToHighlight=*&attributesToRetrieve=user.name&filter=channel%3Ddev", "", http.StatusOK, "")
	if got := toJSON(get["hits"].([]any)[0].(map[string]any)["user"]); got != `{"name":"Zoé"}` {
		t.Errorf("got %s", got)
	}
	l.task("PATCH", "/indexes/messages/settings", `{"displayedAttributes":["text"]}`, "succeeded")
	shown := l.ask(testKey, "POST", "/indexes/messages/search", `{"q":"lunch"}`, http.StatusOK, "")
	if got := toJSON(shown["hits"]); got != `[{"text":"Lunch, anybody?"}]` {
		t.Errorf("got %s", got)
	}
}

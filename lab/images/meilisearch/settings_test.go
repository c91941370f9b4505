package main

import (
	"net/http"
	"strings"
	"testing"
)

func TestSettings(t *testing.T) {
	l := startLab(t, t.TempDir())
	l.task("POST", "/indexes", `{"uid":"messages"}`, "succeeded")
	defaults := l.ask(testKey, "GET", "/indexes/messages/settings", "", http.StatusOK, "")
	want := `{"dictionary":[],"displayedAttributes":["*"],"distinctAttribute":null,"embedders":{},"facetSearch":true,` +
		`"faceting":{"maxValuesPerFacet":100,"sortFacetValuesBy":{"*":"alpha"}},"filterableAttributes":[],"localizedAttributes":null,` +
		`"nonSeparatorTokens":[],"pagination":{"maxTotalHits":1000},"prefixSearch":"indexingTime","proximityPrecision":"byWord",` +
		`"rankingRules":["words","typo","proximity","attributeRank","sort","wordPosition","exactness"],"searchCutoffMs":null,` +
		`"searchableAttributes":["*"],"separatorTokens":[],"sortableAttributes":[],"stopWords":[],"synonyms":{},` +
		`"typoTolerance":{"disableOnAttributes":[],"disableOnNumbers":false,"disableOnWords":[],"enabled":true,"minWordSizeForTypos":{"oneTypo":5,"twoTypos":9}}}`
	if got := toJSON(defaults); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	l.task("PATCH", "/indexes/messages/settings", `{"stopWords":["the","a"],"typoTolerance":{"minWordSizeForTypos":{"oneTypo":4}},"pagination":{"maxTotalHits":2}}`, "succeeded")
	changed := l.ask(testKey, "GET", "/indexes/messages/settings", "", http.StatusOK, "")
	if got := toJSON(changed["stopWords"]) + toJSON(changed["typoTolerance"].(map[string]any)["minWordSizeForTypos"]); got != `["a","the"]{"oneTypo":4,"twoTypos":9}` {
		t.Errorf("got %s", got)
	}
	l.task("PUT", "/indexes/messages/settings/synonyms", `{"chat":["talk","instant messaging"]}`, "succeeded")
	l.task("DELETE", "/indexes/messages/settings/stop-words", "", "succeeded")
	failed := l.task("PATCH", "/indexes/messages/settings", `{"typoTolerance":{"minWordSizeForTypos":{"oneTypo":99}}}`, "failed")
	if code := failed["error"].(map[string]any)["code"]; code != "invalid_settings_typo_tolerance" {
		t.Errorf("got %v", code)
	}
}

func TestSettingsErrors(t *testing.T) {
	l := startLab(t, t.TempDir())
	for body, want := range map[string]string{
		`{"doggo":1}`:                                   "bad_request Unknown field `doggo`",
		`{"rankingRules":["custom"]}`:                   "invalid_settings_ranking_rules Invalid value at `.rankingRules[0]`: `custom` ranking rule is invalid",
		`{"rankingRules":["attribute","wordPosition"]}`: "invalid_settings_ranking_rules Mixed usage",
		`{"stopWords":"x"}`:                             "invalid_settings_stop_words Invalid value type at `.stopWords`: expected an array",
		`{"pagination":{"maxTotalHits":0}}`:             "invalid_settings_pagination Invalid value at `.pagination.maxTotalHits`",
		`{"faceting":{"x":1}}`:                          "invalid_settings_faceting Unknown field `x` inside `.faceting`",
		`{"typoTolerance":{"minWordSizeForTypos":{"oneTypo":9,"twoTypos":5}}}`: "invalid_settings_typo_tolerance Invalid value at `.typoTolerance.minWordSizeForTypos`",
		`{"dictionary":["J. R."]}`:                                       "stand_in_not_implemented Not answered: this is the lab's stand-in for MeiliSearch; the setting `dictionary` with another value than [] is not implemented",
		`{"prefixSearch":"disabled"}`:                                    "stand_in_not_implemented",
		`{"embedders":{"a":{"source":"rest"}}}`:                          "stand_in_not_implemented Not answered: this is the lab's stand-in for MeiliSearch; an embedder of source `rest` (`a`)",
		`{"embedders":{"a":{"source":"guess"}}}`:                         "invalid_settings_embedders Unknown value `guess` at `.embedders.a.source`: expected one of `openAi`, `huggingFace`, `ollama`, `userProvided`, `rest`, `composite`",
		`{"embedders":{"a":{"source":"userProvided"}}}`:                  "invalid_settings_embedders `.embedders.a`: Missing field `dimensions` (note: this field is mandatory for source `userProvided`)",
		`{"embedders":{"a":{"source":"userProvided","dimensions":0}}}`:   "invalid_settings_embedders `.embedders.a.dimensions`: `dimensions` cannot be zero",
		`{"embedders":{"a":{"source":"userProvided","dimensions":"3"}}}`: "invalid_settings_embedders Invalid value type at `.embedders.a.dimensions`: expected a positive integer",
		`{"embedders":{"manual":{"source":"userProvided","dimensions":128,"documentTemplate":"{{doc.t}}"}}}`: "invalid_settings_embedders `.embedders.manual`: Field `documentTemplate` unavailable for source `userProvided`.\n" +
			"  - note: `documentTemplate` is available for sources: `openAi`, `huggingFace`, `ollama`, `rest`\n  - note: available fields for source `userProvided`: `source`, `dimensions`, `distribution`, `binaryQuantized`",
		`{"embedders":{"a":{"doggo":1}}}`:                                              "invalid_settings_embedders Unknown field `doggo` inside `.embedders.a`",
		`{"localizedAttributes":[{"attributePatterns":["*_ja"],"locales":["japan"]}]}`: "invalid_settings_localized_attributes Unknown value `japan` at `.localizedAttributes[0].locales[0]`: expected one of `af`, `ak`, `am`",
		`{"localizedAttributes":[{"attributePatterns":["*_ja"],"locales":"jpn"}]}`:     "invalid_settings_localized_attributes Invalid value type at `.localizedAttributes[0].locales`: expected an array, but found a string: `\"jpn\"`",
		`{"localizedAttributes":[{"attributePatterns":"*_ja","locales":["jpn"]}]}`:     "invalid_settings_localized_attributes Invalid value type at `.localizedAttributes[0].attributePatterns`: expected an array",
		`{"localizedAttributes":[{"locales":["jpn"]}]}`:                                "invalid_settings_localized_attributes Missing field `attributePatterns` inside `.localizedAttributes[0]`",
		`{"filterableAttributes":[{"a":1}]}`:                                           "stand_in_not_implemented",
	} {
		_, object := l.call(testKey, "PATCH", "/indexes/messages/settings", body)
		if got := object["code"].(string) + " " + object["message"].(string); !strings.HasPrefix(got, want) {
			t.Errorf("%s: got %q, want %q", body, got, want)
		}
	}
}

func TestSettingsInSearch(t *testing.T) {
	l := startLab(t, t.TempDir())
	l.task("POST", "/indexes/messages/documents", `[{"id":1,"text":"let us talk","room":"a","n":2},{"id":2,"text":"the chatter room","room":"a","n":1},{"id":3,"text":"instant messaging","room":"b","n":3}]`, "succeeded")
	for _, c := range []struct{ settings, query, want string }{
		{`{"synonyms":{"chat":["talk","instant messaging"]}}`, `{"q":"chat "}`, "3 1"},
		{`{"synonyms":{"the room":["instant messaging"],"no":["yes"]}}`, `{"q":"the room","matchingStrategy":"all"}`, "2 3"},
		{`{}`, `{"q":"the chatter room","matchingStrategy":"all"}`, "2"},
		{`{}`, `{"q":"the ","matchingStrategy":"all"}`, "2"},
		{`{"synonyms":null}`, `{"q":"the room","matchingStrategy":"all"}`, "2"},
		{`{"stopWords":["the"]}`, `{"q":"the talk"}`, "1"},
		{`{"distinctAttribute":"room"}`, `{}`, "1 3"},
		{`{"distinctAttribute":null,"rankingRules":["n:asc","words"]}`, `{}`, "2 1 3"},
		{`{"rankingRules":null,"typoTolerance":{"enabled":false}}`, `{"q":"chater"}`, ""},
		{`{"typoTolerance":{"enabled":true,"disableOnWords":["chater"]}}`, `{"q":"chater"}`, ""},
		{`{"typoTolerance":{"disableOnWords":null,"disableOnAttributes":["text"]}}`, `{"q":"chater"}`, ""},
		{`{"typoTolerance":null}`, `{"q":"chater"}`, "2"},
		{`{"searchableAttributes":["room"]}`, `{"q":"chatter"}`, ""},
		{`{"searchableAttributes":null,"pagination":{"maxTotalHits":2}}`, `{}`, "1 2"},
	} {
		l.task("PATCH", "/indexes/messages/settings", c.settings, "succeeded")
		if got := l.hits(c.query); got != c.want {
			t.Errorf("%s %s: found %q, want %q", c.settings, c.query, got, c.want)
		}
	}
}

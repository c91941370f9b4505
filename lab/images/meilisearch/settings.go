package main

import (
	"encoding/json"
	"maps"
	"time"
)

type settings struct {
	DisplayedAttributes  []string            `json:"displayedAttributes"`
	SearchableAttributes []string            `json:"searchableAttributes"`
	FilterableAttributes []string            `json:"filterableAttributes"`
	SortableAttributes   []string            `json:"sortableAttributes"`
	RankingRules         []string            `json:"rankingRules"`
	StopWords            []string            `json:"stopWords"`
	Synonyms             map[string][]string `json:"synonyms"`
	DistinctAttribute    *string             `json:"distinctAttribute"`
	TypoTolerance        typoTolerance       `json:"typoTolerance"`
	Faceting             faceting            `json:"faceting"`
	Pagination           pagination          `json:"pagination"`
	LocalizedAttributes  []localizedRule     `json:"localizedAttributes"`
	Embedders            map[string]embedder `json:"embedders"`
}

type typoTolerance struct {
	Enabled             bool        `json:"enabled"`
	MinWordSizeForTypos minWordSize `json:"minWordSizeForTypos"`
	DisableOnWords      []string    `json:"disableOnWords"`
	DisableOnAttributes []string    `json:"disableOnAttributes"`
	DisableOnNumbers    bool        `json:"disableOnNumbers"`
}

// minWordSize is in letters.
type minWordSize struct {
	OneTypo  int `json:"oneTypo"`
	TwoTypos int `json:"twoTypos"`
}

// faceting is kept and shown; facets themselves are refused in searches.
type faceting struct {
	MaxValuesPerFacet int               `json:"maxValuesPerFacet"`
	SortFacetValuesBy map[string]string `json:"sortFacetValuesBy"`
}

type pagination struct {
	MaxTotalHits int `json:"maxTotalHits"`
}

func defaultSettings() settings {
	return settings{
		DisplayedAttributes: []string{"*"}, SearchableAttributes: []string{"*"}, FilterableAttributes: []string{}, SortableAttributes: []string{},
		RankingRules: []string{"words", "typo", "proximity", "attributeRank", "sort", "wordPosition", "exactness"},
		StopWords:    []string{}, Synonyms: map[string][]string{},
		TypoTolerance: typoTolerance{true, minWordSize{5, 9}, []string{}, []string{}, false},
		Faceting:      faceting{100, map[string]string{"*": "alpha"}},
		Pagination:    pagination{1000},
		Embedders:     map[string]embedder{},
	}
}

// fixedSettings are those that the stand-in cannot change, with the values that the real server starts from, which it takes.
var fixedSettings = map[string]any{
	"nonSeparatorTokens": []string{}, "separatorTokens": []string{}, "dictionary": []string{}, "proximityPrecision": "byWord",
	"searchCutoffMs": nil, "facetSearch": true, "prefixSearch": "indexingTime",
}

// unlistedSettings exist in the real server, and show only once an experimental feature is on.
var unlistedSettings = []string{"foreignKeys", "chat"}

func (s settings) view() map[string]any {
	view := maps.Clone(fixedSettings)
	_ = json.Unmarshal([]byte(toJSON(s)), &view) // our own JSON
	return view
}

func (st *state) updateSettings(t *task, now time.Time) error {
	ix, err := st.ensureIndex(t, now)
	if err != nil {
		return err
	}
	var patch map[string]any
	if err := decode(t.Payload, &patch); err != nil {
		return err
	}
	next := ix.Settings
	if err := next.patch(patch, ""); err != nil {
		return err
	}
	if size := next.TypoTolerance.MinWordSizeForTypos; size.OneTypo > size.TwoTypos {
		return size.invalid("")
	}
	if err := ix.checkEmbedders(next); err != nil {
		return asAPIError(err).within(ix.UID)
	}
	ix.Settings, ix.UpdatedAt = next, now
	return nil
}

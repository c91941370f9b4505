package main

import (
	"net/http"
	"slices"
)

type searchParams struct {
	q                   string
	offset, limit       int
	retrieve, highlight []string
	preTag, postTag     string
	filter              any
	sort                []string
	matchAll            bool
}

var (
	searchFields = []string{"q", "offset", "limit", "attributesToRetrieve", "attributesToHighlight", "highlightPreTag", "highlightPostTag",
		"filter", "sort", "matchingStrategy"}
	refusedSearchFields = []string{"page", "hitsPerPage", "attributesToCrop", "cropLength", "cropMarker", "showMatchesPosition", "distinct", "facets",
		"attributesToSearchOn", "rankingScoreThreshold", "locales", "vector", "retrieveVectors", "useNetwork", "showRankingScore",
		"showRankingScoreDetails", "showPerformanceDetails"}
	refusedInBody  = append([]string{"hybrid", "media", "personalize"}, refusedSearchFields...)
	refusedInQuery = append([]string{"hybridEmbedder", "hybridSemanticRatio", "personalizeUserContext"}, refusedSearchFields...)
)

func readSearch(r *http.Request) (*searchParams, error) {
	if r.Method == http.MethodPost {
		body, err := readObject(r, slices.Concat(searchFields, refusedInBody)...)
		if err != nil {
			return nil, err
		}
		return searchFromBody(body)
	}
	q, err := readQuery(r, searchFields, refusedInQuery)
	if err != nil {
		return nil, err
	}
	return searchFromQuery(q)
}

func searchFromBody(body map[string]any) (*searchParams, error) {
	for _, field := range refusedInBody {
		// null and false ask for nothing
		if value := body[field]; value != nil && value != false {
			return nil, refuse("the search parameter `%s`", field)
		}
	}
	p := &searchParams{filter: body["filter"], preTag: "<em>", postTag: "</em>"}
	var err error
	for _, text := range []struct {
		field string
		into  *string
	}{{"q", &p.q}, {"highlightPreTag", &p.preTag}, {"highlightPostTag", &p.postTag}} {
		given, err := optString(body[text.field], "."+text.field, "invalid_search_"+snake(text.field))
		if err != nil {
			return nil, err
		}
		if given != nil {
			*text.into = *given
		}
	}
	if p.offset, err = optUint(body["offset"], ".offset", "invalid_search_offset", 0); err != nil {
		return nil, err
	}
	if p.limit, err = optUint(body["limit"], ".limit", "invalid_search_limit", 20); err != nil {
		return nil, err
	}
	for _, list := range []struct {
		field string
		into  *[]string
	}{{"attributesToRetrieve", &p.retrieve}, {"attributesToHighlight", &p.highlight}, {"sort", &p.sort}} {
		if *list.into, err = optStrings(body[list.field], "."+list.field, "invalid_search_"+snake(list.field)); err != nil {
			return nil, err
		}
	}
	strategy, err := optString(body["matchingStrategy"], ".matchingStrategy", "invalid_search_matching_strategy")
	if err != nil || strategy == nil {
		return p, err
	}
	return p, p.setStrategy(*strategy, "at `.matchingStrategy`")
}

func searchFromQuery(q query) (*searchParams, error) {
	p := &searchParams{q: q.values.Get("q"), preTag: "<em>", postTag: "</em>", retrieve: q.list("attributesToRetrieve"), sort: q.list("sort")}
	var err error
	if p.offset, err = q.uint("offset", "invalid_search_offset", 0); err != nil {
		return nil, err
	}
	if p.limit, err = q.uint("limit", "invalid_search_limit", 20); err != nil {
		return nil, err
	}
	if text := q.values.Get("filter"); text != "" {
		p.filter = text
		var list []any
		if decode([]byte(text), &list) == nil {
			p.filter = list
		}
	}
	if text := q.values.Get("attributesToHighlight"); text != "" {
		if p.highlight = q.list("attributesToHighlight"); p.highlight == nil {
			p.highlight = []string{"*"}
		}
	}
	if q.values.Has("highlightPreTag") {
		p.preTag = q.values.Get("highlightPreTag")
	}
	if q.values.Has("highlightPostTag") {
		p.postTag = q.values.Get("highlightPostTag")
	}
	if !q.values.Has("matchingStrategy") {
		return p, nil
	}
	return p, p.setStrategy(q.values.Get("matchingStrategy"), "for parameter `matchingStrategy`")
}

func (p *searchParams) setStrategy(strategy, where string) error {
	switch strategy {
	case "last", "all":
		p.matchAll = strategy == "all"
		return nil
	case "frequency":
		return refuse("the matching strategy `frequency`")
	}
	return fail("invalid_search_matching_strategy", "Unknown value `%s` %s: expected one of `last`, `all`, `frequency`", strategy, where)
}

package main

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// searchResult is the answer of a search with offset and limit.
type searchResult struct {
	Hits               []map[string]any `json:"hits"`
	Query              string           `json:"query"`
	ProcessingTimeMs   int64            `json:"processingTimeMs"`
	Limit              int              `json:"limit"`
	Offset             int              `json:"offset"`
	EstimatedTotalHits int              `json:"estimatedTotalHits"`
	RequestUID         string           `json:"requestUid"`
}

func (s *server) search(r *http.Request, caller access) (int, any, error) {
	began := time.Now()
	if r.Header.Get("Meili-Include-Metadata") != "" {
		return 0, nil, refuse("the header Meili-Include-Metadata")
	}
	params, err := readSearch(r)
	if err != nil {
		return 0, nil, err
	}
	params.filter = fuse(params.filter, caller.rules.filter(r.PathValue("uid")))
	return s.withIndex(r, func(ix *index) (any, error) {
		hits, total, m, err := ix.search(params)
		if err != nil {
			return nil, ix.name(asAPIError(err))
		}
		result := searchResult{[]map[string]any{}, params.q, 0, params.limit, params.offset, total, newRequestUID(began)}
		for _, h := range hits {
			result.Hits = append(result.Hits, ix.present(h.document, params, m))
		}
		result.ProcessingTimeMs = time.Since(began).Milliseconds()
		return result, nil
	})
}

// name adds the index to errors about its attributes, as the real server does; errors of syntax stay as they are.
func (ix *index) name(err *apiError) *apiError {
	if strings.HasPrefix(err.Message, "Attribute ") || strings.HasPrefix(err.Message, "You must ") {
		return err.within(ix.UID)
	}
	return err
}

// search answers one page of hits, and how many there are in all, up to maxTotalHits.
func (ix *index) search(params *searchParams) ([]hit, int, *matcher, error) {
	keep, err := parseFilter(params.filter, ix.Settings.FilterableAttributes)
	if err != nil {
		return nil, 0, nil, err
	}
	sorts, err := ix.checkSort(params.sort)
	if err != nil {
		return nil, 0, nil, err
	}
	m := newMatcher(params.q, ix, params.matchAll)
	var hits []hit
	for _, d := range ix.Documents {
		if !keep(d) {
			continue
		}
		if list, ok := m.match(d); ok {
			hits = append(hits, m.score(d, list))
		}
	}
	rank(hits, ix.Settings.RankingRules, sorts)
	hits = ix.distinct(hits)
	total := min(len(hits), ix.Settings.Pagination.MaxTotalHits)
	from := min(params.offset, total)
	return hits[from:min(from+params.limit, total)], total, m, nil
}

func (ix *index) checkSort(expressions []string) (sorts []sortBy, err error) {
	for _, expression := range expressions {
		if strings.HasPrefix(expression, "_geo") {
			return nil, refuse("sorting by `%s`", expression)
		}
		by, ok := parseSort(expression)
		if !ok {
			return nil, fail("invalid_search_sort", "Invalid syntax for the sort parameter: expected expression ending by `:asc` or `:desc`, found `%s`.", expression)
		}
		sortable := ix.Settings.SortableAttributes
		if !slices.ContainsFunc(sortable, func(name string) bool { return name == by.attribute || strings.HasPrefix(by.attribute, name+".") }) {
			available := "This index does not have configured sortable attributes."
			if len(sortable) > 0 {
				available = "Available sortable attributes are: `" + strings.Join(sortable, ", ") + "`."
			}
			return nil, fail("invalid_search_sort", "Attribute `%s` is not sortable. %s", by.attribute, available)
		}
		sorts = append(sorts, by)
	}
	if len(sorts) > 0 && !slices.Contains(ix.Settings.RankingRules, "sort") {
		return nil, fail("invalid_search_sort", "You must specify where `sort` is listed in the rankingRules setting to use the sort parameter at search time.")
	}
	return sorts, nil
}

// distinct keeps the best hit of each value of the distinct attribute; hits without one are all kept.
func (ix *index) distinct(hits []hit) []hit {
	if ix.Settings.DistinctAttribute == nil {
		return hits
	}
	seen := map[string]bool{}
	return slices.DeleteFunc(hits, func(h hit) bool {
		list := valuesAt(h.Fields, *ix.Settings.DistinctAttribute)
		repeated := slices.ContainsFunc(list, func(value any) bool { return seen[normal(value)] })
		if !repeated {
			for _, value := range list {
				seen[normal(value)] = true
			}
		}
		return repeated
	})
}

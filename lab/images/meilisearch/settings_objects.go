package main

import (
	"encoding/json"
	"fmt"
	"maps"
)

func patchSynonyms(s *settings, initial settings, value any, path, code string) error {
	if value == nil {
		s.Synonyms = initial.Synonyms
		return nil
	}
	object, ok := value.(map[string]any)
	if !ok {
		return wrongType(code, path, "an object", value)
	}
	synonyms := map[string][]string{}
	for _, word := range sortedKeys(object) {
		list, err := optStrings(object[word], path+"."+word, code)
		if err != nil {
			return err
		}
		synonyms[word] = list
	}
	s.Synonyms = synonyms
	return nil
}

func patchFaceting(s *settings, initial settings, value any, path, code string) error {
	if value == nil {
		s.Faceting = initial.Faceting
		return nil
	}
	object, err := objectWith(value, path, code, "maxValuesPerFacet", "sortFacetValuesBy")
	if err != nil {
		return err
	}
	next := s.Faceting
	if raw, given := object["maxValuesPerFacet"]; given {
		if next.MaxValuesPerFacet, err = optUint(raw, path+".maxValuesPerFacet", code, 100); err != nil {
			return err
		}
	}
	if raw, given := object["sortFacetValuesBy"]; given {
		next.SortFacetValuesBy = maps.Clone(initial.Faceting.SortFacetValuesBy)
		if raw != nil {
			orders, ok := raw.(map[string]any)
			if !ok {
				return wrongType(code, path+".sortFacetValuesBy", "an object", raw)
			}
			for facet, order := range orders {
				if order != "alpha" && order != "count" {
					return fail(code, "Unknown value `%v` at `%s.sortFacetValuesBy.%s`: expected one of `alpha`, `count`", order, path, facet)
				}
				next.SortFacetValuesBy[facet] = fmt.Sprint(order)
			}
		}
	}
	s.Faceting = next
	return nil
}

func patchPagination(s *settings, initial settings, value any, path, code string) error {
	if value == nil {
		s.Pagination = initial.Pagination
		return nil
	}
	object, err := objectWith(value, path, code, "maxTotalHits")
	if err != nil {
		return err
	}
	if object["maxTotalHits"] == json.Number("0") {
		return fail(code, "Invalid value at `%s.maxTotalHits`: a non-zero integer value lower than `18446744073709551615` was expected, but found a zero", path)
	}
	if raw, given := object["maxTotalHits"]; given {
		s.Pagination.MaxTotalHits, err = optUint(raw, path+".maxTotalHits", code, initial.Pagination.MaxTotalHits)
	}
	return err
}

func objectWith(value any, path, code string, accepted ...string) (map[string]any, error) {
	object, ok := value.(map[string]any)
	if !ok {
		return nil, wrongType(code, path, "an object", value)
	}
	return object, onlyFieldsOf(object, path, code, accepted)
}

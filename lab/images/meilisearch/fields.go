package main

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// The readers below take one field of a decoded body; a missing field and null both mean "not given".

func optString(value any, path, code string) (*string, error) {
	switch v := value.(type) {
	case nil:
		return nil, nil
	case string:
		return &v, nil
	}
	return nil, wrongType(code, path, "a string", value)
}

func optBool(value any, path, code string, initial bool) (bool, error) {
	switch v := value.(type) {
	case nil:
		return initial, nil
	case bool:
		return v, nil
	}
	return false, wrongType(code, path, "a boolean", value)
}

func optUint(value any, path, code string, initial int) (int, error) {
	if value == nil {
		return initial, nil
	}
	if number, ok := value.(json.Number); ok {
		if n, err := strconv.ParseUint(number.String(), 10, 64); err == nil {
			return int(min(n, math.MaxInt32)), nil
		}
	}
	return 0, wrongType(code, path, "a positive integer", value)
}

func optStrings(value any, path, code string) ([]string, error) {
	if value == nil {
		return nil, nil
	}
	list, ok := value.([]any)
	if !ok {
		return nil, wrongType(code, path, "an array", value)
	}
	texts := make([]string, 0, len(list))
	for i, item := range list {
		text, ok := item.(string)
		if !ok {
			return nil, wrongType(code, fmt.Sprintf("%s[%d]", path, i), "a string", item)
		}
		texts = append(texts, text)
	}
	return texts, nil
}

// query is the strict view of a request's query string.
type query struct{ values url.Values }

// readQuery refuses parameters that the real server does not know (400) and those that only it implements (501).
func readQuery(r *http.Request, accepted, refused []string) (query, error) {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return query{}, fail("bad_request", "Invalid query string: %v", err)
	}
	for _, name := range sortedKeys(values) {
		if slices.Contains(refused, name) {
			return query{}, refuse("the parameter `%s` of %s", name, r.Pattern)
		}
		if !slices.Contains(accepted, name) {
			return query{}, fail("bad_request", "Unknown parameter `%s`: expected one of %s", name, quoted(append(slices.Clone(accepted), refused...)))
		}
	}
	return query{values}, nil
}

func (q query) uint(name, code string, initial int) (int, error) {
	if !q.values.Has(name) {
		return initial, nil
	}
	n, err := strconv.ParseUint(q.values.Get(name), 10, 64)
	if err != nil {
		return 0, fail(code, "Invalid value in parameter `%s`: could not parse `%s` as a positive integer", name, q.values.Get(name))
	}
	return int(min(n, math.MaxInt32)), nil
}

// list reads a comma-separated parameter; nil stands for "not given" and for a star.
func (q query) list(name string) []string {
	if text := q.values.Get(name); text != "" && text != "*" {
		return strings.Split(text, ",")
	}
	return nil
}

// page is the shape of every paginated list.
type page struct {
	Results any `json:"results"`
	Offset  int `json:"offset"`
	Limit   int `json:"limit"`
	Total   int `json:"total"`
}

func paginate[T any](all []T, offset, limit int) page {
	from := min(offset, len(all))
	results := append([]T{}, all[from:min(len(all), from+limit)]...)
	return page{results, offset, limit, len(all)}
}

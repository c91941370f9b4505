package main

import (
	"cmp"
	"encoding/json"
	"strconv"
	"strings"
)

func numberOf(value any) (float64, bool) {
	if n, ok := value.(json.Number); ok {
		f, err := n.Float64()
		return f, err == nil
	}
	return 0, false
}

// compareValues orders two values; reversed says that the caller swapped them, and numbers must still come first.
func compareValues(a, b any, reversed bool) int {
	x, aNumber := numberOf(a)
	y, bNumber := numberOf(b)
	switch {
	case aNumber && bNumber:
		return cmp.Compare(x, y)
	case aNumber != bNumber:
		if aNumber != reversed {
			return -1
		}
		return 1
	}
	return strings.Compare(normal(a), normal(b))
}

// normal is the form in which filters and sorts compare text: case does not count.
func normal(value any) string {
	text, _ := textOf(value)
	var out strings.Builder
	for _, r := range strings.TrimSpace(text) {
		out.WriteString(fold(r))
	}
	return out.String()
}

// equals compares a document's value with one written in a filter.
func equals(value any, written string) bool {
	if number, ok := numberOf(value); ok {
		other, err := strconv.ParseFloat(written, 64)
		return err == nil && number == other
	}
	return normal(value) == normal(written)
}

// compare puts numbers before text, and documents without the attribute last in both directions.
func (by sortBy) compare(a, b any) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	case by.descending:
		return compareValues(b, a, true)
	}
	return compareValues(a, b, false)
}

// key is the value of a document that decides: of several, the one that comes first.
func (by sortBy) key(d *document) (best any) {
	for _, value := range valuesAt(d.Fields, by.attribute) {
		if by.compare(value, best) < 0 {
			best = value
		}
	}
	return best
}

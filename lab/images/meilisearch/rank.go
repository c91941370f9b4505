package main

import (
	"cmp"
	"slices"
	"strings"
)

// hit is a matching document with what the ranking rules look at.
type hit struct {
	*document
	found                                  []found
	typos, proximity, rank, position, edge int
	exact                                  int
	keys                                   []any // what decides for each sortBy, nil for none
}

// maxProximity is what two words in different attributes, or far apart, count as.
const maxProximity = 8

func (m *matcher) score(d *document, list []found) hit {
	h := hit{document: d, found: list, edge: m.exactAttribute(d)}
	for i, f := range list {
		h.typos += f.typos
		best := f.places[0]
		for _, p := range f.places {
			if p.rank < best.rank || p.rank == best.rank && p.at < best.at {
				best = p
			}
		}
		h.rank += best.rank
		h.position += best.at
		if f.exact {
			h.exact++
		}
		if i > 0 {
			h.proximity += proximity(list[i-1].places, f.places)
		}
	}
	return h
}

// proximity is the least distance, in words, between two terms; words in the wrong order cost one more.
func proximity(left, right []place) int {
	least := maxProximity
	for _, l := range left {
		for _, r := range right {
			if l.attribute != r.attribute || l.at == r.at {
				continue
			}
			apart := r.at - l.at
			if apart < 0 {
				apart = 1 - apart
			}
			least = min(least, apart)
		}
	}
	return least
}

// sortBy is one criterion of the sort parameter or of a custom ranking rule.
type sortBy struct {
	attribute  string
	descending bool
}

func parseSort(expression string) (sortBy, bool) {
	i := strings.LastIndex(expression, ":")
	if i < 0 || expression[i+1:] != "asc" && expression[i+1:] != "desc" {
		return sortBy{}, false
	}
	return sortBy{expression[:i], expression[i+1:] == "desc"}, true
}

// criteria are the sorts that ranking rules come down to, in the order in which they decide.
func criteria(rules []string, sorts []sortBy) (list []sortBy) {
	for _, rule := range rules {
		if rule == "sort" {
			list = append(list, sorts...)
		} else if by, ok := parseSort(rule); ok {
			list = append(list, by)
		}
	}
	return list
}

// rank orders hits by the ranking rules. Hits that these cannot tell apart stay in document order.
func rank(hits []hit, rules []string, sorts []sortBy) {
	for i := range hits {
		for _, by := range criteria(rules, sorts) {
			hits[i].keys = append(hits[i].keys, by.key(hits[i].document))
		}
	}
	steps, next := []func(a, b hit) int{}, 0
	sorted := func(by sortBy) {
		i := next
		next++
		steps = append(steps, func(a, b hit) int { return by.compare(a.keys[i], b.keys[i]) })
	}
	for _, rule := range rules {
		if rule == "sort" {
			for _, by := range sorts {
				sorted(by)
			}
		} else if by, ok := parseSort(rule); ok {
			sorted(by)
		} else {
			steps = append(steps, builtIn[rule])
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int {
		for _, step := range steps {
			if order := step(a, b); order != 0 {
				return order
			}
		}
		return 0
	})
}

var builtIn = map[string]func(a, b hit) int{
	"words":         func(a, b hit) int { return cmp.Compare(len(b.found), len(a.found)) },
	"typo":          func(a, b hit) int { return cmp.Compare(a.typos, b.typos) },
	"proximity":     func(a, b hit) int { return cmp.Compare(a.proximity, b.proximity) },
	"attribute":     func(a, b hit) int { return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.position, b.position)) },
	"attributeRank": func(a, b hit) int { return cmp.Compare(a.rank, b.rank) },
	"wordPosition":  func(a, b hit) int { return cmp.Compare(a.position, b.position) },
	"exactness":     func(a, b hit) int { return cmp.Or(cmp.Compare(b.edge, a.edge), cmp.Compare(b.exact, a.exact)) },
}

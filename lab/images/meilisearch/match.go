package main

import "slices"

// place is where a term was found: the rank of the attribute, the attribute itself, and the word's position in it.
type place struct{ rank, attribute, at int }

// found is how one document matches one term: with the least typos possible, at these places.
type found struct {
	typos  int
	exact  bool
	places []place
}

// matcher holds what one search needs to match documents.
type matcher struct {
	terms    []*term // the positive ones, in the order of the query
	negative []*term
	query    []string // their words
	settings *settings
	ranks    map[string]int
	order    []string
	all      bool // matchingStrategy "all"
}

func newMatcher(q string, ix *index, all bool) *matcher {
	m := &matcher{settings: &ix.Settings, ranks: map[string]int{}, all: all, order: ix.Settings.SearchableAttributes}
	if slices.Contains(m.order, "*") {
		m.order = ix.Attributes
	}
	for _, t := range parseQuery(q, &ix.Settings) {
		if t.negative {
			m.negative = append(m.negative, t)
		} else {
			m.terms = append(m.terms, t)
			m.query = append(m.query, t.words...)
		}
	}
	return m
}

// rank is the importance of an attribute, from 0 on; -1 is for one that is not searched.
func (m *matcher) rank(path string) int {
	rank, known := m.ranks[path]
	if !known {
		rank = slices.IndexFunc(m.order, func(name string) bool { return covers(name, path) })
		m.ranks[path] = rank
	}
	return rank
}

// match drops terms from the end of the query until the document has the rest ("last"), or wants them all ("all").
// A phrase is never dropped. It answers what was found for the terms that count.
func (m *matcher) match(d *document) (list []found, ok bool) {
	for _, t := range m.negative {
		if len(m.find(t, d).places) > 0 {
			return nil, false
		}
	}
	dropped := false
	for i, t := range m.terms {
		f := m.find(t, d)
		switch {
		case len(f.places) == 0 && (i == 0 || m.all || t.phrase):
			return nil, false
		case len(f.places) == 0:
			dropped = true
		case !dropped || t.phrase:
			list = append(list, f)
		}
	}
	return list, true
}

func (m *matcher) find(t *term, d *document) found {
	best := found{typos: noMatch}
	for i := range d.attributes {
		a := &d.attributes[i]
		rank := m.rank(a.path)
		if rank < 0 {
			continue
		}
		if t.phrase {
			best.add(0, true, sequence(t.words, a, place{rank, i, 0}))
			continue
		}
		strict := anyCovers(m.settings.TypoTolerance.DisableOnAttributes, a.path)
		for _, w := range a.words {
			if typos := t.cost(w.text); typos == 0 || typos < noMatch && !strict {
				best.add(typos, w.text == t.words[0], []place{{rank, i, w.at}})
			}
		}
		for _, synonym := range t.synonyms {
			best.add(0, false, sequence(synonym, a, place{rank, i, 0}))
		}
	}
	return best
}

func (f *found) add(typos int, exact bool, places []place) {
	if len(places) == 0 || typos > f.typos {
		return
	}
	if typos < f.typos {
		f.typos, f.places = typos, nil
	}
	f.exact = f.exact || exact
	f.places = append(f.places, places...)
}

// sequence finds words that follow each other.
func sequence(list []string, a *attribute, p place) (places []place) {
	for i := 0; i+len(list) <= len(a.words) && len(list) > 0; i++ {
		if slices.EqualFunc(list, a.words[i:i+len(list)], func(text string, w word) bool { return text == w.text }) {
			places = append(places, place{p.rank, p.attribute, a.words[i].at})
		}
	}
	return places
}

// exactAttribute: 2 when an attribute is the query word by word, 1 when one starts with it.
func (m *matcher) exactAttribute(d *document) (level int) {
	for _, a := range d.attributes {
		if len(m.query) == 0 || len(a.words) < len(m.query) || m.rank(a.path) < 0 {
			continue
		}
		if !slices.EqualFunc(m.query, a.words[:len(m.query)], func(text string, w word) bool { return text == w.text }) {
			continue
		}
		if len(a.words) == len(m.query) {
			return 2
		}
		level = 1
	}
	return level
}

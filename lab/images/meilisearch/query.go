package main

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxQueryWords is the real server's limit: words beyond it are ignored.
const maxQueryWords = 10

// term is one part of a query: a word, or a phrase in double quotes.
type term struct {
	words    []string
	phrase   bool
	negative bool
	prefix   bool
	maxTypos int
	synonyms [][]string

	known map[string]int
}

// parseQuery cuts a query into terms, with stop words dropped and the typos that the settings allow.
func parseQuery(q string, s *settings) (terms []*term) {
	budget := maxQueryWords
	for q != "" && budget > 0 {
		negative := false
		q = strings.TrimLeftFunc(q, unicode.IsSpace)
		if rest, ok := strings.CutPrefix(q, "-"); ok && rest != "" && !unicode.IsSpace(rune(rest[0])) {
			negative, q = true, rest
		}
		if rest, quote := strings.CutPrefix(q, `"`); quote {
			inside, after, _ := strings.Cut(rest, `"`)
			q = after
			if list := texts(words(inside)); len(list) > 0 {
				terms = append(terms, &term{words: list, phrase: true, negative: negative})
				budget -= len(list)
			}
			continue
		}
		end := strings.IndexFunc(q, func(r rune) bool { return unicode.IsSpace(r) || r == '"' })
		if end < 0 {
			end = len(q)
		}
		chunk := q[:end]
		q = q[end:]
		list := words(chunk)
		for i, w := range list {
			if budget--; budget < 0 {
				break
			}
			last := q == "" && i == len(list)-1 && w.end == len(chunk)
			terms = append(terms, wordTerm(w.text, negative, last, s))
		}
	}
	addSynonyms(terms, s)
	return slices.DeleteFunc(terms, func(t *term) bool { return !t.phrase && slices.Contains(foldAll(s.StopWords), t.words[0]) })
}

func wordTerm(text string, negative, last bool, s *settings) *term {
	t := &term{words: []string{text}, negative: negative, prefix: last && !negative, known: map[string]int{}}
	if !negative {
		t.maxTypos = typosAllowed(text, s.TypoTolerance)
	}
	return t
}

// maxSynonymWords is how many words of a query the real server looks up together: longer synonyms never apply.
const maxSynonymWords = 3

// addSynonyms gives each word of a query that has a synonym, alone or with its neighbours, all of that synonym's texts:
// a document with one of them then matches all the words that it stands for.
func addSynonyms(terms []*term, s *settings) {
	for from, to := range s.Synonyms {
		list := texts(words(from))
		if len(list) == 0 || len(list) > maxSynonymWords {
			continue
		}
		for i := 0; i+len(list) <= len(terms); i++ {
			group := terms[i : i+len(list)]
			if !slices.EqualFunc(group, list, func(t *term, text string) bool { return !t.phrase && !t.negative && t.words[0] == text }) {
				continue
			}
			for _, t := range group {
				for _, synonym := range to {
					t.synonyms = append(t.synonyms, texts(words(synonym)))
				}
			}
		}
	}
}

// typosAllowed: one from 5 letters on and two from 9 on, unless settings say otherwise.
func typosAllowed(text string, tolerance typoTolerance) int {
	numeric := strings.IndexFunc(text, func(r rune) bool { return !unicode.IsDigit(r) }) < 0
	size := utf8.RuneCountInString(text)
	switch {
	case !tolerance.Enabled, tolerance.DisableOnNumbers && numeric, slices.Contains(foldAll(tolerance.DisableOnWords), text):
		return 0
	case size >= tolerance.MinWordSizeForTypos.TwoTypos:
		return 2
	case size >= tolerance.MinWordSizeForTypos.OneTypo:
		return 1
	}
	return 0
}

func texts(list []word) (out []string) {
	for _, w := range list {
		out = append(out, w.text)
	}
	return out
}

func foldAll(list []string) (out []string) {
	for _, text := range list {
		out = append(out, strings.Join(texts(words(text)), " "))
	}
	return out
}

package main

import (
	"maps"
	"strings"
)

// present shapes one hit: what may be displayed and is asked for, and _formatted when something is to be highlighted.
func (ix *index) present(d *document, params *searchParams, m *matcher) map[string]any {
	shown := project(d.Fields, ix.Settings.DisplayedAttributes)
	result := maps.Clone(shown)
	if params.retrieve != nil {
		result = project(shown, params.retrieve)
	}
	if len(params.highlight) > 0 {
		formatted := shown
		if params.retrieve != nil {
			formatted = project(shown, append(append([]string{}, params.retrieve...), params.highlight...))
		}
		result["_formatted"] = m.format("", formatted, params)
	}
	return result
}

// format turns numbers into text, as the real server does in _formatted, and marks matches where that is asked for.
func (m *matcher) format(path string, value any, params *searchParams) any {
	switch v := value.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, inner := range v {
			at := name
			if path != "" {
				at = path + "." + name
			}
			out[name] = m.format(at, inner, params)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, inner := range v {
			out[i] = m.format(path, inner, params)
		}
		return out
	case bool, nil:
		return v
	}
	text, _ := textOf(value)
	if anyCovers(params.highlight, path) {
		text = m.mark(text, params.preTag, params.postTag)
	}
	return text
}

func (m *matcher) mark(text, pre, post string) string {
	list := words(text)
	var out strings.Builder
	written := 0
	for i := 0; i < len(list); i++ {
		last, end := m.matchAt(text, list, i)
		if last < i {
			continue
		}
		out.WriteString(text[written:list[i].start] + pre + text[list[i].start:end] + post)
		written, i = end, last
	}
	return out.String() + text[written:]
}

// matchAt says up to which word, and which byte, the words from i on match the query; before i when they do not.
func (m *matcher) matchAt(text string, list []word, i int) (last, end int) {
	last = i - 1
	for _, t := range m.terms {
		sequences := append([][]string{}, t.synonyms...)
		if t.phrase {
			sequences = append(sequences, t.words)
		} else if typos := t.cost(list[i].text); typos < noMatch && last < i {
			last, end = i, list[i].end
			if t.prefix && typos == 0 {
				end = prefixEnd(text[list[i].start:end], t.words[0]) + list[i].start
			}
		}
		for _, words := range sequences {
			to := i + len(words) - 1
			if to < len(list) && to > last && len(sequence(words, &attribute{words: list[i : to+1]}, place{})) > 0 {
				last, end = to, list[to].end
			}
		}
	}
	return last, end
}

// prefixEnd is where, in bytes, the part of a word ends that a prefix covers: folding can change a word's length.
func prefixEnd(text, prefix string) int {
	var folded strings.Builder
	for i, r := range text {
		if folded.Len() >= len(prefix) {
			return i
		}
		if list := words(string(r)); len(list) > 0 {
			folded.WriteString(list[0].text)
		}
	}
	return len(text)
}

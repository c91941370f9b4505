package main

import (
	"encoding/json"
	"strings"
	"unicode"
)

// word is one word of a text: folded for comparing, with its place in words and its place in bytes.
type word struct {
	text       string
	at         int
	start, end int
}

// attribute is one value of a document, cut into words when it is stored.
type attribute struct {
	path  string
	words []word
}

// gap is how far apart, in words, the two sides of a hard separator (or two values of an array) count as.
const gap = 8

// words cuts a text at everything that is neither letter nor digit. The real server segments Chinese, Japanese, Thai and
// others by dictionary; here every ideograph and kana is a word of its own.
func words(text string) (list []word) {
	at, start := 0, -1
	var folded strings.Builder
	flush := func(end int) {
		if start >= 0 {
			list = append(list, word{folded.String(), at, start, end})
			at++
		}
		start = -1
		folded.Reset()
	}
	for i, r := range text {
		switch {
		case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana):
			flush(i)
			start = i
			folded.WriteRune(r)
			flush(i + len(string(r)))
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			if start < 0 {
				start = i
			}
			folded.WriteString(fold(r))
		case unicode.Is(unicode.Mn, r) && start >= 0:
			// A combining accent: part of the word, left out of the comparison.
		default:
			flush(i)
			if strings.ContainsRune(".,;:!?()[]{}|\"\n", r) && len(list) > 0 && at-list[len(list)-1].at < gap {
				at = list[len(list)-1].at + gap
			}
		}
	}
	flush(len(text))
	return list
}

// plain lists letters that differ from a plain one only by an accent, after lower-casing.
var plain = map[rune]string{'ß': "ss", 'æ': "ae", 'œ': "oe", 'ø': "o", 'ł': "l", 'đ': "d", 'ð': "d", 'þ': "th", 'ı': "i"}

func init() {
	for letter, accented := range map[string]string{
		"a": "àáâãäåāăąǎ", "c": "çćĉċč", "d": "ď", "e": "èéêëēĕėęě", "g": "ĝğġģ", "h": "ĥħ", "i": "ìíîïĩīĭįǐ", "j": "ĵ", "k": "ķ",
		"l": "ĺļľ", "n": "ñńņňŉ", "o": "òóôõöōŏőǒ", "r": "ŕŗř", "s": "śŝşšș", "t": "ţťŧț", "u": "ùúûüũūŭůűųǔ", "w": "ŵ", "y": "ýÿŷ", "z": "źżž",
	} {
		for _, r := range accented {
			plain[r] = letter
		}
	}
}

func fold(r rune) string {
	r = unicode.ToLower(r)
	if letter, ok := plain[r]; ok {
		return letter
	}
	return string(r)
}

// textOf is how a value is searched and highlighted; null and missing values have no text.
func textOf(leaf any) (string, bool) {
	switch v := leaf.(type) {
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case bool:
		return map[bool]string{true: "true", false: "false"}[v], true
	}
	return "", false
}

// tokenize cuts all values of a document; values of one path follow each other at a distance.
func (d *document) tokenize() {
	d.attributes = d.attributes[:0:0]
	leaves("", d.Fields, func(path string, leaf any) {
		text, ok := textOf(leaf)
		if !ok {
			return
		}
		found := words(text)
		if last := len(d.attributes) - 1; last >= 0 && d.attributes[last].path == path {
			if before := d.attributes[last].words; len(before) > 0 {
				for i := range found {
					found[i].at += before[len(before)-1].at + gap
				}
			}
			d.attributes[last].words = append(d.attributes[last].words, found...)
			return
		}
		d.attributes = append(d.attributes, attribute{path, found})
	})
}

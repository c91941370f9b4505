package main

import (
	"slices"
	"strings"
	"unicode"
)

// filterToken is a word, a quoted value or an operator of a filter, with its place in bytes.
type filterToken struct {
	text       string
	quoted     bool
	start, end int
}

func lexFilter(text string) (tokens []filterToken, err error) {
	for i := 0; i < len(text); {
		rest := text[i:]
		switch c := rest[0]; {
		case strings.IndexByte(" \t\n\r", c) >= 0:
			i++
		case c == '"' || c == '\'':
			value, length, ok := unquote(rest)
			if !ok {
				return nil, fail(filterCode, "Expression `%s` is missing the following closing delimiter: `%c`.", rest, c)
			}
			tokens = append(tokens, filterToken{value, true, i, i + length})
			i += length
		case strings.HasPrefix(rest, "!="), strings.HasPrefix(rest, ">="), strings.HasPrefix(rest, "<="):
			tokens = append(tokens, filterToken{rest[:2], false, i, i + 2})
			i += 2
		case strings.IndexByte("=<>()[],", c) >= 0:
			tokens = append(tokens, filterToken{rest[:1], false, i, i + 1})
			i++
		default:
			length := strings.IndexFunc(rest, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("=<>!()[],\"'", r) })
			if length == 0 {
				return nil, fail(filterCode, "Found unexpected characters in the filter: `%s`.", rest)
			}
			if length < 0 {
				length = len(rest)
			}
			tokens = append(tokens, filterToken{rest[:length], false, i, i + length})
			i += length
		}
	}
	return tokens, nil
}

// unquote reads a quoted value at the start of a text, where a backslash takes the next character as it is.
func unquote(text string) (value string, length int, ok bool) {
	var out strings.Builder
	for i := 1; i < len(text); i++ {
		switch {
		case text[i] == '\\' && i+1 < len(text):
			i++
			out.WriteByte(text[i])
		case text[i] == text[0]:
			return out.String(), i + 1, true
		default:
			out.WriteByte(text[i])
		}
	}
	return "", 0, false
}

// value takes the next token if it can be an attribute or a value.
func (p *filterParser) value() (filterToken, bool) {
	if p.next >= len(p.tokens) {
		return filterToken{}, false
	}
	t := p.tokens[p.next]
	reserved := slices.Contains([]string{"=", "!=", ">", ">=", "<", "<=", "(", ")", "[", "]", ",", "AND", "OR", "NOT", "IN"}, t.text)
	if reserved && !t.quoted {
		return filterToken{}, false
	}
	p.next++
	return t, true
}

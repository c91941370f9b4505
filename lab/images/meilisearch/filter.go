package main

import (
	"slices"
	"strings"
)

// predicate says whether a document passes a filter.
type predicate func(*document) bool

func everything(*document) bool { return true }

const filterCode = "invalid_search_filter"

// parseFilter reads a filter: a string, or an array whose items must all hold, where an array in it is a choice.
func parseFilter(value any, filterable []string) (predicate, error) {
	switch v := value.(type) {
	case nil:
		return everything, nil
	case string:
		return parseExpression(v, filterable)
	case []any:
		all := []predicate{}
		for _, item := range v {
			one, err := parseChoice(item, filterable)
			if err != nil {
				return nil, err
			}
			all = append(all, one)
		}
		return func(d *document) bool { return !slices.ContainsFunc(all, func(p predicate) bool { return !p(d) }) }, nil
	}
	return nil, fail(filterCode, "Invalid syntax for the filter parameter: `expected String, Array, found: %s`.", toJSON(value))
}

func parseChoice(item any, filterable []string) (predicate, error) {
	list, nested := item.([]any)
	if !nested {
		list = []any{item}
	}
	any := []predicate{}
	for _, choice := range list {
		text, ok := choice.(string)
		if !ok {
			return nil, fail(filterCode, "Invalid syntax for the filter parameter: `expected String, found: %s`.", toJSON(choice))
		}
		one, err := parseExpression(text, filterable)
		if err != nil {
			return nil, err
		}
		any = append(any, one)
	}
	return func(d *document) bool { return slices.ContainsFunc(any, func(p predicate) bool { return p(d) }) }, nil
}

func parseExpression(text string, filterable []string) (predicate, error) {
	if strings.TrimSpace(text) == "" {
		return everything, nil
	}
	tokens, err := lexFilter(text)
	if err != nil {
		return nil, err
	}
	p := filterParser{text: text, tokens: tokens, filterable: filterable}
	result, err := p.or()
	if err == nil && p.next < len(p.tokens) {
		err = fail(filterCode, "Found unexpected characters at the end of the filter: `%s`. You probably forgot an `OR` or an `AND` rule.", text[p.tokens[p.next].start:])
	}
	return result, err
}

// filterParser goes through: or = and {OR and}; and = not {AND not}; not = [NOT] ("(" or ")" | condition).
type filterParser struct {
	text       string
	tokens     []filterToken
	next       int
	filterable []string
}

func (p *filterParser) take(keyword string) bool {
	if p.next < len(p.tokens) && !p.tokens[p.next].quoted && p.tokens[p.next].text == keyword {
		p.next++
		return true
	}
	return false
}

func (p *filterParser) or() (predicate, error) {
	left, err := p.and()
	for err == nil && p.take("OR") {
		a := left
		var b predicate
		b, err = p.and()
		left = func(d *document) bool { return a(d) || b(d) }
	}
	return left, err
}

func (p *filterParser) and() (predicate, error) {
	left, err := p.not()
	for err == nil && p.take("AND") {
		a := left
		var b predicate
		b, err = p.not()
		left = func(d *document) bool { return a(d) && b(d) }
	}
	return left, err
}

func (p *filterParser) not() (predicate, error) {
	if p.take("NOT") {
		inner, err := p.not()
		return func(d *document) bool { return !inner(d) }, err
	}
	if p.take("(") {
		inner, err := p.or()
		if err == nil && !p.take(")") {
			err = fail(filterCode, "Expression `%s` is missing the following closing delimiter: `)`.", p.text)
		}
		return inner, err
	}
	return p.condition()
}

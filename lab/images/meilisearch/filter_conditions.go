package main

import (
	"slices"
	"strconv"
	"strings"
)

var refusedOperators = []string{"TO", "EXISTS", "IS", "CONTAINS", "STARTS"}

const operators = "`=`, `!=`, `>=`, `>`, `<=`, `<`, `IN`, `NOT IN`, `TO`, `EXISTS`, `NOT EXISTS`, `IS NULL`, `IS NOT NULL`, `IS EMPTY`, `IS NOT EMPTY`, `CONTAINS`, " +
	"`NOT CONTAINS`, `STARTS WITH`, `NOT STARTS WITH`, `_geoRadius`, `_geoBoundingBox` or `_geoPolygon`"

func (p *filterParser) condition() (predicate, error) {
	expected := fail(filterCode, "Was expecting an operation %s at `%s`.\n1:%d %s", operators, p.text, len([]rune(p.text))+1, p.text)
	attribute, ok := p.value()
	if !ok {
		return nil, expected
	}
	if strings.HasPrefix(attribute.text, "_") && !attribute.quoted {
		return nil, refuse("`%s` in filters", attribute.text)
	}
	for _, operator := range []string{"=", "!=", ">=", ">", "<=", "<", "IN"} {
		if p.take(operator) {
			return p.compare(attribute, operator)
		}
	}
	negated := p.take("NOT")
	if negated && p.take("IN") {
		inner, err := p.compare(attribute, "IN")
		return func(d *document) bool { return !inner(d) }, err
	}
	if p.next < len(p.tokens) {
		for ahead := p.next; ahead < min(p.next+2, len(p.tokens)); ahead++ {
			if t := p.tokens[ahead]; !t.quoted && slices.Contains(refusedOperators, t.text) {
				return nil, refuse("the filter operator `%s`", t.text)
			}
		}
	}
	return nil, expected
}

func (p *filterParser) compare(attribute filterToken, operator string) (predicate, error) {
	var list []string
	for more := true; more; more = operator == "IN" && p.take(",") {
		if operator == "IN" && len(list) == 0 && !p.take("[") {
			return nil, fail(filterCode, "Expected `[` after `IN` keyword at `%s`.", p.text)
		}
		value, ok := p.value()
		if !ok {
			if operator == "IN" {
				break
			}
			return nil, fail(filterCode, "Was expecting a value but instead got nothing.\n1:%d %s", len([]rune(p.text))+1, p.text)
		}
		list = append(list, value.text)
	}
	if operator == "IN" && !p.take("]") {
		return nil, fail(filterCode, "Expected only comma-separated field names inside `IN[..]` at `%s`.", p.text)
	}
	if err := p.checkFilterable(attribute); err != nil {
		return nil, err
	}
	return test(attribute.text, operator, list)
}

func (p *filterParser) checkFilterable(attribute filterToken) error {
	if slices.ContainsFunc(p.filterable, func(name string) bool { return name == attribute.text || strings.HasPrefix(attribute.text, name+".") }) {
		return nil
	}
	available := "This index does not have configured filterable attributes."
	if len(p.filterable) > 0 {
		available = "Available filterable attribute patterns are: " + quoted(p.filterable) + "."
	}
	start, end := attribute.start, attribute.end
	if attribute.quoted {
		start, end = start+1, end-1
	}
	column := func(i int) int { return len([]rune(p.text[:i])) + 1 }
	return fail(filterCode, "Attribute `%s` is not filterable. %s\n%d:%d %s", attribute.text, available, column(start), column(end), p.text)
}

// test builds the check of one condition; a document without the attribute passes only "!=".
func test(attribute, operator string, list []string) (predicate, error) {
	if operator == "=" || operator == "!=" || operator == "IN" {
		return func(d *document) bool {
			hit := slices.ContainsFunc(valuesAt(d.Fields, attribute), func(value any) bool {
				return slices.ContainsFunc(list, func(written string) bool { return equals(value, written) })
			})
			return hit != (operator == "!=")
		}, nil
	}
	limit, err := strconv.ParseFloat(list[0], 64)
	if err != nil {
		return nil, refuse("the filter operator `%s` on `%s`, which is not a number,", operator, list[0])
	}
	within := map[string]func(float64) bool{
		">": func(n float64) bool { return n > limit }, ">=": func(n float64) bool { return n >= limit },
		"<": func(n float64) bool { return n < limit }, "<=": func(n float64) bool { return n <= limit },
	}[operator]
	return func(d *document) bool {
		return slices.ContainsFunc(valuesAt(d.Fields, attribute), func(value any) bool {
			n, ok := numberOf(value)
			return ok && within(n)
		})
	}, nil
}

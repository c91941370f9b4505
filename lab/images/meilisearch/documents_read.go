package main

import (
	"net/http"
	"strings"
)

// browse is what the two routes that list documents take.
type browse struct {
	offset, limit int
	fields        []string
	filter        any
}

func (s *server) listDocuments(r *http.Request, _ access) (int, any, error) {
	q, err := readQuery(r, []string{"offset", "limit", "fields", "filter"}, []string{"retrieveVectors", "ids", "sort", "useNetwork"})
	if err != nil {
		return 0, nil, err
	}
	b := browse{fields: q.list("fields")}
	if b.offset, err = q.uint("offset", "invalid_document_offset", 0); err != nil {
		return 0, nil, err
	}
	if b.limit, err = q.uint("limit", "invalid_document_limit", 20); err != nil {
		return 0, nil, err
	}
	if text := q.values.Get("filter"); text != "" {
		b.filter = text
	}
	return s.withIndex(r, b.read)
}

func (s *server) fetchDocuments(r *http.Request, _ access) (int, any, error) {
	refused := []string{"retrieveVectors", "ids", "sort", "useNetwork"}
	body, err := readObject(r, append([]string{"offset", "limit", "fields", "filter"}, refused...)...)
	if err != nil {
		return 0, nil, err
	}
	for _, field := range refused {
		if value := body[field]; value != nil && value != false {
			return 0, nil, refuse("the field `%s` of documents/fetch", field)
		}
	}
	b := browse{filter: body["filter"]}
	if b.offset, err = optUint(body["offset"], ".offset", "invalid_document_offset", 0); err != nil {
		return 0, nil, err
	}
	if b.limit, err = optUint(body["limit"], ".limit", "invalid_document_limit", 20); err != nil {
		return 0, nil, err
	}
	if b.fields, err = optStrings(body["fields"], ".fields", "invalid_document_fields"); err != nil {
		return 0, nil, err
	}
	return s.withIndex(r, b.read)
}

func (b browse) read(ix *index) (any, error) {
	keep, err := parseFilter(b.filter, ix.Settings.FilterableAttributes)
	if err != nil {
		known := asAPIError(err)
		known.Code = strings.Replace(known.Code, "invalid_search_filter", "invalid_document_filter", 1)
		known.Link = strings.Replace(known.Link, "invalid_search_filter", "invalid_document_filter", 1)
		return nil, known
	}
	found := []map[string]any{}
	for _, d := range ix.Documents {
		if keep(d) {
			found = append(found, d.Fields)
		}
	}
	list := paginate(found, b.offset, b.limit)
	if b.fields != nil {
		shown := list.Results.([]map[string]any)
		for i, fields := range shown {
			shown[i] = project(fields, b.fields)
		}
	}
	return list, nil
}

func (s *server) getDocument(r *http.Request, _ access) (int, any, error) {
	q, err := readQuery(r, []string{"fields"}, []string{"retrieveVectors", "useNetwork"})
	if err != nil {
		return 0, nil, err
	}
	return s.withIndex(r, func(ix *index) (any, error) {
		d := ix.byID[r.PathValue("id")]
		if d == nil {
			return nil, fail("document_not_found", "Document `%s` not found.", r.PathValue("id"))
		}
		if fields := q.list("fields"); fields != nil {
			return project(d.Fields, fields), nil
		}
		return d.Fields, nil
	})
}

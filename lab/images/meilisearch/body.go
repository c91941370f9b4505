package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"sort"
	"strconv"
)

// maxPayload is the real server's default for MEILI_HTTP_PAYLOAD_SIZE_LIMIT.
const maxPayload = 100 << 20

func readBody(r *http.Request, accepted ...string) (kind string, data []byte, err error) {
	header := r.Header.Get("Content-Type")
	if header == "" {
		return "", nil, fail("missing_content_type", "A Content-Type header is missing. Accepted values for the Content-Type header are: %s", quoted(accepted))
	}
	kind, _, err = mime.ParseMediaType(header)
	if err != nil || !slices.Contains(accepted, kind) {
		return "", nil, fail("invalid_content_type", "The Content-Type `%s` is invalid. Accepted values for the Content-Type header are: %s", header, quoted(accepted))
	}
	if encoding := r.Header.Get("Content-Encoding"); encoding != "" && encoding != "identity" {
		return "", nil, refuse("the content encoding `%s`", encoding)
	}
	data, err = io.ReadAll(http.MaxBytesReader(nil, r.Body, maxPayload))
	if err == nil && len(bytes.TrimSpace(data)) == 0 {
		name := map[string]string{"application/x-ndjson": "ndjson", "text/csv": "csv"}[kind]
		if name == "" {
			name = "json"
		}
		err = fail("missing_payload", "A %s payload is missing.", name)
	}
	return kind, data, err
}

// decode keeps numbers as they were written.
func decode(data []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	if err := decoder.Decode(into); err != nil {
		return err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return fmt.Errorf("trailing characters")
	}
	return nil
}

func readJSON(r *http.Request) (any, error) {
	_, data, err := readBody(r, "application/json")
	if err != nil {
		return nil, err
	}
	var value any
	if err := decode(data, &value); err != nil {
		return nil, fail("malformed_payload", "The json payload provided is malformed. `%v`.", err)
	}
	return value, nil
}

// readObject reads a body that must be an object with no field but the accepted ones.
func readObject(r *http.Request, accepted ...string) (map[string]any, error) {
	value, err := readJSON(r)
	if err != nil {
		return nil, err
	}
	object, ok := value.(map[string]any)
	if !ok {
		return nil, wrongType("bad_request", "", "an object", value)
	}
	return object, onlyFields(object, "", accepted)
}

func onlyFields(object map[string]any, path string, accepted []string) error {
	return onlyFieldsOf(object, path, "bad_request", accepted)
}

func onlyFieldsOf(object map[string]any, path, code string, accepted []string) error {
	for _, name := range sortedKeys(object) {
		if !slices.Contains(accepted, name) {
			inside := ""
			if path != "" {
				inside = fmt.Sprintf(" inside `%s`", path)
			}
			return fail(code, "Unknown field `%s`%s: expected one of %s", name, inside, quoted(accepted))
		}
	}
	return nil
}

// wrongType words a type error as the real server does, with the value that was found.
func wrongType(code, path, expected string, value any) *apiError {
	at := ""
	if path != "" {
		at = fmt.Sprintf(" at `%s`", path)
	}
	return fail(code, "Invalid value type%s: expected %s, but found %s", at, expected, describe(value))
}

func describe(value any) string {
	kind := "an object"
	switch v := value.(type) {
	case nil:
		return "null"
	case string:
		kind = "a string"
	case bool:
		kind = "a boolean"
	case []any:
		kind = "an array"
	case json.Number:
		kind = "a number"
		if n, err := strconv.ParseInt(v.String(), 10, 64); err == nil && n < 0 {
			kind = "a negative integer"
		} else if err == nil {
			kind = "a positive integer"
		}
	}
	return fmt.Sprintf("%s: `%s`", kind, toJSON(value))
}

// toJSON writes compact JSON with no HTML escapes, as the real server does.
func toJSON(value any) string {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return "null"
	}
	return string(bytes.TrimSpace(out.Bytes()))
}

func sortedKeys[V any](object map[string]V) []string {
	names := make([]string, 0, len(object))
	for name := range object {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

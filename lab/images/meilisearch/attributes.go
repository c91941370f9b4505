package main

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

// Nested fields are named by dotted paths, as in the real server: "user.name".

// topLevel lists the attributes of a raw document in the order in which they were written.
func topLevel(raw json.RawMessage) (names []string) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	_, _ = decoder.Token() // the opening brace of an object that has been checked
	for decoder.More() {
		name, err := decoder.Token()
		text, ok := name.(string)
		var value json.RawMessage
		if err != nil || !ok || decoder.Decode(&value) != nil {
			return names
		}
		names = append(names, text)
	}
	return names
}

func lookup(fields map[string]any, path string) (any, bool) {
	if value, ok := fields[path]; ok {
		return value, true
	}
	for i := range len(path) {
		if path[i] != '.' {
			continue
		}
		if inner, ok := fields[path[:i]].(map[string]any); ok {
			if value, ok := lookup(inner, path[i+1:]); ok {
				return value, true
			}
		}
	}
	return nil, false
}

// leaves calls visit for every scalar of a value with its dotted path, in a stable order.
func leaves(path string, value any, visit func(path string, leaf any)) {
	switch v := value.(type) {
	case map[string]any:
		for _, name := range sortedKeys(v) {
			inner := name
			if path != "" {
				inner = path + "." + name
			}
			leaves(inner, v[name], visit)
		}
	case []any:
		for _, item := range v {
			leaves(path, item, visit)
		}
	default:
		visit(path, value)
	}
}

// valuesAt lists the scalars at a path, through arrays of values and of objects.
func valuesAt(fields map[string]any, path string) (found []any) {
	switch value := fields[path].(type) {
	case string, json.Number, bool:
		return []any{value}
	}
	leaves("", fields, func(at string, leaf any) {
		if at == path && leaf != nil {
			found = append(found, leaf)
		}
	})
	return found
}

// covers says whether a name in a settings list or a request covers a path: itself, all that is under it, or "*".
func covers(name, path string) bool {
	return name == "*" || name == path || strings.HasPrefix(path, name+".") || strings.HasSuffix(name, "*") && strings.HasPrefix(path, strings.TrimSuffix(name, "*"))
}

func anyCovers(names []string, path string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return covers(name, path) })
}

// project keeps the parts of a document that the names cover.
func project(fields map[string]any, names []string) map[string]any {
	kept, _ := projectInto("", fields, names).(map[string]any)
	if kept == nil {
		kept = map[string]any{}
	}
	return kept
}

func projectInto(path string, value any, names []string) any {
	if path != "" && anyCovers(names, path) {
		return value
	}
	switch v := value.(type) {
	case map[string]any:
		kept := map[string]any{}
		for name, inner := range v {
			at := name
			if path != "" {
				at = path + "." + name
			}
			if part := projectInto(at, inner, names); part != nil || anyCovers(names, at) {
				kept[name] = part
			}
		}
		if len(kept) > 0 {
			return kept
		}
	case []any:
		var kept []any
		for _, inner := range v {
			if part := projectInto(path, inner, names); part != nil {
				kept = append(kept, part)
			}
		}
		if kept != nil {
			return kept
		}
	}
	return nil
}

package main

import (
	"regexp"
	"slices"
	"strings"
)

// patchers read one setting each into s; null resets it to what initial holds.
var patchers = map[string]func(s *settings, initial settings, value any, path, code string) error{
	"displayedAttributes":  patchList(func(s *settings) *[]string { return &s.DisplayedAttributes }, false),
	"searchableAttributes": patchList(func(s *settings) *[]string { return &s.SearchableAttributes }, false),
	"filterableAttributes": patchFilterable,
	"sortableAttributes":   patchList(func(s *settings) *[]string { return &s.SortableAttributes }, true),
	"rankingRules":         patchRankingRules,
	"stopWords":            patchList(func(s *settings) *[]string { return &s.StopWords }, true),
	"synonyms":             patchSynonyms,
	"distinctAttribute": func(s *settings, _ settings, value any, path, code string) (err error) {
		s.DistinctAttribute, err = optString(value, path, code)
		return err
	},
	"typoTolerance":       patchTypoTolerance,
	"faceting":            patchFaceting,
	"pagination":          patchPagination,
	"localizedAttributes": patchLocalized,
	"embedders":           patchEmbedders,
}

func init() {
	for name, value := range fixedSettings {
		patchers[name] = patchFixed(name, toJSON(value))
	}
}

// patchFixed takes null and the initial value, which change nothing.
func patchFixed(name, initial string) func(*settings, settings, any, string, string) error {
	return func(_ *settings, _ settings, value any, _, _ string) error {
		if value == nil || toJSON(value) == initial {
			return nil
		}
		return refuse("the setting `%s` with another value than %s", name, initial)
	}
}

func settingNames() []string {
	names := slices.Concat(sortedKeys(patchers), unlistedSettings)
	slices.Sort(names)
	return names
}

// patch applies the settings that a body gives. Error paths leave out the name that a route already says (only).
func (s *settings) patch(body map[string]any, only string) error {
	initial := defaultSettings()
	for _, name := range sortedKeys(body) {
		apply := patchers[name]
		if apply == nil {
			return refuse("the setting `%s`", name)
		}
		path := "." + name
		if name == only {
			path = ""
		}
		if err := apply(s, initial, body[name], path, "invalid_settings_"+snake(name)); err != nil {
			return err
		}
	}
	return nil
}

// patchList reads a list of strings; sets are sorted and free of repeats, as the real server shows them.
func patchList(of func(*settings) *[]string, isSet bool) func(*settings, settings, any, string, string) error {
	return func(s *settings, initial settings, value any, path, code string) error {
		list, err := optStrings(value, path, code)
		if err != nil {
			return err
		}
		if list == nil {
			list = *of(&initial)
		} else if isSet {
			list = sortedSet(list)
		}
		*of(s) = list
		return refuseGeo(list)
	}
}

func sortedSet(list []string) []string {
	list = slices.Clone(list)
	slices.Sort(list)
	return slices.Compact(list)
}

func refuseGeo(names []string) error {
	for _, name := range names {
		if strings.HasPrefix(name, "_geo") || strings.HasPrefix(name, "_vectors") {
			return refuse("the attribute `%s` in settings", name)
		}
	}
	return nil
}

func patchFilterable(s *settings, initial settings, value any, path, code string) error {
	items, _ := value.([]any)
	for i, item := range items {
		if _, object := item.(map[string]any); object {
			return refuse("an object in `filterableAttributes[%d]`", i)
		}
	}
	return patchList(func(s *settings) *[]string { return &s.FilterableAttributes }, true)(s, initial, value, path, code)
}

var customRule = regexp.MustCompile(`^[^:]+:(asc|desc)$`)

func patchRankingRules(s *settings, initial settings, value any, path, code string) error {
	rules, err := optStrings(value, path, code)
	if err != nil {
		return err
	}
	if rules == nil {
		rules = initial.RankingRules
	}
	for i, rule := range rules {
		if builtIn[rule] == nil && rule != "sort" && !customRule.MatchString(rule) {
			return fail(code, "Invalid value at `%s[%d]`: `%s` ranking rule is invalid. Valid ranking rules are words, typo, sort, proximity, attribute, "+
				"exactness and custom ranking rules.", path, i, rule)
		}
	}
	if slices.Contains(rules, "attribute") && (slices.Contains(rules, "attributeRank") || slices.Contains(rules, "wordPosition")) {
		return fail(code, "Mixed usage of the attribute, attributeRank, and wordPosition ranking rules. You must either use the attribute ranking rule alone "+
			"or the attributeRank and wordPosition ranking rules.")
	}
	s.RankingRules = rules
	return refuseGeo(rules)
}

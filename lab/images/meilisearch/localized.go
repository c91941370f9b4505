package main

import (
	"fmt"
	"slices"
	"strings"
)

// localizedRule names languages for attributes. It is kept and shown; the stand-in cuts the words of all languages alike.
type localizedRule struct {
	AttributePatterns []string `json:"attributePatterns"`
	Locales           []string `json:"locales"`
}

// languages pairs the two codes of each language that the real server knows, in the order of its error message.
var languages = strings.Fields(`af:afr ak:aka am:amh ar:ara az:aze be:bel bn:ben bg:bul ca:cat cs:ces da:dan de:deu el:ell en:eng eo:epo et:est
fi:fin fr:fra gu:guj he:heb hi:hin hr:hrv hu:hun hy:hye id:ind it:ita jv:jav ja:jpn kn:kan ka:kat km:khm ko:kor la:lat lv:lav lt:lit ml:mal
mr:mar mk:mkd my:mya ne:nep nl:nld nb:nob or:ori pa:pan fa:pes pl:pol pt:por ro:ron ru:rus si:sin sk:slk sl:slv sn:sna es:spa sr:srp sv:swe
ta:tam te:tel tl:tgl th:tha tk:tuk tr:tur uk:ukr ur:urd uz:uzb vi:vie yi:yid zh:zho zu:zul`)

// locales lists every code; long turns the short ones into those of three letters, which is how the real server shows them.
var locales, long = func() (list []string, long map[string]string) {
	long = map[string]string{"cmn": "cmn"}
	var three []string
	for _, pair := range languages {
		short, code, _ := strings.Cut(pair, ":")
		list, three = append(list, short), append(three, code)
		long[short], long[code] = code, code
	}
	return append(append(list, three...), "cmn"), long
}()

func patchLocalized(s *settings, initial settings, value any, path, code string) error {
	if value == nil {
		s.LocalizedAttributes = initial.LocalizedAttributes
		return nil
	}
	items, ok := value.([]any)
	if !ok {
		return wrongType(code, path, "an array", value)
	}
	rules := []localizedRule{}
	for i, item := range items {
		rule, err := readLocalized(item, fmt.Sprintf("%s[%d]", path, i), code)
		if err != nil {
			return err
		}
		rules = append(rules, rule)
	}
	s.LocalizedAttributes = rules
	return nil
}

func readLocalized(item any, path, code string) (rule localizedRule, err error) {
	fields := []string{"attributePatterns", "locales"}
	object, ok := item.(map[string]any)
	if !ok {
		return rule, wrongType(code, path, "an object", item)
	}
	if err := onlyFieldsOf(object, path, code, fields); err != nil {
		return rule, err
	}
	for i, into := range []*[]string{&rule.AttributePatterns, &rule.Locales} {
		raw, given := object[fields[i]]
		switch {
		case !given:
			return rule, fail(code, "Missing field `%s` inside `%s`", fields[i], path)
		case raw == nil:
			return rule, wrongType(code, path+"."+fields[i], "an array", raw)
		}
		if *into, err = optStrings(raw, path+"."+fields[i], code); err != nil {
			return rule, err
		}
	}
	for i, locale := range rule.Locales {
		if !slices.Contains(locales, locale) {
			return rule, fail(code, "Unknown value `%s` at `%s.locales[%d]`: expected one of %s", locale, path, i, quoted(locales))
		}
		rule.Locales[i] = long[locale]
	}
	return rule, nil
}

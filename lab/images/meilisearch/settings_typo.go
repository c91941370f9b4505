package main

import "fmt"

// patchTypoTolerance changes only what is given; null anywhere resets that part.
func patchTypoTolerance(s *settings, initial settings, value any, path, code string) error {
	if value == nil {
		s.TypoTolerance = initial.TypoTolerance
		return nil
	}
	object, err := objectWith(value, path, code, "enabled", "minWordSizeForTypos", "disableOnWords", "disableOnAttributes", "disableOnNumbers")
	if err != nil {
		return err
	}
	next := s.TypoTolerance
	for _, flag := range []struct {
		name    string
		into    *bool
		initial bool
	}{{"enabled", &next.Enabled, true}, {"disableOnNumbers", &next.DisableOnNumbers, false}} {
		if raw, given := object[flag.name]; given {
			if *flag.into, err = optBool(raw, path+"."+flag.name, code, flag.initial); err != nil {
				return err
			}
		}
	}
	for _, list := range []struct {
		name string
		into *[]string
	}{{"disableOnWords", &next.DisableOnWords}, {"disableOnAttributes", &next.DisableOnAttributes}} {
		if raw, given := object[list.name]; given {
			names, err := optStrings(raw, path+"."+list.name, code)
			if err != nil {
				return err
			}
			*list.into = append([]string{}, sortedSet(names)...)
		}
	}
	if raw, given := object["minWordSizeForTypos"]; given {
		if err := next.MinWordSizeForTypos.patch(raw, path+".minWordSizeForTypos", code); err != nil {
			return err
		}
	}
	s.TypoTolerance = next
	return nil
}

func (m *minWordSize) patch(value any, path, code string) error {
	if value == nil {
		*m = minWordSize{5, 9}
		return nil
	}
	object, err := objectWith(value, path, code, "oneTypo", "twoTypos")
	if err != nil {
		return err
	}
	one, oneGiven := object["oneTypo"]
	if oneGiven {
		if m.OneTypo, err = optUint(one, path+".oneTypo", code, 5); err != nil {
			return err
		}
	}
	two, twoGiven := object["twoTypos"]
	if twoGiven {
		if m.TwoTypos, err = optUint(two, path+".twoTypos", code, 9); err != nil {
			return err
		}
	}
	// With one of the two given, the other is the index's, which only the task knows: it checks again.
	if m.TwoTypos > 255 || oneGiven && twoGiven && m.OneTypo > m.TwoTypos {
		return m.invalid(fmt.Sprintf("Invalid value at `%s`: ", path))
	}
	return nil
}

func (m *minWordSize) invalid(where string) error {
	return fail("invalid_settings_typo_tolerance", "%s`minWordSizeForTypos` setting is invalid. `oneTypo` and `twoTypos` fields should be between `0` and `255`, "+
		"and `twoTypos` should be greater or equals to `oneTypo` but found `oneTypo: %d` and twoTypos: %d`.", where, m.OneTypo, m.TwoTypos)
}

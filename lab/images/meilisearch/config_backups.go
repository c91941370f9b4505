package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// dailyInterval is what --schedule-snapshot stands for without a value, in seconds.
const dailyInterval = "86400"

// fillInterval writes the one option whose value may be left out in the form that the flag package reads.
func fillInterval(args []string) (filled []string) {
	for i := 0; i < len(args); i++ {
		if strings.TrimLeft(args[i], "-") != "schedule-snapshot" || !strings.HasPrefix(args[i], "-") {
			filled = append(filled, args[i])
			continue
		}
		value := dailyInterval
		if i+1 < len(args) && !strings.HasPrefix(args[i+1], "-") {
			i++
			value = args[i]
		}
		filled = append(filled, "--schedule-snapshot="+value)
	}
	return filled
}

// parseInterval reads seconds; an empty text turns scheduled snapshots off, as in the real server.
func parseInterval(text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	seconds, err := strconv.ParseUint(text, 10, 32)
	if err != nil {
		return 0, fmt.Errorf("invalid value '%s' for '--schedule-snapshot [<SNAPSHOT_INTERVAL_SEC>]': invalid digit found in string", text)
	}
	if seconds == 0 {
		return 0, errors.New("invalid value '0' for '--schedule-snapshot': the lab's stand-in for MeiliSearch takes no interval of zero seconds, " +
			"with which the real server queues snapshots without a pause")
	}
	return time.Duration(seconds) * time.Second, nil
}

// checkImports holds the real server's rules on what goes with what: a switch counts as given even when it says false.
func checkImports(values map[string]string, given map[string]bool) error {
	if given["import-dump"] && given["import-snapshot"] {
		return errors.New("the argument '--import-dump <IMPORT_DUMP>' cannot be used with '--import-snapshot <IMPORT_SNAPSHOT>'")
	}
	for _, need := range []struct{ option, value, ignoreMissing, ignoreIfDB string }{
		{"import-dump", "IMPORT_DUMP", "ignore-missing-dump", "ignore-dump-if-db-exists"},
		{"import-snapshot", "IMPORT_SNAPSHOT", "ignore-missing-snapshot", "ignore-snapshot-if-db-exists"},
	} {
		if given[need.option] && values[need.option] == "" {
			return fmt.Errorf("a value is required for '--%s <%s>' but none was supplied", need.option, need.value)
		}
		if !given[need.option] && (given[need.ignoreMissing] || given[need.ignoreIfDB]) {
			return fmt.Errorf("the following required arguments were not provided:\n  --%s <%s>", need.option, need.value)
		}
	}
	return nil
}

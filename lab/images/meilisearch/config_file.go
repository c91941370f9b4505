package main

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// fileLine matches what the stand-in reads of TOML: a key with a string, a number, true or false.
var fileLine = regexp.MustCompile(`^([a-z_]+)\s*=\s*("(?:[^"\\]|\\.)*"|\d+|true|false)\s*$`)

// notFromFile are the options that the real server takes from flags and variables only: Opt::export_to_env leaves them out.
var notFromFile = []string{"import-dump", "ignore-missing-dump", "ignore-dump-if-db-exists",
	"import-snapshot", "ignore-missing-snapshot", "ignore-snapshot-if-db-exists"}

// configPath finds the path of the configuration file, of which the real server reads no more before all else.
func configPath(args, environ []string) string {
	path := ""
	for _, pair := range environ {
		if value, found := strings.CutPrefix(pair, "MEILI_CONFIG_FILE_PATH="); found {
			path = value
		}
	}
	for i, arg := range args {
		if value, found := strings.CutPrefix(arg, "--config-file-path="); found {
			path = value
		} else if arg == "--config-file-path" && i+1 < len(args) {
			path = args[i+1]
		}
	}
	return path
}

// readConfigFile fills in what the file sets; variables and flags come after it and win.
func readConfigFile(path string, values map[string]string) error {
	if path == "" {
		return nil
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("unable to open or read the %q configuration file: %w", path, err)
	}
	for number, line := range strings.Split(string(content), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		parts := fileLine.FindStringSubmatch(line)
		if parts == nil {
			return fmt.Errorf("%s:%d: the lab's stand-in for MeiliSearch reads only lines of the form key = value", path, number+1)
		}
		flag := strings.ReplaceAll(parts[1], "_", "-")
		if flag == "config-file-path" || !slices.ContainsFunc(settable, func(s option) bool { return s.flag == flag }) {
			return fmt.Errorf("%s:%d: the lab's stand-in for MeiliSearch does not implement %s", path, number+1, parts[1])
		}
		if slices.Contains(notFromFile, flag) {
			return fmt.Errorf("%s:%d: the real server reads %s in a configuration file and then ignores it; give the flag or the variable", path, number+1, parts[1])
		}
		value := parts[2]
		if flag == "schedule-snapshot" {
			if strings.HasPrefix(value, `"`) {
				return fmt.Errorf("%s:%d: invalid type: string %s, expected integer or boolean", path, number+1, value)
			}
			switch value {
			case "true":
				value = dailyInterval
			case "false":
				value = ""
			}
		}
		if strings.HasPrefix(value, `"`) {
			if value, err = strconv.Unquote(value); err != nil {
				return fmt.Errorf("%s:%d: %w", path, number+1, err)
			}
		}
		values[flag] = value
	}
	return nil
}

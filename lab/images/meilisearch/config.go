package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"regexp"
	"slices"
	"strings"
	"time"
)

type config struct {
	dbPath, httpAddr, masterKey, env, logLevel string
	maxMemory, maxThreads                      string
	noAnalytics, metrics                       bool
	upgrade                                    upgradeFlags
	dumpDir, snapshotDir                       string
	scheduleSnapshot                           time.Duration // 0 for never
	dump, snapshot                             imported
}

// imported says what to start from, if anything, and which of the two obstacles to ignore.
type imported struct {
	path                      string
	ignoreMissing, ignoreIfDB bool
}

// upgradeFlags holds both names of one switch: MeiliSearch reads only the second from v1.51 on, only the first before.
type upgradeFlags struct{ dumpless, upgradeDB bool }

// minMasterKey is the least number of bytes that a production server takes as its master key.
const minMasterKey = 16

// errAnswered says that --help or --version was all there was to do.
var errAnswered = errors.New("answered")

// usageError is a mistake in flags or variables, for which the real server exits with 2.
type usageError struct{ error }

func exitCode(err error) int {
	if errors.As(err, &usageError{}) {
		return 2
	}
	return 1
}

// option is one launch option; those whose initial value is true or false are switches.
type option struct{ variable, flag, initial string }

var settable = []option{
	{"MEILI_CONFIG_FILE_PATH", "config-file-path", ""},
	{"MEILI_DB_PATH", "db-path", "./data.ms"},
	{"MEILI_HTTP_ADDR", "http-addr", "localhost:7700"},
	{"MEILI_MASTER_KEY", "master-key", ""},
	{"MEILI_ENV", "env", "development"},
	{"MEILI_NO_ANALYTICS", "no-analytics", "false"},
	{"MEILI_MAX_INDEXING_MEMORY", "max-indexing-memory", ""},
	{"MEILI_MAX_INDEXING_THREADS", "max-indexing-threads", ""},
	{"MEILI_LOG_LEVEL", "log-level", "INFO"},
	{"MEILI_EXPERIMENTAL_DUMPLESS_UPGRADE", "experimental-dumpless-upgrade", "false"},
	{"MEILI_UPGRADE_DB", "upgrade-db", "false"},
	{"MEILI_DUMP_DIR", "dump-dir", "dumps/"},
	{"MEILI_IMPORT_DUMP", "import-dump", ""},
	{"MEILI_IGNORE_MISSING_DUMP", "ignore-missing-dump", "false"},
	{"MEILI_IGNORE_DUMP_IF_DB_EXISTS", "ignore-dump-if-db-exists", "false"},
	{"MEILI_SNAPSHOT_DIR", "snapshot-dir", "snapshots/"},
	{"MEILI_SCHEDULE_SNAPSHOT", "schedule-snapshot", ""},
	{"MEILI_IMPORT_SNAPSHOT", "import-snapshot", ""},
	{"MEILI_IGNORE_MISSING_SNAPSHOT", "ignore-missing-snapshot", "false"},
	{"MEILI_IGNORE_SNAPSHOT_IF_DB_EXISTS", "ignore-snapshot-if-db-exists", "false"},
	{"MEILI_EXPERIMENTAL_ENABLE_METRICS", "experimental-enable-metrics", "false"},
}

// serviceLink matches what Kubernetes injects for a Service called "meili": nobody's setting.
var serviceLink = regexp.MustCompile(`^MEILI_(SERVICE_(HOST|PORT)|PORT)(_|$)`)

func loadConfig(args, environ []string, out io.Writer) (config, error) {
	values, given := map[string]string{}, map[string]bool{}
	for _, s := range settable {
		values[s.flag] = s.initial
	}
	if err := readConfigFile(configPath(args, environ), values); err != nil {
		return config{}, usageError{err}
	}
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		if !strings.HasPrefix(name, "MEILI_") || serviceLink.MatchString(name) {
			continue
		}
		i := slices.IndexFunc(settable, func(s option) bool { return s.variable == name })
		if i < 0 {
			return config{}, fmt.Errorf("%s is set, and the lab's stand-in for MeiliSearch does not implement it; unset it here, "+
				"or use the real server. Implemented: %s", name, strings.Join(variables(), ", "))
		}
		values[settable[i].flag], given[settable[i].flag] = value, true
	}
	flags := flag.NewFlagSet("meilisearch (the lab's stand-in)", flag.ContinueOnError)
	flags.SetOutput(out)
	for _, s := range settable {
		add := func(value string) error { values[s.flag], given[s.flag] = value, true; return nil }
		if s.initial == "true" || s.initial == "false" {
			flags.BoolFunc(s.flag, "true or false", add)
		} else {
			flags.Func(s.flag, "", add)
		}
	}
	showVersion := flags.Bool("version", false, "print the version")
	switch err := flags.Parse(fillInterval(args)); {
	case errors.Is(err, flag.ErrHelp):
		return config{}, errAnswered
	case err != nil:
		return config{}, usageError{fmt.Errorf("%w; the lab's stand-in for MeiliSearch implements no other flag", err)}
	case flags.NArg() > 0:
		return config{}, usageError{fmt.Errorf("unexpected argument '%s' found", flags.Arg(0))}
	case *showVersion:
		fmt.Fprintf(out, "meilisearch %s (the lab's stand-in, not MeiliSearch)\n", version)
		return config{}, errAnswered
	}
	if err := checkImports(values, given); err != nil {
		return config{}, usageError{err}
	}
	return check(values)
}

func variables() (names []string) {
	for _, s := range settable {
		names = append(names, s.variable)
	}
	return names
}

func check(values map[string]string) (config, error) {
	invalid := func(flag, possible string) error {
		return usageError{fmt.Errorf("invalid value '%s' for '--%s': expected %s", values[flag], flag, possible)}
	}
	for _, s := range settable {
		if s.initial == "false" && values[s.flag] != "true" && values[s.flag] != "false" {
			return config{}, invalid(s.flag, "true or false")
		}
	}
	if !slices.Contains([]string{"development", "production"}, values["env"]) {
		return config{}, invalid("env", "development or production")
	}
	if _, _, err := net.SplitHostPort(values["http-addr"]); err != nil {
		return config{}, invalid("http-addr", "host:port")
	}
	if !slices.Contains([]string{"OFF", "ERROR", "WARN", "INFO", "DEBUG", "TRACE"}, strings.ToUpper(values["log-level"])) {
		return config{}, invalid("log-level", "OFF, ERROR, WARN, INFO, DEBUG or TRACE")
	}
	for _, flag := range []string{"db-path", "dump-dir", "snapshot-dir"} {
		if values[flag] == "" {
			return config{}, invalid(flag, "a path")
		}
	}
	every, err := parseInterval(values["schedule-snapshot"])
	if err != nil {
		return config{}, usageError{err}
	}
	memory, ok := parseSize(values["max-indexing-memory"])
	if !ok {
		return config{}, invalid("max-indexing-memory", "a size such as 512MiB or 2GB")
	}
	threads, ok := parseThreads(values["max-indexing-threads"])
	if !ok {
		return config{}, invalid("max-indexing-threads", "a number of threads, or unlimited")
	}
	return config{
		dbPath: values["db-path"], httpAddr: values["http-addr"], masterKey: values["master-key"], env: values["env"],
		logLevel: strings.ToUpper(values["log-level"]), maxMemory: memory, maxThreads: threads,
		noAnalytics: values["no-analytics"] == "true", metrics: values["experimental-enable-metrics"] == "true",
		upgrade: upgradeFlags{values["experimental-dumpless-upgrade"] == "true", values["upgrade-db"] == "true"},
		dumpDir: values["dump-dir"], snapshotDir: values["snapshot-dir"], scheduleSnapshot: every,
		dump:     imported{values["import-dump"], values["ignore-missing-dump"] == "true", values["ignore-dump-if-db-exists"] == "true"},
		snapshot: imported{values["import-snapshot"], values["ignore-missing-snapshot"] == "true", values["ignore-snapshot-if-db-exists"] == "true"},
	}, nil
}

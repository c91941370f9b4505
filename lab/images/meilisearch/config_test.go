package main

import (
	"io"
	"os"
	"strings"
	"testing"
	"time"
)

func TestConfig(t *testing.T) {
	for _, c := range []struct {
		args, env []string
		want      string // of the error; "" for none
	}{
		{nil, nil, ""},
		{nil, []string{"MEILI_PORT=tcp://10.0.0.1:7700", "MEILI_SERVICE_HOST=10.0.0.1", "MEILISEARCH_PORT=1"}, ""},
		{nil, []string{"MEILI_MAX_INDEXING_MEMORY=512MiB", "MEILI_MAX_INDEXING_THREADS=2", "MEILI_NO_ANALYTICS=true", "MEILI_LOG_LEVEL=warn"}, ""},
		{[]string{"--master-key", "short", "--env=development"}, nil, ""},
		{nil, []string{"MEILI_TASK_WEBHOOK_URL=http://h"}, "MEILI_TASK_WEBHOOK_URL is set, and the lab's stand-in for MeiliSearch does not implement it"},
		{nil, []string{"MEILI_TYPO=1"}, "MEILI_TYPO is set"},
		{nil, []string{"MEILI_DUMP_DIR=/d", "MEILI_SNAPSHOT_DIR=/s", "MEILI_IMPORT_DUMP=/x", "MEILI_IGNORE_MISSING_DUMP=true"}, ""},
		{nil, []string{"MEILI_DUMP_DIR="}, "invalid value '' for '--dump-dir'"},
		{nil, []string{"MEILI_IMPORT_DUMP="}, "a value is required for '--import-dump <IMPORT_DUMP>' but none was supplied"},
		{[]string{"--ignore-missing-snapshot"}, nil, "the following required arguments were not provided:\n  --import-snapshot <IMPORT_SNAPSHOT>"},
		{nil, []string{"MEILI_IGNORE_DUMP_IF_DB_EXISTS=false"}, "the following required arguments were not provided:\n  --import-dump <IMPORT_DUMP>"},
		{[]string{"--import-dump", "d"}, []string{"MEILI_IMPORT_SNAPSHOT=s"}, "the argument '--import-dump <IMPORT_DUMP>' cannot be used with '--import-snapshot <IMPORT_SNAPSHOT>'"},
		{[]string{"--schedule-snapshot", "soon"}, nil, "invalid value 'soon' for '--schedule-snapshot [<SNAPSHOT_INTERVAL_SEC>]': invalid digit found in string"},
		{nil, []string{"MEILI_SCHEDULE_SNAPSHOT=0"}, "takes no interval of zero seconds"},
		{nil, []string{"MEILI_ENV=prod"}, "invalid value 'prod' for '--env': expected development or production"},
		{nil, []string{"MEILI_NO_ANALYTICS=1"}, "invalid value '1' for '--no-analytics': expected true or false"},
		{nil, []string{"MEILI_MAX_INDEXING_MEMORY=lots"}, "invalid value 'lots' for '--max-indexing-memory'"},
		{nil, []string{"MEILI_MAX_INDEXING_THREADS=-1"}, "invalid value '-1' for '--max-indexing-threads'"},
		{nil, []string{"MEILI_HTTP_ADDR=7700"}, "invalid value '7700' for '--http-addr': expected host:port"},
		{nil, []string{"MEILI_LOG_LEVEL=loud"}, "invalid value 'loud' for '--log-level'"},
		{[]string{"--ssl-cert-path", "/d"}, nil, "the lab's stand-in for MeiliSearch implements no other flag"},
		{[]string{"serve"}, nil, "unexpected argument 'serve' found"},
		{[]string{"--env", "production"}, nil, "You must provide a master key to secure your instance in a production environment."},
		{nil, []string{"MEILI_ENV=production", "MEILI_MASTER_KEY=fifteen-bytes--"}, "The master key must be at least 16 bytes in a production environment. The provided key is only 15 bytes."},
		{nil, []string{"MEILI_ENV=production", "MEILI_MASTER_KEY=" + testKey}, ""},
	} {
		cfg, err := loadConfig(c.args, c.env, io.Discard)
		if err == nil {
			err = cfg.checkMasterKey()
		}
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%v %v: got %v, want %q", c.args, c.env, err, c.want)
		}
	}
}

func TestConfigFile(t *testing.T) {
	path := t.TempDir() + "/config.toml"
	for _, c := range []struct {
		content, env, want, key string
	}{
		{"# a comment\nmaster_key = \"from the file\"\n", "", "", "from the file"},
		{"master_key = \"from the file\"", "MEILI_MASTER_KEY=from a variable", "", "from a variable"},
		{"no_analytics = true", "", "", ""},
		{"ssl_cert_path = \"/d\"", "", "the lab's stand-in for MeiliSearch does not implement ssl_cert_path", ""},
		{"import_dump = \"/d\"", "", "the real server reads import_dump in a configuration file and then ignores it", ""},
		{"schedule_snapshot = \"60\"", "", "invalid type: string \"60\", expected integer or boolean", ""},
		{"schedule_snapshot = true\nmaster_key = \"k\"", "", "", "k"},
		{"[section]", "", "reads only lines of the form key = value", ""},
	} {
		if err := os.WriteFile(path, []byte(c.content), 0o600); err != nil {
			t.Fatal(err)
		}
		cfg, err := loadConfig(nil, []string{"MEILI_CONFIG_FILE_PATH=" + path, c.env}, io.Discard)
		if c.want == "" && (err != nil || cfg.masterKey != c.key) || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%q %q: got %q and %v", c.content, c.env, cfg.masterKey, err)
		}
	}
	if _, err := loadConfig([]string{"--config-file-path", path + ".missing"}, nil, io.Discard); err == nil {
		t.Error("a missing file is taken")
	}
}

func TestSnapshotInterval(t *testing.T) {
	for _, c := range []struct {
		args, env []string
		want      time.Duration
	}{
		{nil, nil, 0},
		{nil, []string{"MEILI_SCHEDULE_SNAPSHOT="}, 0},
		{nil, []string{"MEILI_SCHEDULE_SNAPSHOT=60"}, time.Minute},
		{[]string{"--schedule-snapshot"}, nil, 24 * time.Hour},
		{[]string{"--schedule-snapshot", "--no-analytics"}, nil, 24 * time.Hour},
		{[]string{"--schedule-snapshot", "3600"}, nil, time.Hour},
		{[]string{"--schedule-snapshot=5"}, []string{"MEILI_SCHEDULE_SNAPSHOT=60"}, 5 * time.Second},
	} {
		cfg, err := loadConfig(c.args, c.env, io.Discard)
		if err != nil || cfg.scheduleSnapshot != c.want {
			t.Errorf("%v %v: %v and %v, want %v", c.args, c.env, cfg.scheduleSnapshot, err, c.want)
		}
	}
}

func TestSizes(t *testing.T) {
	for text, want := range map[string]string{"": "unlimited", "512MiB": "536870912 bytes", "2 GB": "2000000000 bytes", "1024": "1024 bytes", "1.5kib": "1536 bytes"} {
		if got, ok := parseSize(text); !ok || got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
	for _, text := range []string{"MiB", "-1", "1 parsec", "0", "1ib"} {
		if got, ok := parseSize(text); ok {
			t.Errorf("%q is %q, want a refusal", text, got)
		}
	}
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b   string
		prefix bool
		want   int
	}{
		{"review", "review", false, 0}, {"reviwe", "review", false, 1}, {"rewiwe", "review", false, 2}, {"rev", "review", false, noMatch},
		{"rev", "review", true, 0}, {"rve", "review", true, 1}, {"review", "rev", true, noMatch}, {"é", "e", false, 1},
	} {
		if got := distance([]rune(c.a), []rune(c.b), c.prefix, 2); got != c.want {
			t.Errorf("%s and %s: %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

func TestWords(t *testing.T) {
	var got []string
	for _, w := range words("L'été, à Zürich: 2 œufs 東京 don't") {
		got = append(got, w.text)
	}
	if want := "l ete a zurich 2 oeufs 東 京 don t"; strings.Join(got, " ") != want {
		t.Errorf("got %q, want %q", strings.Join(got, " "), want)
	}
}

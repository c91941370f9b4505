package main

import (
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// backedUp is a stand-in with something of everything that dumps and snapshots keep.
func backedUp(t *testing.T) *lab {
	t.Helper()
	l := startLab(t, filepath.Join(t.TempDir(), "data.ms"))
	l.task("POST", "/indexes/messages/documents", messages, "succeeded")
	l.task("PATCH", "/indexes/messages/settings", `{"sortableAttributes":["at"],"synonyms":{"chat":["talk"]}}`, "succeeded")
	l.task("POST", "/indexes", `{"uid":"empty","primaryKey":"key"}`, "succeeded")
	l.task("PATCH", "/indexes/doggo/settings", `{"embedders":{"manual":{"source":"userProvided","dimensions":2}}}`, "succeeded")
	l.task("POST", "/indexes/doggo/documents", `{"id":1,"_vectors":{"manual":[[1,2],[3,4]]}}`, "succeeded")
	l.ask(testKey, "POST", "/keys", `{"uid":"`+knownUID+`","actions":["search"],"indexes":["*"],"expiresAt":null}`, http.StatusCreated, "")
	return l
}

var backedUpPaths = []string{"/keys", "/indexes", "/indexes/messages/settings", "/indexes/messages/documents", "/indexes/empty", "/indexes/doggo/settings", "/indexes/doggo/stats"}

func launch(t *testing.T, cfg config) *lab {
	t.Helper()
	cfg.dumpDir, cfg.snapshotDir = filepath.Join(t.TempDir(), "dumps"), t.TempDir()
	db, err := openDatabase(cfg, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	db.close()
	return startLab(t, cfg.dbPath)
}

func TestDumps(t *testing.T) {
	l := backedUp(t)
	before := l.read(backedUpPaths)
	queued := l.ask(testKey, "POST", "/dumps", "", http.StatusAccepted, "")
	if queued["type"] != "dumpCreation" || queued["indexUid"] != nil || queued["status"] != "enqueued" {
		t.Errorf("summary %v", queued)
	}
	name, _ := l.wait(queued, "succeeded")["details"].(map[string]any)["dumpUid"].(string)
	if !regexp.MustCompile(`^\d{8}-\d{9}$`).MatchString(name) {
		t.Fatalf("dumpUid %q", name)
	}
	path := filepath.Join(l.db.dumpDir, name+".dump")
	if left, _ := filepath.Glob(l.db.dumpDir + "/*"); len(left) != 1 || left[0] != path {
		t.Fatalf("the dump directory holds %v", left)
	}
	if listed := l.ask(testKey, "GET", "/tasks?types=upgradeDatabase,dumpCreation", "", 200, ""); listed["total"] != 1.0 {
		t.Errorf("tasks %v", listed)
	}
	l.stop()
	l = startLab(t, l.dir) // the journal is applied again without another dump
	if got := l.ask(testKey, "GET", "/tasks?types=dumpCreation", "", 200, ""); toJSON(got["results"].([]any)[0].(map[string]any)["details"]) != `{"dumpUid":"`+name+`"}` {
		t.Errorf("after a restart: %v", got)
	}
	defer func(v string) { version = v }(version)
	version = "1.62.3" // dumps cross versions
	imported := launch(t, config{dbPath: filepath.Join(t.TempDir(), "new"), dump: imported{path: path}})
	if after := imported.read(backedUpPaths); after != before {
		t.Errorf("before:\n%s\nafter:\n%s", before, after)
	}
	if got := imported.hits(`{"q":"deployment","sort":["at:asc"]}`); got != "2 3 4" {
		t.Errorf("found %q", got)
	}
	if list := imported.ask(testKey, "GET", "/tasks?statuses=succeeded", "", 200, ""); list["total"] != 6.0 {
		t.Errorf("tasks %v", list)
	}
	imported.task("POST", "/indexes/messages/documents", `{"id":5}`, "succeeded")
}

func TestSnapshots(t *testing.T) {
	l := backedUp(t)
	before := l.read(append(backedUpPaths, "/tasks"))
	for range 2 { // the second takes the place of the first
		done := l.task("POST", "/snapshots", "", "succeeded")
		if _, there := done["details"]; there || done["type"] != "snapshotCreation" || done["indexUid"] != nil {
			t.Errorf("task %v", done)
		}
		path := filepath.Join(l.db.snapshotDir, "data.ms.snapshot")
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != 0o444 {
			t.Fatalf("%v %v", info, err)
		}
		restored := launch(t, config{dbPath: filepath.Join(t.TempDir(), "other"), snapshot: imported{path: path}})
		if after := restored.read(append(backedUpPaths, "/tasks")); after != before {
			t.Errorf("before:\n%s\nafter:\n%s", before, after)
		}
		before = l.read(append(backedUpPaths, "/tasks"))
	}
}

func TestScheduledSnapshots(t *testing.T) {
	l := startLab(t, filepath.Join(t.TempDir(), "data.ms"))
	stop, cancel := context.WithCancel(context.Background())
	defer cancel()
	go l.db.schedule(stop, 20*time.Millisecond, io.Discard)
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if list := l.ask(testKey, "GET", "/tasks?types=snapshotCreation&statuses=succeeded", "", 200, ""); list["total"].(float64) >= 2 {
			if !exists(filepath.Join(l.db.snapshotDir, "data.ms.snapshot")) {
				t.Error("no snapshot")
			}
			return
		}
	}
	t.Error("no two snapshots in five seconds")
}

func TestFilesThatCannotBeWritten(t *testing.T) {
	l := startLab(t, filepath.Join(t.TempDir(), "data.ms"))
	want := func(task map[string]any, code, message string) {
		t.Helper()
		if e := task["error"].(map[string]any); e["code"] != code || !strings.Contains(e["message"].(string), message) {
			t.Errorf("error %v", e)
		}
	}
	l.db.snapshotDir = filepath.Join(l.dir, lockFile, "below")
	want(l.task("POST", "/snapshots", "", "failed"), "internal", "Not a directory (os error 20)")
	dumps := l.db.dumpDir
	l.db.dumpDir = filepath.Join(t.TempDir(), "gone")
	failed := l.task("POST", "/dumps", "", "failed")
	want(failed, "internal", "No such file or directory (os error 2)")
	if got := toJSON(failed["details"]); got != `{"dumpUid":null}` {
		t.Errorf("details %s", got)
	}
	l.db.dumpDir, l.db.snapshotDir = dumps, t.TempDir()
	defer func() { createTemp = os.CreateTemp }()
	createTemp = func(string, string) (*os.File, error) {
		link := filepath.Join(t.TempDir(), "full") // a link: the file is removed after the failure
		if err := os.Symlink("/dev/full", link); err != nil {
			return nil, err
		}
		return os.OpenFile(link, os.O_WRONLY, 0)
	}
	full := l.task("POST", "/dumps", "", "failed")
	want(full, "no_space_left_on_device", "No space left on device (os error 28)")
	if full["error"].(map[string]any)["type"] != "system" {
		t.Errorf("error %v", full["error"])
	}
	want(l.task("POST", "/snapshots", "", "failed"), "internal", "No space left on device (os error 28)")
}

func TestImportsThatAreRefused(t *testing.T) {
	l := backedUp(t)
	l.task("POST", "/snapshots", "", "succeeded")
	l.task("POST", "/dumps", "", "succeeded")
	snapshot := filepath.Join(l.db.snapshotDir, "data.ms.snapshot")
	dumps, _ := filepath.Glob(l.db.dumpDir + "/*.dump")
	foreign, text, cut := filepath.Join(t.TempDir(), "real.dump"), filepath.Join(t.TempDir(), "text.dump"), filepath.Join(t.TempDir(), "cut.dump")
	if err := (archive{"metadata.json": []byte(`{"dumpVersion":"V6","dbVersion":"1.50.0","dumpDate":"2026-08-26T10:11:12Z"}`), "VERSION": []byte("1.50.0")}).writeTo(foreign, 0o600); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(dumps[0])
	for path, data := range map[string][]byte{text: []byte("not a dump"), cut: whole[:len(whole)/2]} {
		if err == nil {
			err = os.WriteFile(path, data, 0o600)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	fresh := func() string { return filepath.Join(t.TempDir(), "data.ms") }
	for _, c := range []struct {
		cfg  config
		want string
	}{
		{config{dbPath: fresh(), dump: imported{path: "/no/such.dump"}}, `dump doesn't exist at "/no/such.dump"`},
		{config{dbPath: fresh(), snapshot: imported{path: "/no/such.snapshot"}}, `snapshot doesn't exist at /no/such.snapshot`},
		{config{dbPath: l.dir, dump: imported{path: dumps[0]}}, `database already exists at "` + l.dir + `", try to delete it or rename it`},
		{config{dbPath: l.dir, snapshot: imported{path: snapshot, ignoreMissing: true}}, "database already exists at"},
		{config{dbPath: fresh(), dump: imported{path: foreign}}, "was not written by the lab's stand-in"},
		{config{dbPath: fresh(), dump: imported{path: text}}, "invalid gzip header"},
		{config{dbPath: fresh(), dump: imported{path: cut}}, "unexpected EOF"},
		{config{dbPath: fresh(), dump: imported{path: t.TempDir()}}, "Is a directory (os error 21)"},
		{config{dbPath: fresh(), snapshot: imported{path: foreign}}, "was not written by the lab's stand-in"},
		{config{dbPath: fresh(), snapshot: imported{path: text}}, "invalid gzip header"},
	} {
		c.cfg.dumpDir = t.TempDir()
		db, err := openDatabase(c.cfg, io.Discard)
		if err == nil {
			db.close()
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want %q", err, c.want)
		}
		if c.cfg.dbPath != l.dir && exists(c.cfg.dbPath) {
			t.Errorf("%s: a database is left behind", c.want)
		}
	}
	l.stop()
	for _, cfg := range []config{
		{dbPath: l.dir, dump: imported{path: "/no/such.dump", ignoreIfDB: true}},
		{dbPath: fresh(), dump: imported{path: "/no/such.dump", ignoreMissing: true}},
		{dbPath: fresh(), snapshot: imported{path: "/no/such.snapshot", ignoreMissing: true}},
	} {
		launch(t, cfg).ask(testKey, "GET", "/stats", "", http.StatusOK, "")
	}
	defer func(v string) { version = v }(version)
	for v, want := range map[string]string{"1.51.0": "imports snapshots of the same version only", "1.49.9": "Database version 1.50.0 is higher than the Meilisearch version 1.49.9. Downgrade is not supported"} {
		version = v
		if _, err := openDatabase(config{dbPath: fresh(), snapshot: imported{path: snapshot}}, io.Discard); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

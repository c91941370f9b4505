package main

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestEverythingSurvivesARestart(t *testing.T) {
	dir := t.TempDir()
	l := startLab(t, dir)
	l.task("POST", "/indexes/messages/documents", messages, "succeeded")
	l.task("PATCH", "/indexes/messages/settings", `{"sortableAttributes":["at"]}`, "succeeded")
	l.task("DELETE", "/indexes/nowhere", "", "failed")
	l.ask(testKey, "POST", "/keys", `{"uid":"`+knownUID+`","actions":["search"],"indexes":["*"],"expiresAt":"2999-01-01"}`, http.StatusCreated, "")
	paths := []string{"/keys", "/tasks", "/indexes", "/indexes/messages", "/indexes/messages/settings", "/indexes/messages/documents"}
	before := l.read(paths)
	for range 2 { // the first restart replays the journal, the second reads the snapshot
		l.stop()
		l = startLab(t, dir)
		if after := l.read(paths); after != before {
			t.Errorf("before:\n%s\nafter:\n%s", before, after)
		}
		if got := l.hits(`{"q":"deplyoment","sort":["at:asc"]}`); got != "2 3 4" {
			t.Errorf("after a restart a search finds %q", got)
		}
	}
	l.task("POST", "/indexes/messages/documents", `{"id":5}`, "succeeded")
}

func (l *lab) read(paths []string) string {
	l.Helper()
	var all strings.Builder
	for _, path := range paths {
		all.WriteString(toJSON(l.ask(testKey, "GET", path, "", http.StatusOK, "")) + "\n")
	}
	return all.String()
}

func TestQueuedTasksRunAfterARestart(t *testing.T) {
	dir := t.TempDir()
	db, err := openStore(dir, upgradeFlags{}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	uid := "late"
	if _, err := db.enqueue(&task{Type: "indexCreation", IndexUID: &uid, Details: details{"primaryKey": nil}, Payload: []byte("null")}); err != nil {
		t.Fatal(err)
	}
	db.close() // before any worker ran
	l := startLab(t, dir)
	l.wait(map[string]any{"taskUid": 0}, "succeeded")
	l.ask(testKey, "GET", "/indexes/late", "", http.StatusOK, "")
}

func TestAChangeCutShortIsDropped(t *testing.T) {
	dir := t.TempDir()
	l := startLab(t, dir)
	l.task("POST", "/indexes", `{"uid":"kept"}`, "succeeded")
	l.stop()
	journal := filepath.Join(dir, journalFile)
	data, err := os.ReadFile(journal)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(journal, append(data, `{"seq":99,"enqueue":{"uid`...), 0o600); err != nil {
		t.Fatal(err)
	}
	l = startLab(t, dir)
	l.ask(testKey, "GET", "/indexes/kept", "", http.StatusOK, "")
	l.task("POST", "/indexes", `{"uid":"next"}`, "succeeded")
	l.stop()
	startLab(t, dir).ask(testKey, "GET", "/indexes/next", "", http.StatusOK, "")
}

func TestADamagedJournalIsRefused(t *testing.T) {
	dir := t.TempDir()
	l := startLab(t, dir)
	l.stop()
	if err := os.WriteFile(filepath.Join(dir, journalFile), []byte("{\"seq\":1\n{}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	wantRefusal(t, dir, upgradeFlags{}, "the stand-in's journal is damaged at byte 0")
}

func wantRefusal(t *testing.T, dir string, flags upgradeFlags, want string) {
	t.Helper()
	db, err := openStore(dir, flags, io.Discard)
	if err == nil {
		db.close()
		t.Fatalf("opened; want a refusal: %s", want)
	}
	if !strings.Contains(err.Error(), want) {
		t.Errorf("got %q, want %q in it", err, want)
	}
}

func TestVersions(t *testing.T) {
	dir := t.TempDir()
	startLab(t, dir).stop()
	file := filepath.Join(dir, versionFile)
	if data, err := os.ReadFile(file); err != nil || string(data) != version {
		t.Fatalf("VERSION is %q, %v", data, err)
	}
	set := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	set("1.49.3")
	wantRefusal(t, dir, upgradeFlags{}, "Your database version (1.49.3) is incompatible with your current engine version (1.50.0).")
	wantRefusal(t, dir, upgradeFlags{upgradeDB: true}, "Your database version (1.49.3) is incompatible")
	set("1.50.1")
	wantRefusal(t, dir, upgradeFlags{}, "Your database version (1.50.1) is incompatible with your current engine version (1.50.0).")
	set("1.11.9")
	wantRefusal(t, dir, upgradeFlags{dumpless: true}, "Database version 1.11.9 is too old for the experimental dumpless upgrade feature.")
	set("1.51.0")
	wantRefusal(t, dir, upgradeFlags{dumpless: true}, "Downgrade is not supported")
	set("one")
	wantRefusal(t, dir, upgradeFlags{}, "Version file is corrupted")
	set("1.49.3")
	db, err := openStore(dir, upgradeFlags{dumpless: true}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	db.close()
	l := startLab(t, dir)
	upgrade := l.wait(map[string]any{"taskUid": 0}, "succeeded")
	if got := toJSON(upgrade["details"]); upgrade["type"] != "upgradeDatabase" || got != `{"upgradeFrom":"v1.49.3","upgradeTo":"v1.50.0"}` {
		t.Errorf("task %v", upgrade)
	}
}

func TestForeignDirectories(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "instance-uid"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	wantRefusal(t, dir, upgradeFlags{}, "failed to infer the version of the database")
	if err := os.WriteFile(filepath.Join(dir, versionFile), []byte(version), 0o600); err != nil {
		t.Fatal(err)
	}
	wantRefusal(t, dir, upgradeFlags{}, "was not written by the lab's stand-in")

	dir = t.TempDir()
	startLab(t, dir)
	wantRefusal(t, dir, upgradeFlags{}, "another server has the database")
}

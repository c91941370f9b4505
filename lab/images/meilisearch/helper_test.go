package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

const testKey = "lab-master-key-0123456789"

// lab is one running stand-in. Stopping it does not close the store cleanly: what it acknowledged must be on disk.
type lab struct {
	*testing.T
	dir    string
	db     *store
	web    *httptest.Server
	cancel context.CancelFunc
	log    bytes.Buffer
}

func startLab(t *testing.T, dir string) *lab {
	t.Helper()
	l := &lab{T: t, dir: dir}
	db, err := openStore(dir, upgradeFlags{}, &l.log)
	if err != nil {
		t.Fatal(err)
	}
	l.db = db
	db.dumpDir, db.snapshotDir = t.TempDir(), t.TempDir()
	stop, cancel := context.WithCancel(context.Background())
	l.cancel = cancel
	db.start(stop)
	l.web = httptest.NewServer(newServer(config{masterKey: testKey, env: "production", logLevel: "OFF"}, db, io.Discard).handler())
	t.Cleanup(l.stop)
	return l
}

// stop lets go of the directory without another write, as a kill does.
func (l *lab) stop() {
	l.cancel()
	l.web.Close()
	l.db.close()
}

func (l *lab) call(key, method, path, body string) (int, map[string]any) {
	l.Helper()
	request, err := http.NewRequest(method, l.web.URL+path, strings.NewReader(body))
	if err != nil {
		l.Fatal(err)
	}
	if key != "" {
		request.Header.Set("Authorization", "Bearer "+key)
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		l.Fatal(err)
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		l.Fatal(err)
	}
	if response.Header.Get("X-Lab-Stand-In") != "meilisearch" {
		l.Errorf("%s %s: the answer does not say that it comes from the stand-in", method, path)
	}
	var object map[string]any
	if len(data) > 0 && json.Unmarshal(data, &object) != nil {
		l.Fatalf("%s %s: not an object: %s", method, path, data)
	}
	return response.StatusCode, object
}

// ask expects a status and a code ("" for none), and answers the body.
func (l *lab) ask(key, method, path, body string, status int, code string) map[string]any {
	l.Helper()
	got, object := l.call(key, method, path, body)
	found, _ := object["code"].(string)
	if got != status || found != code {
		l.Fatalf("%s %s %s: %d %q, want %d %q: %v", method, path, body, got, found, status, code, object)
	}
	return object
}

// task queues a change as the master and waits for how it ends.
func (l *lab) task(method, path, body, want string) map[string]any {
	l.Helper()
	return l.wait(l.ask(testKey, method, path, body, http.StatusAccepted, ""), want)
}

func (l *lab) wait(summary map[string]any, want string) map[string]any {
	l.Helper()
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		task := l.ask(testKey, "GET", "/tasks/"+toJSON(summary["taskUid"]), "", http.StatusOK, "")
		if task["status"] == "succeeded" || task["status"] == "failed" {
			if task["status"] != want {
				l.Fatalf("task %v, want %s", task, want)
			}
			return task
		}
	}
	l.Fatalf("task %v did not end", summary)
	return nil
}

// hits are the ids that a search finds, in order, as one string.
func (l *lab) hits(body string) string {
	l.Helper()
	result := l.ask(testKey, "POST", "/indexes/messages/search", body, http.StatusOK, "")
	var ids []string
	for _, hit := range result["hits"].([]any) {
		ids = append(ids, toJSON(hit.(map[string]any)["id"]))
	}
	return strings.Join(ids, " ")
}

package main

import (
	"net/http"
	"testing"
)

func TestDocuments(t *testing.T) {
	l := startLab(t, t.TempDir())
	added := l.task("POST", "/indexes/messages/documents", `[{"id":1,"text":"one","at":12345678901234567890},{"id":"two","text":"<b>"}]`, "succeeded")
	if got := toJSON(added["details"]); got != `{"indexedDocuments":2,"receivedDocuments":2}` {
		t.Errorf("details %s", got)
	}
	if got := l.ask(testKey, "GET", "/indexes/messages", "", http.StatusOK, "")["primaryKey"]; got != "id" {
		t.Errorf("inferred primary key %v", got)
	}
	l.task("PUT", "/indexes/messages/documents", `{"id":1,"more":true}`, "succeeded")
	if got := toJSON(l.ask(testKey, "GET", "/indexes/messages/documents/1?fields=id,text,more", "", http.StatusOK, "")); got != `{"id":1,"more":true,"text":"one"}` {
		t.Errorf("updated document %s", got)
	}
	l.task("POST", "/indexes/messages/documents", `{"id":1,"more":false}`, "succeeded")
	if got := toJSON(l.ask(testKey, "GET", "/indexes/messages/documents/1", "", http.StatusOK, "")); got != `{"id":1,"more":false}` {
		t.Errorf("replaced document %s", got)
	}
	list := l.ask(testKey, "GET", "/indexes/messages/documents?limit=1&offset=1&fields=id", "", http.StatusOK, "")
	if got := toJSON(list); got != `{"limit":1,"offset":1,"results":[{"id":"two"}],"total":2}` {
		t.Errorf("list %s", got)
	}
	l.ask(testKey, "GET", "/indexes/messages/documents/9", "", http.StatusNotFound, "document_not_found")
	l.ask(testKey, "POST", "/indexes/messages/documents/fetch", `{"filter":"id = 1"}`, http.StatusBadRequest, "invalid_document_filter")

	gone := l.task("POST", "/indexes/messages/documents/delete-batch", `["two",9]`, "succeeded")
	if got := toJSON(gone["details"]); got != `{"deletedDocuments":1,"originalFilter":null,"providedIds":2}` {
		t.Errorf("details %s", got)
	}
	l.task("DELETE", "/indexes/messages/documents/1", "", "succeeded")
	l.task("DELETE", "/indexes/messages/documents", "", "succeeded")
	stats := l.ask(testKey, "GET", "/stats", "", http.StatusOK, "")
	if got := stats["indexes"].(map[string]any)["messages"].(map[string]any)["numberOfDocuments"]; got != 0.0 {
		t.Errorf("%v documents are left", got)
	}
}

func TestDocumentErrors(t *testing.T) {
	l := startLab(t, t.TempDir())
	for _, c := range []struct {
		body   string
		status int
		code   string
	}{
		{`"text"`, 400, "malformed_payload"},
		{`[1]`, 400, "malformed_payload"},
		{`{"id":1`, 400, "malformed_payload"},
		{`{"id":1,"_geo":{}}`, 501, "stand_in_not_implemented"},
	} {
		l.ask(testKey, "POST", "/indexes/messages/documents", c.body, c.status, c.code)
	}
	l.ask(testKey, "POST", "/indexes/messages/documents", "", http.StatusUnsupportedMediaType, "missing_content_type")
	l.ask(testKey, "POST", "/indexes/messages/documents?doggo=1", `{}`, http.StatusBadRequest, "bad_request")

	for body, code := range map[string]string{
		`{"name":"x"}`:            "index_primary_key_no_candidate_found",
		`{"userId":1,"uid":2}`:    "index_primary_key_multiple_candidates_found",
		`[{"id":1},{"name":"x"}]`: "missing_document_id",
		`[{"id":1},{"id":"a b"}]`: "invalid_document_id",
		`[{"id":1.5}]`:            "invalid_document_id",
	} {
		task := l.task("POST", "/indexes/messages/documents", body, "failed")
		if got := task["error"].(map[string]any)["code"]; got != code || task["details"].(map[string]any)["indexedDocuments"] != 0.0 {
			t.Errorf("%s: %v, want %s", body, task, code)
		}
	}
	l.task("POST", "/indexes/messages/documents?primaryKey=userId", `{"userId":1,"uid":2}`, "succeeded")
	l.task("POST", "/indexes/messages/documents?primaryKey=uid", `{"userId":1,"uid":2}`, "failed")
}

func TestTasks(t *testing.T) {
	l := startLab(t, t.TempDir())
	queued := l.ask(testKey, "POST", "/indexes", `{"uid":"a","primaryKey":"key"}`, http.StatusAccepted, "")
	if queued["taskUid"] != 0.0 || queued["indexUid"] != "a" || queued["status"] != "enqueued" || queued["type"] != "indexCreation" {
		t.Errorf("summary %v", queued)
	}
	task := l.wait(queued, "succeeded")
	for _, field := range []string{"uid", "batchUid", "indexUid", "status", "type", "canceledBy", "details", "error", "duration", "enqueuedAt", "startedAt", "finishedAt"} {
		if _, there := task[field]; !there {
			t.Errorf("a task has no %s", field)
		}
	}
	if got := toJSON(task["details"]); got != `{"primaryKey":"key"}` {
		t.Errorf("details %s", got)
	}
	again := l.task("POST", "/indexes", `{"uid":"a"}`, "failed")
	want := "{\"code\":\"index_already_exists\",\"link\":\"https://docs.meilisearch.com/errors#index_already_exists\",\"message\":\"Index `a` already exists.\",\"type\":\"invalid_request\"}"
	if got := toJSON(again["error"]); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	l.task("DELETE", "/indexes/a", "", "succeeded")
	l.task("DELETE", "/indexes/a", "", "failed")

	list := l.ask(testKey, "GET", "/tasks?limit=2&from=2", "", http.StatusOK, "")
	if list["total"] != 4.0 || list["from"] != 2.0 || list["next"] != 0.0 || len(list["results"].([]any)) != 2 {
		t.Errorf("list %v", list)
	}
	if failed := l.ask(testKey, "GET", "/tasks?statuses=failed&types=indexDeletion&indexUids=a", "", http.StatusOK, ""); failed["total"] != 1.0 {
		t.Errorf("list %v", failed)
	}
	l.ask(testKey, "GET", "/tasks?statuses=lost", "", http.StatusBadRequest, "invalid_task_statuses")
	l.ask(testKey, "GET", "/tasks?reverse=true", "", http.StatusNotImplemented, "stand_in_not_implemented")
	l.ask(testKey, "GET", "/tasks/99", "", http.StatusNotFound, "task_not_found")
}

func TestEverythingElseIsRefused(t *testing.T) {
	l := startLab(t, t.TempDir())
	for _, route := range []string{"POST /multi-search", "GET /dumps/x/status", "POST /export", "POST /logs/stderr", "POST /swap-indexes", "GET /batches",
		"POST /indexes/a/facet-search", "POST /indexes/a/similar", "DELETE /tasks", "GET /experimental-features", "GET /",
		"POST /indexes/a/documents/delete", "POST /indexes/a/documents/edit", "GET /indexes/a/settings/chat", "GET /network"} {
		var method, path string
		for i := range route {
			if route[i] == ' ' {
				method, path = route[:i], route[i+1:]
			}
		}
		l.ask(testKey, method, path, "", http.StatusNotImplemented, "stand_in_not_implemented")
	}
}

func TestPreflight(t *testing.T) {
	l := startLab(t, t.TempDir())
	request, _ := http.NewRequest(http.MethodOptions, l.web.URL+"/indexes/a/search", nil)
	request.Header.Set("Origin", "http://app.example")
	request.Header.Set("Access-Control-Request-Method", "POST")
	request.Header.Set("Access-Control-Request-Headers", "authorization,content-type")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusOK || response.Header.Get("Access-Control-Allow-Origin") != "*" ||
		response.Header.Get("Access-Control-Allow-Headers") != "authorization,content-type" {
		t.Errorf("%d %v", response.StatusCode, response.Header)
	}
}

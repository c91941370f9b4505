package main

import (
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

func TestMetrics(t *testing.T) {
	l := searchLab(t)
	off := l.ask(testKey, "GET", "/metrics", "", http.StatusBadRequest, "feature_not_enabled")
	if off["message"] != "Getting metrics requires enabling the `metrics` experimental feature. See https://github.com/meilisearch/product/discussions/625" {
		t.Errorf("message %v", off["message"])
	}
	l.web.Config.Handler = newServer(config{masterKey: testKey, metrics: true}, l.db, io.Discard).handler()
	l.ask(testKey, "POST", "/indexes/messages/search", `{}`, 200, "")
	l.ask(testKey, "GET", "/indexes/none/settings/stop-words", "", 404, "index_not_found")
	l.ask(l.key(`"search"`, `"*"`), "GET", "/metrics", "", http.StatusForbidden, "invalid_api_key")
	l.ask(l.key(`"*"`, `"messages"`), "GET", "/metrics", "", http.StatusForbidden, "invalid_api_key")
	request, _ := http.NewRequest("GET", l.web.URL+"/metrics", nil)
	request.Header.Set("Authorization", "Bearer "+l.key(`"metrics.get"`, `"*"`))
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK || response.Header.Get("Content-Type") != "text/plain; version=0.0.4" {
		t.Fatalf("%d %v %v", response.StatusCode, response.Header, err)
	}
	for _, want := range []string{
		"# HELP meilisearch_db_size_bytes Meilisearch DB Size In Bytes", "# TYPE meilisearch_db_size_bytes gauge", "meilisearch_index_count 1",
		`meilisearch_index_docs_count{index="messages"} 4`, "meilisearch_is_indexing 0", `meilisearch_nb_tasks{kind="statuses",value="succeeded"} 2`,
		`meilisearch_nb_tasks{kind="types",value="settingsUpdate"} 1`, `meilisearch_nb_tasks{kind="types",value="dumpCreation"} 0`,
		`meilisearch_nb_tasks{kind="indexes",value="messages"} 2`, "# TYPE meilisearch_http_requests_total counter",
		`meilisearch_http_requests_total{method="POST",path="/indexes/{index_uid}/search",status="200"} 1`,
		`meilisearch_http_requests_total{method="GET",path="/indexes/{index_uid}/settings/stop-words",status="404"} 1`,
		`meilisearch_http_requests_total{method="GET",path="/metrics",status="403"} 2`, "meilisearch_task_queue_latency_seconds 0",
	} {
		if !strings.Contains(string(data), want+"\n") {
			t.Errorf("no %s in\n%s", want, data)
		}
	}
	line := regexp.MustCompile(`^(# (HELP|TYPE) meilisearch_\w+ .+|meilisearch_\w+(\{(\w+="[^"]*",?)+\})? [0-9.e+-]+)$`)
	for _, text := range strings.Split(strings.TrimSpace(string(data)), "\n") {
		if !line.MatchString(text) {
			t.Errorf("not a line of Prometheus: %q", text)
		}
	}
}

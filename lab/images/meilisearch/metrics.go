package main

import (
	"fmt"
	"net/http"
	"sort"
	"strings"
	"sync"
	"time"
)

// plainText is a body that is sent as it is.
type plainText struct{ kind, text string }

// requests counts answers for GET /metrics, since the launch.
type requests struct {
	mu     sync.Mutex
	counts map[string]int
}

// statusWriter remembers the status of an answer.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// realNames turns the names of this program's path parameters into the real server's, which its metrics show.
var realNames = strings.NewReplacer("{uid}", "{index_uid}", "{id}", "{document_id}", "{task}", "{task_id}", "{key}", "{key}")

func (c *requests) count(r *http.Request, status int) {
	path := r.URL.Path
	if _, pattern, found := strings.Cut(r.Pattern, " "); found {
		path = realNames.Replace(strings.Replace(pattern, "{setting}", r.PathValue("setting"), 1))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.counts == nil {
		c.counts = map[string]int{}
	}
	c.counts[labels("method", r.Method, "path", path, "status", fmt.Sprint(status))]++
}

// labels writes pairs of names and values as Prometheus does.
func labels(pairs ...string) string {
	escape := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)
	var list []string
	for i := 0; i+1 < len(pairs); i += 2 {
		list = append(list, pairs[i]+`="`+escape.Replace(pairs[i+1])+`"`)
	}
	return "{" + strings.Join(list, ",") + "}"
}

// metric is one family of values, by labels ("" for none).
type metric struct {
	name, help, kind string
	values           map[string]float64
}

func (s *server) getMetrics(*http.Request, access) (int, any, error) {
	if !s.cfg.metrics {
		return 0, nil, fail("feature_not_enabled", "Getting metrics requires enabling the `metrics` experimental feature. See https://github.com/meilisearch/product/discussions/625")
	}
	var out strings.Builder
	for _, m := range s.metrics(time.Now()) {
		if len(m.values) == 0 {
			continue
		}
		fmt.Fprintf(&out, "# HELP meilisearch_%s %s\n# TYPE meilisearch_%s %s\n", m.name, m.help, m.name, m.kind)
		for _, label := range sortedKeys(m.values) {
			fmt.Fprintf(&out, "meilisearch_%s%s %s\n", m.name, label, toJSON(m.values[label]))
		}
	}
	return http.StatusOK, plainText{"text/plain; version=0.0.4", out.String()}, nil
}

func (s *server) metrics(now time.Time) []metric {
	one := func(value float64) map[string]float64 { return map[string]float64{"": value} }
	answers := map[string]float64{}
	s.requests.mu.Lock()
	for label, count := range s.requests.counts {
		answers[label] = float64(count)
	}
	s.requests.mu.Unlock()

	s.db.mu.RLock()
	defer s.db.mu.RUnlock()
	st, size := s.db.state, float64(s.db.diskSize())
	docs, lastUpdate := map[string]float64{}, map[string]float64{}
	for uid, ix := range st.Indexes {
		docs[labels("index", uid)] = float64(len(ix.Documents))
		lastUpdate[""] = max(lastUpdate[""], float64(ix.UpdatedAt.Unix()))
	}
	tasks, processing, latency := st.countTasks(now)
	list := []metric{
		{"db_size_bytes", "Meilisearch DB Size In Bytes", "gauge", one(size)},
		{"http_requests_total", "Meilisearch HTTP requests total", "counter", answers},
		{"index_count", "Meilisearch Index Count", "gauge", one(float64(len(st.Indexes)))},
		{"index_docs_count", "Meilisearch Index Docs Count", "gauge", docs},
		{"is_indexing", "Meilisearch Is Indexing", "gauge", one(processing)},
		{"last_update", "Meilisearch Last Update", "gauge", lastUpdate},
		{"nb_tasks", "Meilisearch Number of tasks", "gauge", tasks},
		{"task_queue_latency_seconds", "Meilisearch Task Queue Latency in Seconds", "gauge", one(latency)},
		{"used_db_size_bytes", "Meilisearch Used DB Size In Bytes", "gauge", one(size)},
	}
	sort.Slice(list, func(i, j int) bool { return list[i].name < list[j].name })
	return list
}

// countTasks counts tasks by status, by type and by index, and says how long the oldest that is not done has waited.
func (st *state) countTasks(now time.Time) (counts map[string]float64, processing, latency float64) {
	counts = map[string]float64{}
	for _, status := range taskStatuses {
		counts[labels("kind", "statuses", "value", status)] = 0
	}
	for _, kind := range taskTypes {
		counts[labels("kind", "types", "value", kind)] = 0
	}
	for uid := range st.Indexes {
		counts[labels("kind", "indexes", "value", uid)] = 0
	}
	for _, t := range st.Tasks {
		counts[labels("kind", "statuses", "value", t.Status)]++
		counts[labels("kind", "types", "value", t.Type)]++
		if t.IndexUID != nil && st.Indexes[*t.IndexUID] != nil {
			counts[labels("kind", "indexes", "value", *t.IndexUID)]++
		}
		if t.Status == "processing" {
			processing = 1
		}
		if t.Status == "processing" || t.Status == "enqueued" {
			latency = max(latency, now.Sub(t.EnqueuedAt).Seconds())
		}
	}
	return counts, processing, latency
}

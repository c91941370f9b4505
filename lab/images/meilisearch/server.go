package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
)

type server struct {
	cfg      config
	db       *store
	log      io.Writer
	requests requests
}

func newServer(cfg config, db *store, log io.Writer) *server {
	return &server{cfg: cfg, db: db, log: log}
}

type handle func(*http.Request, access) (status int, body any, err error)

func (s *server) handler() http.Handler {
	mux := http.NewServeMux()
	for _, route := range []struct {
		pattern, action string
		handle          handle
	}{
		{"GET /version", "version", s.getVersion},
		{"GET /stats", "stats.get", s.getStats},
		{"GET /keys", "keys.get", s.listKeys},
		{"POST /keys", "keys.create", s.createKey},
		{"GET /keys/{key}", "keys.get", s.getKey},
		{"PATCH /keys/{key}", "keys.update", s.patchKey},
		{"DELETE /keys/{key}", "keys.delete", s.deleteKey},
		{"GET /metrics", "metrics.get", s.getMetrics},
		{"POST /dumps", "dumps.create", s.queueFile("dumpCreation")},
		{"POST /snapshots", "snapshots.create", s.queueFile("snapshotCreation")},
		{"GET /tasks", "tasks.get", s.listTasks},
		{"GET /tasks/{task}", "tasks.get", s.getTask},
		{"GET /indexes", "indexes.get", s.listIndexes},
		{"POST /indexes", "indexes.create", s.createIndex},
		{"GET /indexes/{uid}", "indexes.get", s.getIndex},
		{"PATCH /indexes/{uid}", "indexes.update", s.updateIndex},
		{"DELETE /indexes/{uid}", "indexes.delete", s.deleteIndex},
		{"GET /indexes/{uid}/stats", "stats.get", s.getIndexStats},
		{"GET /indexes/{uid}/settings", "settings.get", s.getSettings},
		{"PATCH /indexes/{uid}/settings", "settings.update", s.patchSettings},
		{"DELETE /indexes/{uid}/settings", "settings.update", s.resetSettings},
		{"GET /indexes/{uid}/settings/{setting}", "settings.get", s.getSetting},
		{"PUT /indexes/{uid}/settings/{setting}", "settings.update", s.putSetting},
		{"PATCH /indexes/{uid}/settings/{setting}", "settings.update", s.putSetting},
		{"DELETE /indexes/{uid}/settings/{setting}", "settings.update", s.putSetting},
		{"GET /indexes/{uid}/documents", "documents.get", s.listDocuments},
		{"POST /indexes/{uid}/documents/fetch", "documents.get", s.fetchDocuments},
		{"GET /indexes/{uid}/documents/{id}", "documents.get", s.getDocument},
		{"POST /indexes/{uid}/documents", "documents.add", s.addDocuments},
		{"PUT /indexes/{uid}/documents", "documents.add", s.addDocuments},
		{"DELETE /indexes/{uid}/documents", "documents.delete", s.deleteDocuments},
		{"DELETE /indexes/{uid}/documents/{id}", "documents.delete", s.deleteDocuments},
		{"POST /indexes/{uid}/documents/delete-batch", "documents.delete", s.deleteDocuments},
		{"GET /indexes/{uid}/search", "search", s.search},
		{"POST /indexes/{uid}/search", "search", s.search},
		{"/", "", s.unimplemented},
	} {
		mux.HandleFunc(route.pattern, func(w http.ResponseWriter, r *http.Request) {
			uid := r.PathValue("uid")
			caller, err := s.authorize(r, route.action, uid)
			if err == nil && strings.Contains(route.pattern, "{uid}") {
				err = checkIndexUID(uid)
			}
			if err != nil {
				reply(w, 0, nil, err)
				return
			}
			status, body, err := route.handle(r, caller)
			reply(w, status, body, err)
		})
	}
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusOK, map[string]string{"status": "available"}, nil)
	})
	return s.outer(mux)
}

// outer does what every answer needs: the label, CORS as open as the real server's, and a log line without keys.
func (s *server) outer(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header, began := w.Header(), time.Now()
		header.Set("X-Lab-Stand-In", "meilisearch")
		header.Set("Access-Control-Allow-Origin", "*")
		if r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != "" {
			header.Set("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS")
			header.Set("Access-Control-Allow-Headers", r.Header.Get("Access-Control-Request-Headers"))
			header.Set("Access-Control-Max-Age", "86400")
			return
		}
		header.Set("Access-Control-Expose-Headers", "*")
		if trimmed := strings.TrimRight(r.URL.Path, "/"); trimmed != "" {
			r.URL.Path = trimmed
		}
		answer := &statusWriter{w, http.StatusOK}
		next.ServeHTTP(answer, r)
		s.requests.count(r, answer.status)
		if slices.Contains([]string{"INFO", "DEBUG", "TRACE"}, s.cfg.logLevel) {
			// The pattern, not the path: /keys/{key} takes keys in its path.
			fmt.Fprintf(s.log, "%s INFO %s %s\n", began.UTC().Format(time.RFC3339Nano), r.Pattern, time.Since(began))
		}
	})
}

func reply(w http.ResponseWriter, status int, body any, err error) {
	if err != nil {
		known := asAPIError(err)
		status, body = known.status, known
	}
	if body == nil {
		w.WriteHeader(status)
		return
	}
	if text, ok := body.(plainText); ok {
		w.Header().Set("Content-Type", text.kind)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, text.text) // the client has gone: nobody to tell
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(body) // the client has gone: nobody to tell
}

func (s *server) unimplemented(r *http.Request, _ access) (int, any, error) {
	return 0, nil, refuse("%s %s", r.Method, r.URL.Path)
}

func (s *server) getVersion(*http.Request, access) (int, any, error) {
	return http.StatusOK, map[string]string{"commitSha": "lab-stand-in", "commitDate": "unknown", "pkgVersion": version}, nil
}

var indexUID = regexp.MustCompile(`^[a-zA-Z0-9_-]{1,512}$`)

func checkIndexUID(uid string) error {
	if !indexUID.MatchString(uid) {
		return fail("invalid_index_uid", "`%s` %s", uid, indexUIDRule)
	}
	return nil
}

const indexUIDRule = "is not a valid index uid. Index uid can be an integer or a string containing only alphanumeric characters, " +
	"hyphens (-) and underscores (_), and can not be more than 512 bytes."

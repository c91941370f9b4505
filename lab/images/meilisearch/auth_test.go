package main

import (
	"net/http"
	"strings"
	"testing"
)

const knownUID = "6062abda-a5aa-4414-ac91-ecd7944c0f8d"

func TestKeyIsDerivedFromTheMasterKey(t *testing.T) {
	// printf %s "$uid" | openssl dgst -sha256 -hmac "$master"
	want := "54d1c9cb7ab2229ee9c392dff61af666c3853c353274b60e25a4f53d8e820356"
	if got := keyValue(testKey, strings.ToUpper(knownUID)); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestKeys(t *testing.T) {
	l := startLab(t, t.TempDir())
	body := `{"uid":"` + knownUID + `","name":"app","actions":["search"],"indexes":["messages*"],"expiresAt":null}`
	key := l.ask(testKey, "POST", "/keys", body, http.StatusCreated, "")
	if key["key"] != keyValue(testKey, knownUID) || key["expiresAt"] != nil || key["description"] != nil {
		t.Errorf("unexpected key %v", key)
	}
	l.ask(testKey, "POST", "/keys", body, http.StatusConflict, "api_key_already_exists")
	l.ask(testKey, "GET", "/keys/"+knownUID, "", http.StatusOK, "")
	l.ask(testKey, "GET", "/keys/"+key["key"].(string), "", http.StatusOK, "")
	changed := l.ask(testKey, "PATCH", "/keys/"+knownUID, `{"name":null,"description":"d"}`, http.StatusOK, "")
	if changed["name"] != nil || changed["description"] != "d" {
		t.Errorf("unexpected key %v", changed)
	}
	l.ask(testKey, "PATCH", "/keys/"+knownUID, `{"actions":["*"]}`, http.StatusBadRequest, "immutable_api_key_actions")
	l.ask(testKey, "DELETE", "/keys/"+knownUID, "", http.StatusNoContent, "")
	l.ask(testKey, "GET", "/keys/"+knownUID, "", http.StatusNotFound, "api_key_not_found")
}

func TestKeyBodies(t *testing.T) {
	l := startLab(t, t.TempDir())
	for body, code := range map[string]string{
		`{"indexes":["*"],"expiresAt":null}`:                                           "missing_api_key_actions",
		`{"actions":["*"],"expiresAt":null}`:                                           "missing_api_key_indexes",
		`{"actions":["*"],"indexes":["*"]}`:                                            "missing_api_key_expires_at",
		`{"actions":["fly"],"indexes":["*"],"expiresAt":null}`:                         "invalid_api_key_actions",
		`{"actions":["*"],"indexes":["a b"],"expiresAt":null}`:                         "invalid_api_key_indexes",
		`{"actions":["*"],"indexes":["*"],"expiresAt":"2001-01-01"}`:                   "invalid_api_key_expires_at",
		`{"uid":"x","actions":["*"],"indexes":["*"],"expiresAt":null}`:                 "invalid_api_key_uid",
		`{"doggo":1,"actions":["*"],"indexes":["*"],"expiresAt":null}`:                 "bad_request",
		`{"actions":["version"],"indexes":["one"],"expiresAt":null}`:                   "index_scoped_api_key_with_global_action",
		`{"name":["n"],"actions":["search"],"indexes":["one"],"expiresAt":null}`:       "invalid_api_key_name",
		`{"description":1,"actions":["search"],"indexes":["one"],"expiresAt":null}`:    "invalid_api_key_description",
		`{"actions":["search"],"indexes":["one"],"expiresAt":null`:                     "malformed_payload",
		`{"actions":null,"indexes":["one"],"expiresAt":null}`:                          "invalid_api_key_actions",
		`{"actions":["search"],"indexes":["one","*two"],"expiresAt":"2999-01-01"}`:     "invalid_api_key_indexes",
		`{"actions":["search"],"indexes":["one"],"expiresAt":"tomorrow, if it rains"}`: "invalid_api_key_expires_at",
	} {
		l.ask(testKey, "POST", "/keys", body, http.StatusBadRequest, code)
	}
}

func TestDefaultKeys(t *testing.T) {
	l := startLab(t, t.TempDir())
	list := l.ask(testKey, "GET", "/keys", "", http.StatusOK, "")
	var names []string
	for _, item := range list["results"].([]any) {
		names = append(names, item.(map[string]any)["name"].(string))
	}
	want := "Default Search API Key,Default Admin API Key,Default Read-Only Admin API Key,Default Chat API Key"
	if got := strings.Join(names, ","); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func (l *lab) key(actions, indexes string) string {
	l.Helper()
	key := l.ask(testKey, "POST", "/keys", `{"actions":[`+actions+`],"indexes":[`+indexes+`],"expiresAt":null}`, http.StatusCreated, "")
	return key["key"].(string)
}

func TestAuthorization(t *testing.T) {
	l := startLab(t, t.TempDir())
	l.task("POST", "/indexes", `{"uid":"messages_1"}`, "succeeded")
	l.task("POST", "/indexes", `{"uid":"other"}`, "succeeded")
	search, get, adder := l.key(`"search"`, `"messages_*"`), l.key(`"*.get"`, `"*"`), l.key(`"documents.*","tasks.get","indexes.get"`, `"messages_*"`)
	for _, c := range []struct {
		key, method, path, body string
		status                  int
		code                    string
	}{
		{"", "GET", "/health", "", 200, ""},
		{"", "GET", "/version", "", 401, "missing_authorization_header"},
		{"", "GET", "/metrics", "", 401, "missing_authorization_header"},
		{"wrong", "GET", "/indexes", "", 403, "invalid_api_key"},
		{"a.b.c", "POST", "/indexes/messages_1/search", `{}`, 403, "invalid_api_key"},
		{get, "POST", "/indexes/messages_1/similar", `{}`, 501, "stand_in_not_implemented"},
		{search, "POST", "/indexes/messages_1/search", `{}`, 200, ""},
		{search, "GET", "/indexes/messages_1/search?q=x", "", 200, ""},
		{search, "POST", "/indexes/other/search", `{}`, 403, "invalid_api_key"},
		{search, "GET", "/indexes/messages_1/documents", "", 403, "invalid_api_key"},
		{search, "GET", "/keys", "", 403, "invalid_api_key"},
		{search, "GET", "/version", "", 403, "invalid_api_key"},
		{get, "GET", "/version", "", 200, ""},
		{get, "GET", "/indexes/other/settings", "", 200, ""},
		{get, "GET", "/keys", "", 403, "invalid_api_key"},
		{get, "DELETE", "/indexes/other", "", 403, "invalid_api_key"},
		{adder, "GET", "/indexes/messages_1/documents", "", 200, ""},
		{adder, "GET", "/tasks/0", "", 200, ""},
		{adder, "GET", "/tasks/1", "", 404, "task_not_found"},
		{testKey, "GET", "/indexes/nowhere", "", 404, "index_not_found"},
		{testKey, "GET", "/indexes/no%20where", "", 400, "invalid_index_uid"},
	} {
		l.ask(c.key, c.method, c.path, c.body, c.status, c.code)
	}
	if list := l.ask(adder, "GET", "/indexes", "", 200, ""); list["total"] != 1.0 {
		t.Errorf("a key of messages_* sees %v", list)
	}
	// A key that may not create indexes adds nothing to a missing one.
	l.wait(l.ask(adder, "POST", "/indexes/messages_2/documents", `{"id":1}`, 202, ""), "failed")
}

func TestWithoutMasterKey(t *testing.T) {
	l := startLab(t, t.TempDir())
	l.web.Config.Handler = newServer(config{env: "development"}, l.db, &l.log).handler()
	l.ask("", "GET", "/version", "", http.StatusOK, "")
	l.ask("", "GET", "/keys", "", http.StatusUnauthorized, "missing_master_key")
}

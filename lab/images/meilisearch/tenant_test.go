package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"fmt"
	"hash"
	"strings"
	"testing"
	"time"
)

func sign(algorithm, key, claims string) string {
	encode := base64.RawURLEncoding.EncodeToString
	text := encode([]byte(`{"typ":"JWT","alg":"`+algorithm+`"}`)) + "." + encode([]byte(claims))
	hashes := map[string]func() hash.Hash{"HS256": sha256.New, "RS256": sha256.New, "HS384": sha512.New384, "HS512": sha512.New}
	mac := hmac.New(hashes[algorithm], []byte(key))
	mac.Write([]byte(text))
	return text + "." + encode(mac.Sum(nil))
}

func TestTenantTokens(t *testing.T) {
	l := searchLab(t)
	l.task("POST", "/indexes", `{"uid":"other"}`, "succeeded")
	l.ask(testKey, "POST", "/keys", `{"uid":"`+knownUID+`","actions":["search"],"indexes":["messages*"],"expiresAt":null}`, 201, "")
	key := keyValue(testKey, knownUID)
	claims := func(rules, more string) string {
		return `{"searchRules":` + rules + `,"apiKeyUid":"` + knownUID + `"` + more + `}`
	}
	later := fmt.Sprintf(`,"exp":%d`, time.Now().Add(time.Hour).Unix())
	for _, c := range []struct{ algorithm, rules, more, body, want string }{
		{"HS256", `["*"]`, later, `{}`, "1 2 3 4"},
		{"HS384", `["mess*","other"]`, `,"exp":null`, `{"filter":"channel = dev"}`, "2 3"},
		{"HS512", `{"messages":{"filter":"author = Ana"}}`, "", `{}`, "1 3"},
		{"HS256", `{"messages":{"filter":"author = Ana"}}`, "", `{"filter":"channel = dev"}`, "3"},
		{"HS256", `{"messages":{"filter":["author = Ana",["at = 30","at = 20"]]}}`, "", `{"filter":["channel = dev"]}`, "3"},
		{"HS256", `{"*":{"filter":"author = Ana"},"mes*":{"filter":"channel = dev"},"messages":null}`, "", `{}`, "1 2 3 4"},
		{"HS256", `{"*":{"filter":"author = Ana"},"mes*":{"filter":"channel = dev"},"m*":{}}`, "", `{}`, "2 3"},
	} {
		result := l.ask(sign(c.algorithm, key, claims(c.rules, c.more)), "POST", "/indexes/messages/search", c.body, 200, "")
		var ids []string
		for _, hit := range result["hits"].([]any) {
			ids = append(ids, toJSON(hit.(map[string]any)["id"]))
		}
		if got := strings.Join(ids, " "); got != c.want {
			t.Errorf("%v: found %q", c, got)
		}
	}
	all := sign("HS256", key, claims(`["*"]`, ""))
	l.ask(all, "GET", "/indexes/messages/search?q=lunch", "", 200, "")
	l.ask(all, "POST", "/multi-search", `{}`, 501, "stand_in_not_implemented")
	broken := sign("HS256", key, claims(`{"*":{"filter":"text = x"}}`, ""))
	l.ask(broken, "POST", "/indexes/messages/search", `{}`, 400, "invalid_search_filter")

	past := time.Now().Add(-time.Hour).Unix()
	for _, c := range []struct{ token, index, want string }{
		{sign("HS256", key, claims(`["b","a"]`, "")), "messages", "The provided tenant token cannot acces the index `messages`, allowed indexes are [\"a\", \"b\"]."},
		{sign("HS256", key, claims(`{}`, "")), "messages", "The provided tenant token cannot acces the index `messages`, allowed indexes are []."},
		{all, "other", "The API key used to generate this tenant token cannot acces the index `other`."},
		{sign("HS256", key, claims(`["*"]`, fmt.Sprintf(`,"exp":%d`, past))), "messages", fmt.Sprintf("Tenant token expired. Was valid up to `%d` and we're now `", past)},
		{sign("HS256", "wrong", claims(`["*"]`, "")), "messages", "Could not decode tenant token, InvalidSignature."},
		{sign("RS256", key, claims(`["*"]`, "")), "messages", "Could not decode tenant token, InvalidAlgorithm."},
		{sign("HS256", key, `{"tamo":"kefir"}`), "messages", "Could not decode tenant token, JSON error: missing field `searchRules` at line 1 column 16."},
		{sign("HS256", key, `{"searchRules":"kefir"}`), "messages", "Could not decode tenant token, JSON error: data did not match any variant of untagged enum SearchRules at line 1 column 23."},
		{sign("HS256", key, `{"searchRules":["*"]}`), "messages", "Could not decode tenant token, JSON error: missing field `apiKeyUid`"},
		{sign("HS256", key, claims(`["*"]`, `,"exp":"soon"`)), "messages", "Could not decode tenant token, JSON error: invalid type"},
		{all[:len(all)-4] + "AAAA", "messages", "Could not decode tenant token, InvalidSignature."},
	} {
		got := l.ask(c.token, "POST", "/indexes/"+c.index+"/search", `{}`, 403, "invalid_api_key")
		if !strings.HasPrefix(got["message"].(string), c.want) {
			t.Errorf("got %q, want %q", got["message"], c.want)
		}
	}
	for _, path := range []string{"/indexes/messages/documents", "/indexes/messages", "/stats", "/tasks", "/version"} {
		if got := l.ask(all, "GET", path, "", 403, "invalid_api_key")["message"]; got != "The provided API key is invalid." {
			t.Errorf("%s: %v", path, got)
		}
	}
	l.ask(testKey, "DELETE", "/keys/"+knownUID, "", 204, "")
	if got := l.ask(all, "POST", "/indexes/messages/search", `{}`, 403, "invalid_api_key")["message"]; got != "The provided API key is invalid." {
		t.Errorf("a token of a deleted key: %v", got)
	}
}

func TestUpdateIndex(t *testing.T) {
	l := startLab(t, t.TempDir())
	l.task("POST", "/indexes", `{"uid":"a"}`, "succeeded")
	done := l.task("PATCH", "/indexes/a", `{"primaryKey":"key"}`, "succeeded")
	if got := toJSON(done["details"]); done["type"] != "indexUpdate" || got != `{"primaryKey":"key"}` {
		t.Errorf("task %v", done)
	}
	l.task("PATCH", "/indexes/a", `{"primaryKey":"id"}`, "succeeded")
	l.task("PATCH", "/indexes/a", `{}`, "succeeded")
	l.task("POST", "/indexes/a/documents", `{"id":1,"key":2}`, "succeeded")
	l.task("PATCH", "/indexes/a", `{"primaryKey":"id"}`, "succeeded")
	failed := l.task("PATCH", "/indexes/a", `{"primaryKey":"key"}`, "failed")["error"].(map[string]any)
	if failed["code"] != "index_primary_key_already_exists" || failed["message"] != "Index `a`: Index already has a primary key: `id`." {
		t.Errorf("error %v", failed)
	}
	if got := l.ask(testKey, "GET", "/indexes/a", "", 200, "")["primaryKey"]; got != "id" {
		t.Errorf("primary key %v", got)
	}
	if e := l.task("PATCH", "/indexes/none", `{"primaryKey":"key"}`, "failed")["error"].(map[string]any); e["code"] != "index_not_found" {
		t.Errorf("error %v", e)
	}
	l.ask(testKey, "PATCH", "/indexes/a", `{"uid":"b"}`, 501, "stand_in_not_implemented")
	l.ask(testKey, "PATCH", "/indexes/a", `{"createdAt":"b"}`, 400, "immutable_index_created_at")
	l.ask(testKey, "PATCH", "/indexes/a", `{"primaryKey":1}`, 400, "invalid_index_primary_key")
	l.ask(testKey, "PATCH", "/indexes/a", `{"doggo":1}`, 400, "bad_request")
}

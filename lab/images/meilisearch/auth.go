package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"time"
)

// keyValue derives an API key from the master key, so that it can be known before the server runs.
func keyValue(masterKey, uid string) string {
	mac := hmac.New(sha256.New, []byte(masterKey))
	mac.Write([]byte(strings.ToLower(uid)))
	return hex.EncodeToString(mac.Sum(nil))
}

// access is what the caller of one request may touch.
type access struct {
	indexes   []string
	canCreate bool
}

var fullAccess = access{[]string{"*"}, true}

func (a access) allows(uid string) bool {
	return slices.ContainsFunc(a.indexes, func(pattern string) bool { return matches(pattern, uid) })
}

func (a access) mayCreate(uid string) bool { return a.canCreate && a.allows(uid) }

// authorize checks the bearer token of a request against an action and, for routes of one index, its uid.
// An empty action asks only that the token is one of ours.
func (s *server) authorize(r *http.Request, action, uid string) (access, error) {
	if s.cfg.masterKey == "" {
		if strings.HasPrefix(action, "keys.") {
			return access{}, fail("missing_master_key", "Meilisearch is running without a master key. To access this API endpoint, you must have set a master key at launch.")
		}
		return fullAccess, nil
	}
	scheme, token, given := strings.Cut(r.Header.Get("Authorization"), " ")
	if scheme != "Bearer" {
		return access{}, fail("missing_authorization_header", "The Authorization header is missing. It must use the bearer authorization method.")
	}
	if given && sameText(token, s.cfg.masterKey) {
		return fullAccess, nil
	}
	invalid := fail("invalid_api_key", "The provided API key is invalid.")
	key := s.keyOf(token)
	if key == nil {
		if strings.Count(token, ".") == 2 {
			return access{}, refuse("a tenant token (or any other JWT)")
		}
		return access{}, invalid
	}
	caller := access{indexes: key.Indexes, canCreate: key.grants("indexes.create")}
	switch {
	case uid != "" && !caller.allows(uid):
		allowed := slices.Clone(key.Indexes)
		slices.Sort(allowed)
		return access{}, fail("invalid_api_key", "The API key cannot acces the index `%s`, authorized indexes are %s.", uid, strings.ReplaceAll(toJSON(allowed), `","`, `", "`))
	case key.ExpiresAt != nil && !time.Now().Before(*key.ExpiresAt):
		return access{}, invalid
	case action != "" && !key.grants(action):
		return access{}, invalid
	case action != "" && uid == "" && !slices.Contains(key.Indexes, "*") && !slices.Contains(filteredByRoute, action):
		return access{}, invalid
	}
	return caller, nil
}

func (k *apiKey) grants(action string) bool {
	return slices.ContainsFunc(k.Actions, func(held string) bool { return grants(held, action) })
}

func (s *server) keyOf(value string) *apiKey {
	s.db.mu.RLock()
	defer s.db.mu.RUnlock()
	for uid, key := range s.db.state.Keys {
		if sameText(keyValue(s.cfg.masterKey, uid), value) {
			return key
		}
	}
	return nil
}

func sameText(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

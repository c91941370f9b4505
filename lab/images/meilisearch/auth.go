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
	rules     searchRules // of a tenant token
}

var fullAccess = access{indexes: []string{"*"}, canCreate: true}

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
	key, rules, err := s.identify(token, action)
	if err != nil {
		return access{}, err
	}
	if key == nil {
		return access{}, invalid
	}
	caller := access{indexes: key.Indexes, canCreate: key.grants("indexes.create"), rules: rules}
	switch {
	case uid != "" && rules != nil && !rules.allows(uid):
		return access{}, fail("invalid_api_key", "The provided tenant token cannot acces the index `%s`, allowed indexes are %s.", uid, debugList(rules.patterns()))
	case uid != "" && rules != nil && !caller.allows(uid): // which indexes the key opens is not for the tenant to know
		return access{}, fail("invalid_api_key", "The API key used to generate this tenant token cannot acces the index `%s`.", uid)
	case uid != "" && !caller.allows(uid):
		allowed := slices.Clone(key.Indexes)
		slices.Sort(allowed)
		return access{}, fail("invalid_api_key", "The API key cannot acces the index `%s`, authorized indexes are %s.", uid, debugList(allowed))
	case key.ExpiresAt != nil && !time.Now().Before(*key.ExpiresAt):
		return access{}, invalid
	case action != "" && !key.grants(action):
		return access{}, invalid
	case action != "" && uid == "" && !slices.Contains(key.Indexes, "*") && !slices.Contains(filteredByRoute, action):
		return access{}, invalid
	}
	return caller, nil
}

// identify finds the key of a token: a key's value or, where one searches, a tenant token. Other routes take none; those
// that are not implemented take one, to say so.
func (s *server) identify(token, action string) (*apiKey, searchRules, error) {
	if action == "search" || action == "" {
		tenant, err := readTenantToken(token, s.cfg.masterKey, time.Now())
		if err != nil {
			return nil, nil, err
		}
		if tenant != nil {
			s.db.mu.RLock()
			defer s.db.mu.RUnlock()
			return s.db.state.Keys[tenant.apiKeyUID], tenant.rules, nil
		}
	}
	return s.keyOf(token), nil, nil
}

func debugList(names []string) string { return strings.ReplaceAll(toJSON(names), `","`, `", "`) }

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

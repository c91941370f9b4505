package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"hash"
	"slices"
	"strconv"
	"strings"
	"time"
)

// searchRules are the indexes that a tenant token opens, by pattern, with a filter for each (nil for none).
type searchRules map[string]any

// tenantToken is a JSON Web Token that is signed with the value of an API key.
type tenantToken struct {
	rules     searchRules
	apiKeyUID string
	expires   *int64
}

var signatures = map[string]func() hash.Hash{"HS256": sha256.New, "HS384": sha512.New384, "HS512": sha512.New}

func undecodable(format string, args ...any) *apiError {
	return fail("invalid_api_key", "Could not decode tenant token, %s.", fmt.Sprintf(format, args...))
}

// readTenantToken checks the form of a token, its signature and its expiry, in the order of the real server; whether the key
// exists and what it may do is for the caller. Without an error and a token, the text is no token at all.
func readTenantToken(text, masterKey string, now time.Time) (*tenantToken, error) {
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		return nil, nil
	}
	var decoded [3][]byte
	for i, part := range parts {
		data, err := base64.RawURLEncoding.DecodeString(part)
		if err != nil && i < 2 {
			return nil, undecodable("Base64 error: %v", err)
		}
		decoded[i] = data // a signature that is no base64 matches nothing
	}
	var header struct {
		Algorithm string `json:"alg"`
	}
	if err := json.Unmarshal(decoded[0], &header); err != nil {
		return nil, undecodable("JSON error: %v", err)
	}
	token, audience, err := readClaims(decoded[1])
	if err != nil {
		return nil, err
	}
	algorithm := signatures[header.Algorithm]
	if algorithm == nil {
		return nil, undecodable("InvalidAlgorithm")
	}
	mac := hmac.New(algorithm, []byte(keyValue(masterKey, token.apiKeyUID)))
	mac.Write([]byte(parts[0] + "." + parts[1]))
	switch {
	case !hmac.Equal(mac.Sum(nil), decoded[2]):
		return nil, undecodable("InvalidSignature")
	case audience:
		return nil, undecodable("InvalidAudience")
	case token.expires != nil && now.Unix() > *token.expires:
		return nil, fail("invalid_api_key", "Tenant token expired. Was valid up to `%d` and we're now `%d`.", *token.expires, now.Unix())
	}
	return token, nil
}

func readClaims(payload []byte) (token *tenantToken, audience bool, err error) {
	var claims map[string]any
	if err := decode(payload, &claims); err != nil {
		return nil, false, undecodable("JSON error: %v", err)
	}
	bad := func(format string, args ...any) error {
		return undecodable("JSON error: %s at line 1 column %d", fmt.Sprintf(format, args...), len(payload))
	}
	token = &tenantToken{}
	raw, given := claims["searchRules"]
	if !given {
		return nil, false, bad("missing field `searchRules`")
	}
	rules, ok := readRules(raw)
	if !ok {
		return nil, false, bad("data did not match any variant of untagged enum SearchRules")
	}
	token.rules = rules
	if raw := claims["exp"]; raw != nil {
		number, _ := raw.(json.Number)
		at, err := strconv.ParseInt(number.String(), 10, 64)
		if err != nil {
			return nil, false, bad("invalid type: %s, expected i64", describe(raw))
		}
		token.expires = &at
	}
	uid, given := claims["apiKeyUid"]
	if !given {
		return nil, false, bad("missing field `apiKeyUid`")
	}
	text, _ := uid.(string)
	if token.apiKeyUID, ok = canonicalUUID(text); !ok {
		return nil, false, bad("UUID parsing failed: %s", describe(uid))
	}
	return token, claims["aud"] != nil, nil
}

// readRules takes an array of index patterns, or an object of patterns with null or {"filter": …}.
func readRules(raw any) (rules searchRules, ok bool) {
	rules = searchRules{}
	switch v := raw.(type) {
	case []any:
		for _, item := range v {
			pattern, isText := item.(string)
			if !isText || !indexPattern.MatchString(pattern) {
				return nil, false
			}
			rules[pattern] = nil
		}
		return rules, true
	case map[string]any:
		for pattern, rule := range v {
			object, isObject := rule.(map[string]any)
			if !indexPattern.MatchString(pattern) || rule != nil && !isObject {
				return nil, false
			}
			rules[pattern] = object["filter"]
		}
		return rules, true
	}
	return nil, false
}

func (r searchRules) patterns() []string { return sortedKeys(r) }

func (r searchRules) allows(uid string) bool {
	return slices.ContainsFunc(r.patterns(), func(pattern string) bool { return matches(pattern, uid) })
}

// filter is that of the rule that names the index best: its uid itself, or else the longest pattern.
func (r searchRules) filter(uid string) any {
	best, found := "", false
	for _, pattern := range r.patterns() {
		exact := !strings.HasSuffix(pattern, "*")
		if matches(pattern, uid) && (!found || exact || strings.HasSuffix(best, "*") && len(pattern) > len(best)) {
			best, found = pattern, true
		}
	}
	return r[best]
}

// fuse asks for both of two filters.
func fuse(left, right any) any {
	if left == nil {
		return right
	}
	if right == nil {
		return left
	}
	list := func(filter any) []any {
		if items, ok := filter.([]any); ok {
			return items
		}
		return []any{filter}
	}
	return slices.Concat(list(left), list(right))
}

package fakemeili

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
)

// apiKey is an API key with its rights.
type apiKey struct {
	Name        string     `json:"name"`
	Description string     `json:"description"`
	Key         string     `json:"key"`
	UID         string     `json:"uid"`
	Actions     []string   `json:"actions"`
	Indexes     []string   `json:"indexes"`
	ExpiresAt   *time.Time `json:"expiresAt"`
	CreatedAt   time.Time  `json:"createdAt"`
	UpdatedAt   time.Time  `json:"updatedAt"`
}

func (k *apiKey) allowsAction(action string) bool {
	group, _, _ := strings.Cut(action, ".")
	return slices.ContainsFunc(k.Actions, func(a string) bool { return a == "*" || a == action || a == group+".*" })
}

func (k *apiKey) allowsIndex(index string) bool {
	return slices.ContainsFunc(k.Indexes, func(name string) bool {
		head, star := strings.CutSuffix(name, "*")
		return name == index || star && strings.HasPrefix(index, head)
	})
}

// allowsAllIndexes reports whether the key is not limited to some indexes.
func (k *apiKey) allowsAllIndexes() bool { return slices.Contains(k.Indexes, "*") }

// rule is the search rule of an index in a tenant token.
type rule struct {
	Filter any `json:"filter"`
}

var noKey = badRequest("invalid_api_key", "The provided API key is invalid.")

// authorizeCall checks the key or tenant token of a request and its rights.
func (s *Server) authorizeCall(c *call, action string) *problem {
	token, ok := strings.CutPrefix(c.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return badRequest("missing_authorization_header", "The Authorization header is missing. It must use the bearer authorization method.")
	}
	if token == MasterKey {
		return nil
	}

	if i := slices.IndexFunc(s.keys, func(k *apiKey) bool { return k.Key == token }); i >= 0 {
		c.key = s.keys[i]
	} else if action != "search" || !s.parseTenantToken(c, token) {
		return noKey
	}

	if !c.key.allowsAction(action) || c.key.ExpiresAt != nil && time.Now().After(*c.key.ExpiresAt) {
		return noKey
	}
	if name := c.PathValue("index"); name != "" && !c.key.allowsIndex(name) {
		return noKey
	}

	return nil
}

// parseTenantToken checks a tenant token: a JWT (RFC 7519) signed with the key
// it names.
func (s *Server) parseTenantToken(c *call, token string) bool {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return false
	}

	var head struct{ Alg, Typ string }
	var claims struct {
		APIKeyUID   string          `json:"apiKeyUid"`
		SearchRules map[string]rule `json:"searchRules"`
		Exp         int64           `json:"exp"`
	}
	if !decodePart(parts[0], &head) || !decodePart(parts[1], &claims) || head.Alg != "HS256" {
		return false
	}

	i := slices.IndexFunc(s.keys, func(k *apiKey) bool { return k.UID == claims.APIKeyUID })
	if i < 0 || claims.Exp != 0 && time.Now().Unix() >= claims.Exp {
		return false
	}

	mac := hmac.New(sha256.New, []byte(s.keys[i].Key))
	mac.Write([]byte(parts[0] + "." + parts[1]))
	if base64.RawURLEncoding.EncodeToString(mac.Sum(nil)) != parts[2] {
		return false
	}

	c.key, c.rule = s.keys[i], claims.SearchRules
	return true
}

func decodePart(part string, to any) bool {
	b, err := base64.RawURLEncoding.DecodeString(part)
	return err == nil && json.Unmarshal(b, to) == nil
}

func (s *Server) findKey(c *call) int {
	uid := c.PathValue("uid")
	return slices.IndexFunc(s.keys, func(k *apiKey) bool { return k.UID == uid || k.Key == uid })
}

func (s *Server) getKey(c *call) (int, any, *problem) {
	if i := s.findKey(c); i >= 0 {
		return http.StatusOK, s.keys[i], nil
	}
	return 0, nil, badRequest("api_key_not_found", "API key not found.")
}

func (s *Server) getKeys(*call) (int, any, *problem) {
	return http.StatusOK, map[string]any{"results": append([]*apiKey{}, s.keys...), "offset": 0, "limit": 1000, "total": len(s.keys)}, nil
}

func (s *Server) deleteKey(c *call) (int, any, *problem) {
	i := s.findKey(c)
	if i < 0 {
		return 0, nil, badRequest("api_key_not_found", "API key not found.")
	}
	s.keys = slices.Delete(slices.Clone(s.keys), i, i+1)
	return http.StatusNoContent, nil, nil
}

var uuid4 = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

func (s *Server) createKey(c *call) (int, any, *problem) {
	var k apiKey
	if p := decodeStrict(c.body, &k); p != nil {
		return 0, nil, p
	}
	if !uuid4.MatchString(k.UID) || len(k.Actions) == 0 || len(k.Indexes) == 0 {
		return 0, nil, badRequest("invalid_api_key_uid", "uid, actions and indexes are needed")
	}
	if slices.ContainsFunc(s.keys, func(o *apiKey) bool { return o.UID == k.UID }) {
		return 0, nil, badRequest("api_key_already_exists", "`uid` field value is already an existing API key.")
	}

	mac := hmac.New(sha256.New, []byte(MasterKey))
	mac.Write([]byte(k.UID))
	k.Key, k.CreatedAt, k.UpdatedAt = hex.EncodeToString(mac.Sum(nil)), time.Now(), time.Now()
	s.keys = append(slices.Clone(s.keys), &k)

	return http.StatusCreated, k, nil
}

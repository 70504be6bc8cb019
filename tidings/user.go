package tidings

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"time"
)

// User is a person with an account. Email is unique without regard to case.
type User struct {
	ID        ID
	Email     string
	Name      string
	Avatar    string // hex SHA-256 of the picture, "" = none
	TimeZone  string // IANA name, e.g. "Europe/Vienna"
	Prefs     Preferences
	CreatedAt time.Time
	Version   int64
}

// Preferences are a person's own settings; empty strings mean "not set".
type Preferences struct {
	WorkingHours *Hours            `json:"working_hours,omitempty"`
	QuietHours   *Hours            `json:"quiet_hours,omitempty"`
	Notify       map[string]string `json:"notify,omitempty"`
}

// Hours is a daily range in the person's own time zone, "HH:MM" to "HH:MM"; it
// may cross midnight.
type Hours struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// Scope limits what an API token may do.
type Scope string

// Scopes, each including the ones before it.
const (
	ScopeRead  Scope = "read"
	ScopeWrite Scope = "write"
	ScopeAdmin Scope = "admin"

	// ScopeWorker is for transcribing on another machine. It includes nothing,
	// and nothing includes it.
	ScopeWorker Scope = "worker"
)

// Includes reports whether a token of scope s may do what requires scope need.
func (s Scope) Includes(need Scope) bool {
	if s == ScopeWorker || need == ScopeWorker {
		return s == need
	}
	rank := map[Scope]int{ScopeRead: 1, ScopeWrite: 2, ScopeAdmin: 3}
	return rank[s] > 0 && rank[s] >= rank[need]
}

// TokenPrefix begins the secret of an API token.
const TokenPrefix = "tdg_"

// NewTokenSecret is the secret of a new API token.
func NewTokenSecret() string {
	var b [32]byte
	rand.Read(b[:])
	return TokenPrefix + base64.RawURLEncoding.EncodeToString(b[:])
}

// HashSecret is the form in which secrets are stored: their SHA-256.
func HashSecret(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// Token is an API token. Its secret ("tdg_" and 43 base64url characters) is
// shown once; only its SHA-256 is stored.
type Token struct {
	ID         ID
	UserID     ID
	Name       string
	Scope      Scope
	Hash       []byte
	CreatedAt  time.Time
	LastUsedAt *time.Time
	ExpiresAt  *time.Time
}

package auth

import (
	"crypto/rand"
	"encoding/base64"

	"tidings.example/tidings/tidings"
)

// RandomText is n random bytes in base64url.
func RandomText(n int) string {
	b := make([]byte, n)
	rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}

// HashSecret is the form in which tokens are stored: their SHA-256.
func HashSecret(secret string) []byte { return tidings.HashSecret(secret) }

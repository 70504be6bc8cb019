package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"

	"tidings.example/tidings/tidings"
)

// argon2id's parameters for new hashes: OWASP's smallest (19 MiB, 2 passes),
// so that a few sign-ins at once fit a small machine.
const (
	argonMemory  = 19 * 1024 // KiB
	argonPasses  = 2
	argonThreads = 1
	argonKey     = 32
)

// MinPassword is the shortest password, in bytes.
const MinPassword = 8

// HashPassword makes the PHC string that is stored for a password.
func HashPassword(password string) string {
	var salt [16]byte
	rand.Read(salt[:])
	key := argon2.IDKey([]byte(password), salt[:], argonPasses, argonMemory, argonThreads, argonKey)
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonPasses, argonThreads, b64(salt[:]), b64(key))
}

// verifyPassword reports whether the password belongs to the PHC string.
func verifyPassword(phc, password string) bool {
	parts := strings.Split(phc, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false
	}

	var version int
	var memory, passes uint32
	var threads uint8

	if _, err := fmt.Sscanf(parts[2], "v=%d", &version); err != nil || version != argon2.Version {
		return false
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &memory, &passes, &threads); err != nil || memory > 1<<20 || passes > 64 || passes == 0 || threads == 0 {
		return false
	}

	salt, err := base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil {
		return false
	}

	want, err := base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil || len(want) == 0 || len(want) > 128 {
		return false
	}

	got := argon2.IDKey([]byte(password), salt, passes, memory, threads, uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1
}

// PasswordHasher hashes and verifies passwords, two at a time: each takes 19 MiB.
type PasswordHasher struct {
	slots chan struct{}
	decoy string // verified for unknown accounts, so that all take the same time
}

// NewPasswordHasher makes a hasher.
func NewPasswordHasher() *PasswordHasher {
	return &PasswordHasher{slots: make(chan struct{}, 2), decoy: HashPassword("")}
}

// acquireSlot waits for one of the slots.
func (h *PasswordHasher) acquireSlot(ctx context.Context) error {
	select {
	case h.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Hash makes the PHC string of a new password; KindInvalid when it is too short.
func (h *PasswordHasher) Hash(ctx context.Context, password string) (string, error) {
	if len(password) < MinPassword {
		return "", tidings.Invalid("password", "At least %d characters.", MinPassword)
	}
	return h.HashAnyLength(ctx, password)
}

// HashAnyLength is Hash without the minimum length, for passwords of share links.
func (h *PasswordHasher) HashAnyLength(ctx context.Context, password string) (string, error) {
	if err := h.acquireSlot(ctx); err != nil {
		return "", err
	}
	defer func() { <-h.slots }()
	return HashPassword(password), nil
}

// Verify reports whether a password matches the PHC string. An empty string, of
// an account that does not exist, takes as long as any other.
func (h *PasswordHasher) Verify(ctx context.Context, phc, password string) (bool, error) {
	if err := h.acquireSlot(ctx); err != nil {
		return false, err
	}
	defer func() { <-h.slots }()
	if phc == "" {
		verifyPassword(h.decoy, password)
		return false, nil
	}
	return verifyPassword(phc, password), nil
}

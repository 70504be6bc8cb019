package api

import (
	"bytes"
	"cmp"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"sync"

	"github.com/labstack/echo/v4"

	"tidings.example/tidings/api/auth"
	"tidings.example/tidings/api/request"
	"tidings.example/tidings/tidings"
)

// IdempotencyStore is what idempotency needs of the rows.
type IdempotencyStore interface {
	IdempotentResult(ctx context.Context, user tidings.ID, key, requestHash string) (status int, body []byte, found bool, err error)
	SaveIdempotent(ctx context.Context, user tidings.ID, key, requestHash string, status int, body []byte) error
}

// idempotency is the middleware that answers repeated requests from their stored answer.
type idempotency struct {
	store IdempotencyStore
	locks *keyLock
}

// keyLock runs the requests with the same key one after another.
type keyLock struct {
	mu      sync.Mutex
	holders map[string]chan struct{}
}

func newKeyLock() *keyLock { return &keyLock{holders: map[string]chan struct{}{}} }

// lockKey waits until no other request holds the key.
func (r *keyLock) lockKey(ctx context.Context, name string) (unlock func(), err error) {
	for {
		r.mu.Lock()
		holder, busy := r.holders[name]
		if !busy {
			released := make(chan struct{})
			r.holders[name] = released
			r.mu.Unlock()
			return func() {
				r.mu.Lock()
				delete(r.holders, name)
				r.mu.Unlock()
				close(released)
			}, nil
		}

		r.mu.Unlock()

		select {
		case <-holder:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// replayOrRun answers a request with a known Idempotency-Key by its stored
// answer. Answers may contain secrets that are shown once, so they are
// encrypted with a key that only the client has: the Idempotency-Key itself.
func (m *idempotency) replayOrRun(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		key, ctx := c.Request().Header.Get("Idempotency-Key"), c.Request().Context()
		user := cmp.Or(request.SubjectOf(ctx).UserID, request.SubjectOf(ctx).GuestID)
		if key == "" || user == "" {
			return next(c)
		}
		if len(key) > 200 || !request.IsCleanText(key) {
			return tidings.Invalid("Idempotency-Key", "At most 200 characters.")
		}

		body, err := io.ReadAll(c.Request().Body) // validateRequest has read and bounded it
		if err != nil {
			return err
		}

		c.Request().Body = io.NopCloser(bytes.NewReader(body))
		sum := sha256.New()
		io.WriteString(sum, c.Request().Method+" "+c.Request().URL.Path+"\n")
		sum.Write(body)
		name, requestHash := hex.EncodeToString(auth.HashSecret(key)), hex.EncodeToString(sum.Sum(nil))
		unlock, err := m.locks.lockKey(ctx, string(user)+" "+name)
		if err != nil {
			return err
		}
		defer unlock()

		code, sealed, found, err := m.store.IdempotentResult(ctx, user, name, requestHash)
		if err != nil {
			return err
		}
		if found {
			answer, err := openAnswer(key, sealed)
			if err != nil {
				return err
			}
			return c.Blob(code, echo.MIMEApplicationJSON, answer)
		}
		return m.runAndStore(c, next, user, key, name, requestHash)
	}
}

// runAndStore runs next and stores a successful answer before the client gets
// it, so that a repeated request gets the same one.
func (m *idempotency) runAndStore(c echo.Context, next echo.HandlerFunc, user tidings.ID, key, name, requestHash string) error {
	w := c.Response().Writer
	buffered := &bufferedWriter{header: w.Header()}
	c.Response().Writer = buffered
	err := next(c)
	c.Response().Writer = w

	if err != nil {
		return err
	}

	if buffered.code >= 200 && buffered.code < 300 {
		sealed, err := sealAnswer(key, buffered.body.Bytes())
		if err == nil {
			err = m.store.SaveIdempotent(context.WithoutCancel(c.Request().Context()), user, name, requestHash, buffered.code, sealed)
		}
		if err != nil { // the request succeeded: the client gets its answer
			request.FromContext(c.Request().Context()).Log.Error("an answer could not be kept for repetition", "error", err)
		}
	}

	w.WriteHeader(buffered.code)
	_, err = w.Write(buffered.body.Bytes())
	return err
}

// bufferedWriter holds an answer in memory.
type bufferedWriter struct {
	header http.Header
	code   int
	body   bytes.Buffer
}

func (w *bufferedWriter) Header() http.Header         { return w.header }
func (w *bufferedWriter) WriteHeader(code int)        { w.code = code }
func (w *bufferedWriter) Write(p []byte) (int, error) { return w.body.Write(p) }

func newAnswerCipher(key string) (cipher.AEAD, error) {
	k, err := hkdf.Key(sha256.New, []byte(key), nil, "tidings idempotent answer", 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(k)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

func sealAnswer(key string, plain []byte) ([]byte, error) {
	b, err := newAnswerCipher(key)
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, b.NonceSize())
	rand.Read(nonce)
	return []byte(base64.StdEncoding.EncodeToString(b.Seal(nonce, nonce, plain, nil))), nil
}

func openAnswer(key string, sealed []byte) ([]byte, error) {
	b, err := newAnswerCipher(key)
	if err != nil {
		return nil, err
	}

	raw, err := base64.StdEncoding.DecodeString(string(sealed))
	if err != nil {
		return nil, err
	}
	if len(raw) < b.NonceSize() {
		return nil, errors.New("a kept answer is too short")
	}

	return b.Open(nil, raw[:b.NonceSize()], raw[b.NonceSize():], nil)
}

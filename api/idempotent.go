package api

import (
	"bytes"
	"cmp"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

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

// workTimeout bounds a request with a key: it goes on when its client leaves, so
// that the answer is there when the client asks again.
const workTimeout = 30 * time.Second

// minAnonymousKey is the shortest key of a caller without an account: with the
// same request it stands for them.
const minAnonymousKey = 16

// replayOrRun answers a request with a known Idempotency-Key by its stored
// answer. Answers may contain secrets that are shown once, so they are
// encrypted with a key that only the client has: the Idempotency-Key itself.
// The key is stored in the transaction of the change (request.ClaimForCreation,
// request.ClaimForAnswer); a request with the same key waits for the first one.
func (m *idempotency) replayOrRun(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		key := c.Request().Header.Get("Idempotency-Key")
		if key == "" {
			return next(c)
		}
		r, err := readIdempotentRequest(c, key)
		if err != nil {
			return err
		}

		unlock, err := m.locks.lockKey(ctx, string(r.Claim.UserID)+" "+r.Claim.Key)
		if err != nil {
			return err
		}
		defer unlock()

		code, sealed, found, err := m.store.IdempotentResult(ctx, r.Claim.UserID, r.Claim.Key, r.Claim.RequestHash)
		if err != nil {
			return err
		}
		if !found {
			return m.runAndStore(c, next, r)
		}

		answer, err := openAnswer(key, sealed)
		if err != nil {
			return err
		}
		if code != 0 {
			return c.Blob(code, echo.MIMEApplicationJSON, answer)
		}
		if err := json.Unmarshal(answer, &r.Made); err != nil {
			return err
		}

		return m.runAndStore(c, next, r)
	}
}

// readIdempotentRequest is the request with the key and what it is for. Its hash
// is keyed, because a body may contain a password.
func readIdempotentRequest(c echo.Context, key string) (*request.Idempotent, error) {
	ctx := c.Request().Context()
	if len(key) > 200 || !request.IsCleanText(key) {
		return nil, tidings.Invalid("Idempotency-Key", "At most 200 characters.")
	}
	user := cmp.Or(request.SubjectOf(ctx).UserID, request.SubjectOf(ctx).GuestID)
	if user == "" && len(key) < minAnonymousKey {
		return nil, tidings.Invalid("Idempotency-Key", "At least 16 random characters.")
	}

	body, err := io.ReadAll(c.Request().Body) // validateRequest has read and bounded it
	if err != nil {
		return nil, err
	}

	c.Request().Body = io.NopCloser(bytes.NewReader(body))
	sum := hmac.New(sha256.New, []byte(key))
	io.WriteString(sum, c.Request().Method+" "+c.Request().URL.Path+"\n")
	sum.Write(body)

	return &request.Idempotent{
		Claim: tidings.IdempotencyClaim{UserID: user, Key: hex.EncodeToString(auth.HashSecret(key)), RequestHash: hex.EncodeToString(sum.Sum(nil))},
		Seal:  func(plain []byte) ([]byte, error) { return sealAnswer(key, plain) },
	}, nil
}

// runAndStore runs next, also when the client leaves, and stores a successful
// answer before the client gets it, so that a repeated request gets the same
// one.
func (m *idempotency) runAndStore(c echo.Context, next echo.HandlerFunc, r *request.Idempotent) error {
	original, w := c.Request(), c.Response().Writer
	ctx, cancel := context.WithTimeout(context.WithoutCancel(original.Context()), workTimeout)
	defer cancel()

	buffered := &bufferedWriter{header: w.Header()}
	c.SetRequest(original.WithContext(request.WithIdempotent(ctx, r)))
	c.Response().Writer = buffered
	err := next(c)
	c.Response().Writer = w
	c.SetRequest(original)

	if errors.Is(err, tidings.ErrKeyClaimed) {
		w.Header().Set("Retry-After", "1")
	}
	if err != nil {
		return err
	}

	if buffered.code >= 200 && buffered.code < 300 && !r.SetsCookie {
		sealed, err := r.Seal(buffered.body.Bytes())
		if err == nil {
			err = m.store.SaveIdempotent(ctx, r.Claim.UserID, r.Claim.Key, r.Claim.RequestHash, buffered.code, sealed)
		}
		if err != nil { // the request succeeded: the client gets its answer
			request.FromContext(ctx).Log.Error("an answer could not be kept for repetition", "error", err)
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

package auth

import (
	"crypto/sha256"
	"net/http"
	"time"

	"tidings.example/tidings/api/request"
)

// Names of the cookie that binds a flow without a session (a passkey challenge,
// a visit to the provider) to the browser that began it.
const (
	secureFlow = "__Host-tidings-flow"
	plainFlow  = "tidings-flow"
	flowTime   = 10 * time.Minute
)

// flowBrowserHash is the hash of the request's flow cookie, and nil without one.
func flowBrowserHash(k *request.State) []byte {
	name := plainFlow
	if k.Secure {
		name = secureFlow
	}
	c, err := k.Request.Cookie(name)
	if err != nil || len(c.Value) < 32 || len(c.Value) > 100 {
		return nil
	}
	sum := sha256.Sum256([]byte(c.Value))
	return sum[:]
}

// bindFlowBrowser is flowBrowserHash; it sets the cookie if there is none. A
// present one is kept, so that two tabs may sign in at once.
func bindFlowBrowser(k *request.State) []byte {
	if has := flowBrowserHash(k); has != nil {
		return has
	}

	value, name := RandomText(32), plainFlow
	if k.Secure {
		name = secureFlow
	}

	// Lax, not Strict: the provider's answer comes from another site.
	http.SetCookie(k.Writer, &http.Cookie{Name: name, Value: value, Path: "/", HttpOnly: true, Secure: k.Secure, SameSite: http.SameSiteLaxMode, MaxAge: int(24 * time.Hour / time.Second)})
	sum := sha256.Sum256([]byte(value))
	return sum[:]
}

package auth

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"time"

	"tidings.example/tidings/api/request"
	"tidings.example/tidings/tidings"
)

// Wrong passwords are limited by address and account; see attemptLimiter. On its
// own that would let a neighbour at the same address lock a person out. So a
// browser that has signed in keeps a device cookie and its attempts are counted
// separately: attempts of others do not affect it, and a stolen cookie grants no
// access. See OWASP, "Slow Down Online Guessing Attacks
// with Device Cookies"
// (https://owasp.org/www-community/Slow_Down_Online_Guessing_Attacks_with_Device_Cookies).
//
// The cookie's key is the stored hash of the account's password, which holds
// 128 random bits and never leaves the server: nothing more is stored, and a new
// password invalidates all devices but the one it is set on.
const (
	secureDevice = "__Host-tidings-device"
	plainDevice  = "tidings-device"
	deviceTime   = 365 * 24 * time.Hour
	maxDevices   = 4   // people per browser
	maxDeviceRaw = 600 // longest cookie, in bytes
)

// device is a browser that a person has signed in with: a nonce and its HMAC.
type device struct{ nonce, seal string }

func deviceCookie(secure bool) string {
	if secure {
		return secureDevice
	}
	return plainDevice
}

// parseDevices reads the request's device cookie, newest device first. The HMACs
// are not verified.
func parseDevices(k *request.State) (out []device) {
	c, err := k.Request.Cookie(deviceCookie(k.Secure))
	if err != nil || len(c.Value) > maxDeviceRaw {
		return nil
	}
	for _, pair := range strings.SplitN(c.Value, "_", maxDevices+1) {
		if nonce, seal, ok := strings.Cut(pair, "."); ok && nonce != "" && len(out) < maxDevices {
			out = append(out, device{nonce, seal})
		}
	}
	return out
}

// deviceSeal binds a device to a person and the password they have now.
func deviceSeal(user tidings.ID, phc, nonce string) string {
	mac := hmac.New(sha256.New, []byte(phc))
	mac.Write([]byte("device\x00" + string(user) + "\x00" + nonce))
	return hex.EncodeToString(mac.Sum(nil))
}

// belongsTo reports whether the device is one of the person. Without a password
// there is no key, and nothing to guess.
func (d device) belongsTo(user tidings.ID, phc string) bool {
	return hmac.Equal([]byte(deviceSeal(user, phc, d.nonce)), []byte(d.seal)) && phc != ""
}

// BeginPasswordSignIn counts an attempt to sign in with a password as a wrong
// one, until succeed is called. It fails with KindRateLimited after too many by
// this device, or else from this address for this account; after too many of
// others it waits.
func (a *Authenticator) BeginPasswordSignIn(ctx context.Context, email string) (succeed func(), err error) {
	k := request.FromContext(ctx)
	if known := parseDevices(k); len(known) > 0 {
		user, phc, err := a.Store.UserByEmail(ctx, email)
		if err != nil && tidings.KindOf(err) != tidings.KindNotFound {
			return nil, err
		}

		for _, d := range known {
			if key := "device " + d.nonce; d.belongsTo(user.ID, phc) {
				return func() { a.SignIns.Refund(key) }, a.SignIns.Check(key)
			}
		}
	}

	return a.attempts.beginAttempt(ctx, EmailKey(email))
}

// RememberDevice sets a new device cookie in the browser of a person who has
// signed in. Devices of other people in the same browser are kept, up to
// maxDevices.
func (a *Authenticator) RememberDevice(ctx context.Context, user tidings.ID) error {
	u, err := a.Store.User(ctx, user)
	if err != nil {
		return err
	}

	_, phc, err := a.Store.UserByEmail(ctx, u.Email)
	if err != nil || phc == "" {
		return err
	}

	k := request.FromContext(ctx)
	nonce := rand.Text()
	parts := []string{nonce + "." + deviceSeal(user, phc, nonce)}
	for _, d := range parseDevices(k) {
		if !d.belongsTo(user, phc) && len(parts) < maxDevices {
			parts = append(parts, d.nonce+"."+d.seal)
		}
	}

	http.SetCookie(k.Writer, &http.Cookie{Name: deviceCookie(k.Secure), Value: strings.Join(parts, "_"), Path: "/", HttpOnly: true, Secure: k.Secure,
		SameSite: http.SameSiteLaxMode, MaxAge: int(deviceTime / time.Second)})

	return nil
}

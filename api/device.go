package api

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"time"

	"tidings.example/tidings/tidings"
)

// Guesses at a password are slowed down for each address and each account. On
// its own that would let anybody shut somebody out by guessing wrong on
// purpose. So a browser that has signed in keeps a device cookie, and its
// tries are counted for itself: what strangers do no longer reaches it, and a
// stolen cookie opens nothing. See OWASP, "Slow Down Online Guessing Attacks
// with Device Cookies"
// (https://owasp.org/www-community/Slow_Down_Online_Guessing_Attacks_with_Device_Cookies).
//
// The cookie's key is the stored hash of the account's password, which holds
// 128 random bits and never leaves the server: nothing more need be stored, and
// a new password makes strangers of all devices but the one it is set on.
const (
	secureDevice = "__Host-tidings-device"
	plainDevice  = "tidings-device"
	deviceTime   = 365 * 24 * time.Hour
	maxDevices   = 4   // people who sign in with one browser
	maxDeviceRaw = 600 // bytes of the cookie that are looked at
)

// device is a browser that somebody has signed in with: a name and its seal.
type device struct{ nonce, seal string }

func deviceCookie(secure bool) string {
	if secure {
		return secureDevice
	}
	return plainDevice
}

// devices are the pairs in the request's device cookie, newest first; whose
// they are is not checked.
func devices(k *call) (out []device) {
	c, err := k.r.Cookie(deviceCookie(k.secure))
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

// of reports whether the device is one of the person. Without a password there
// is nothing to seal with, and nothing to guess.
func (d device) of(user tidings.ID, phc string) bool {
	return hmac.Equal([]byte(deviceSeal(user, phc, d.nonce)), []byte(d.seal)) && phc != ""
}

// mayTry is KindRateLimited when there were too many tries to sign in with a
// password: of this device, or else of this address or for this account.
func (s *server) mayTry(ctx context.Context, email string) error {
	k := callOf(ctx)
	if known := devices(k); len(known) > 0 {
		user, phc, err := s.Store.UserByEmail(ctx, email)
		if err != nil && tidings.KindOf(err) != tidings.KindNotFound {
			return err
		}

		for _, d := range known {
			if d.of(user.ID, phc) {
				return s.logins.check("device " + d.nonce)
			}
		}
	}

	return s.logins.check(neighbourhood(k.ip), emailName(email))
}

// knowDevice gives the browser of somebody who has signed in a new device
// cookie. Those of other people who use it are kept, the oldest forgotten.
func (s *server) knowDevice(ctx context.Context, user tidings.ID) error {
	u, err := s.Store.User(ctx, user)
	if err != nil {
		return err
	}

	_, phc, err := s.Store.UserByEmail(ctx, u.Email)
	if err != nil || phc == "" {
		return err
	}

	k := callOf(ctx)
	nonce := rand.Text()
	parts := []string{nonce + "." + deviceSeal(user, phc, nonce)}
	for _, d := range devices(k) {
		if !d.of(user, phc) && len(parts) < maxDevices {
			parts = append(parts, d.nonce+"."+d.seal)
		}
	}

	http.SetCookie(k.w, &http.Cookie{Name: deviceCookie(k.secure), Value: strings.Join(parts, "_"), Path: "/", HttpOnly: true, Secure: k.secure,
		SameSite: http.SameSiteLaxMode, MaxAge: int(deviceTime / time.Second)})

	return nil
}

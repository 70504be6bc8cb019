package api_test

import (
	"fmt"
	"net/http"
	"net/netip"
	"testing"
	"time"

	"tidings.example/tidings/api"
	"tidings.example/tidings/media/source"
)

// TestViewReportsAreLimited: a visitor's reports are limited by session, and by
// address and link; 429 asks the page to report later. Visitors elsewhere and
// members are not affected.
func TestViewReportsAreLimited(t *testing.T) {
	now := time.Now()
	w := newTestServer(t, func(c *api.Config, _ *api.Deps, _ *source.Config) {
		c.Clock = func() time.Time { return now }
		c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	})
	clip := w.ana.recordClip(20)
	link, other := w.ana.createLink(clip.ID), w.ana.createLink(clip.ID)
	path := "/api/v1/clips/" + string(clip.ID) + "/views"
	report := func(c *client, token, session string) *response {
		return c.do("POST", path+"?share="+token, map[string]any{"session": session, "ranges": [][]int{{0, 5000}}})
	}
	// countReports is how many of 400 reports are accepted.
	countReports := func(c *client, token, format string) (n int) {
		for i := range 400 {
			session := format
			if format == "" {
				session = fmt.Sprintf("session%d", i)
			}
			if report(c, token, session).StatusCode == http.StatusNoContent {
				n++
			}
		}
		return n
	}

	visitor := w.anonymousClient().withHeaders("X-Forwarded-For: 2001:db8::1")
	if n := countReports(visitor, link.Token, "same"); n != 20 {
		t.Errorf("%d reports of one session", n)
	}
	report(visitor, link.Token, "same").is(http.StatusTooManyRequests, "rate_limited").has("Retry-After: 6")
	if n := countReports(w.anonymousClient().withHeaders("X-Forwarded-For: 2001:db8:1::1"), link.Token, ""); n != 120 {
		t.Errorf("%d sessions from one address", n)
	}
	report(w.anonymousClient().withHeaders("X-Forwarded-For: 2001:db8:1::2"), link.Token, "same network").is(http.StatusTooManyRequests, "rate_limited")
	report(w.anonymousClient().withHeaders("X-Forwarded-For: 2001:db8:2::1"), link.Token, "elsewhere").is(http.StatusNoContent, "")
	report(visitor, other.Token, "another link").is(http.StatusNoContent, "")
	report(w.ana, link.Token, "a member").is(http.StatusNoContent, "")
	report(w.ana, "", "a member").is(http.StatusNoContent, "")
}

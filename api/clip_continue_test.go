package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"tidings.example/tidings/api"
	"tidings.example/tidings/media/source"
	"tidings.example/tidings/tidings"
)

type continuationJSON struct {
	ClipID    tidings.ID `json:"clip_id"`
	UploadURL string     `json:"upload_url"`
	Offset    int64      `json:"offset"`
	Number    int64      `json:"number"`
}

func continuePath(clip tidings.ID) string { return "/api/v1/clips/" + string(clip) + "/continue" }

// recordDeferred records a clip of n bytes as a recorder does.
func (c *client) recordDeferred(n int) *tusClient {
	c.w.Helper()
	u := newTus(c)
	u.createUpload(-1).patchUpload(0, webmBytes(n)).is(http.StatusNoContent, "")
	u.patchUpload(n, "", "Upload-Length: 10").is(http.StatusNoContent, "")
	return u
}

// TestContinue: a recorder goes on in a finished recording, also when it has
// become one object; pages see it being recorded, and the whole is the original.
func TestContinue(t *testing.T) {
	w := newTestServer(t)
	u := w.ana.recordDeferred(10)
	comment := map[string]any{"body": "Here.", "at_ms": 5}
	w.ana.do("POST", "/api/v1/clips/"+string(u.clip)+"/comments", comment).is(http.StatusCreated, "")
	_, err := w.source.Compact(t.Context(), u.clip)
	w.ok(err)

	got := decodeJSON[continuationJSON](w.ana.do("POST", continuePath(u.clip), nil).is(http.StatusCreated, ""))
	if got.UploadURL != u.location || got.Offset != 10 || got.ClipID != u.clip {
		t.Fatalf("%+v", got)
	}

	if c := decodeJSON[clipJSON](w.ana.get("/api/v1/clips/"+string(u.clip)).is(200, "")); c.State != "recording" {
		t.Errorf("state %s", c.State)
	}
	u.headUpload().has("Upload-Offset: 10", "Upload-Defer-Length: 1")
	w.ana.do("POST", continuePath(u.clip), nil).is(http.StatusConflict, "conflict")
	u.patchUpload(10, "more").is(204, "").has("Upload-Offset: 14")
	u.patchUpload(14, "", "Upload-Length: 14").is(204, "")
	w.ana.get(mediaPath(u.clip, "original")).is(200, "").hasBody(append(webmBytes(10), "more"...))
	if body := string(w.ana.get("/api/v1/clips/"+string(u.clip)+"/comments").is(200, "").body); !strings.Contains(body, `"at_ms":5`) {
		t.Errorf("comments: %s", body)
	}
}

// TestContinueRepeated: the request whose answer was lost is answered again, also
// when bytes have come since.
func TestContinueRepeated(t *testing.T) {
	for name, configure := range map[string]func(*api.Config, *api.Deps, *source.Config){
		"the answer is stored": nil,
		"the process ended": func(_ *api.Config, d *api.Deps, _ *source.Config) {
			d.Stores.Idempotency = forgetfulStore{d.Stores.Idempotency}
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newTestServer(t)
			if configure != nil {
				w = newTestServer(t, configure)
			}
			u := w.ana.recordDeferred(10)
			key := "Idempotency-Key: continue-request-1"
			first := w.ana.do("POST", continuePath(u.clip), nil, key).is(http.StatusCreated, "")
			u.patchUpload(10, "more").is(204, "")
			again := w.ana.do("POST", continuePath(u.clip), nil, key).is(http.StatusCreated, "")
			if strings.TrimSpace(string(first.body)) != strings.TrimSpace(string(again.body)) {
				t.Errorf("first %s\nagain %s", first.body, again.body)
			}
			u.expectOffset(14)
			w.ana.do("POST", continuePath(u.clip), nil, "Idempotency-Key: another-recorder").is(http.StatusConflict, "conflict")
		})
	}
}

// TestContinueRepeatedLate: a request whose answer was lost does not get the
// continuation that another request has begun since.
func TestContinueRepeatedLate(t *testing.T) {
	w := newTestServer(t, func(_ *api.Config, d *api.Deps, _ *source.Config) {
		d.Stores.Idempotency = forgetfulStore{d.Stores.Idempotency}
	})
	u := w.ana.recordDeferred(10)
	first, second := "Idempotency-Key: the-first-recorder", "Idempotency-Key: the-second-recorder"
	for i, key := range []string{first, second} {
		w.ana.do("DELETE", continuePath(u.clip), nil).is(http.StatusNoContent, "")
		a := w.ana.do("POST", continuePath(u.clip), nil, key).is(http.StatusCreated, "")
		if got := decodeJSON[continuationJSON](a).Number; got != int64(i+1) {
			t.Errorf("number %d", got)
		}
	}

	w.ana.do("POST", continuePath(u.clip), nil, first).is(http.StatusConflict, "conflict")
	w.ana.do("POST", continuePath(u.clip), nil, second).is(http.StatusCreated, "")
}

// TestCancelContinuation: what came since the continuation is dropped, and what
// was recorded before is kept, whichever call ends it, and however often.
func TestCancelContinuation(t *testing.T) {
	for name, end := range map[string]func(u *tusClient) *response{
		"by its own call": func(u *tusClient) *response { return u.do("DELETE", continuePath(u.clip), nil) },
		"by tus":          func(u *tusClient) *response { return u.do("DELETE", u.location, nil) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newTestServer(t)
			u := w.ana.recordDeferred(10)
			w.ana.do("POST", continuePath(u.clip), nil).is(http.StatusCreated, "")
			u.patchUpload(10, "more").is(204, "")
			end(u).is(http.StatusNoContent, "")
			w.ana.do("DELETE", continuePath(u.clip), nil).is(http.StatusNoContent, "")
			w.ana.get(mediaPath(u.clip, "original")).is(200, "").hasBody(webmBytes(10))
			u.patchUpload(10, "late").is(http.StatusGone, "gone")
			if c := decodeJSON[clipJSON](w.ana.get("/api/v1/clips/"+string(u.clip)).is(200, "")); c.State == "recording" || c.State == "failed" {
				t.Errorf("state %s", c.State)
			}
		})
	}
}

// TestContinueRefused: a refusal says why, and changes nothing.
func TestContinueRefused(t *testing.T) {
	for name, c := range map[string]struct {
		spoil  func(u *tusClient)
		from   func(w *testServer, u *tusClient) *client
		status int
		code   string
		says   string
	}{
		"in the trash": {spoil: func(u *tusClient) { u.do("DELETE", "/api/v1/clips/"+string(u.clip), nil).is(204, "") },
			status: 409, code: "conflict", says: "in the trash"},
		"too late": {spoil: func(u *tusClient) { u.w.clock.Advance(tidings.ContinueWithin + time.Minute) },
			status: 410, code: "gone", says: "for an hour after its end"},
		"another recorder": {spoil: func(u *tusClient) { u.do("POST", continuePath(u.clip), nil).is(201, "") },
			status: 409, code: "conflict", says: "recording this clip already"},
		"by an owner who did not record it": {from: func(w *testServer, _ *tusClient) *client { return w.ana },
			status: 403, code: "forbidden", says: "Only the one who recorded"},
		"by a token that only reads": {from: func(w *testServer, u *tusClient) *client { return w.newTokenClient(u.user, tidings.ScopeRead) },
			status: 403, code: "forbidden"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newTestServer(t)
			u := w.addPerson("bo", tidings.RoleMember).recordDeferred(10)
			if c.spoil != nil {
				c.spoil(u)
			}
			from := u.client
			if c.from != nil {
				from = c.from(w, u)
			}

			before, err := w.store.UploadByClip(t.Context(), u.clip)
			w.ok(err)
			a := from.do("POST", continuePath(u.clip), nil).is(c.status, c.code)
			if !strings.Contains(string(a.body), c.says) {
				t.Errorf("says %s", a.body)
			}
			after, err := w.store.UploadByClip(t.Context(), u.clip)
			w.ok(err)
			if before.Fence != after.Fence || before.Offset != after.Offset || before.Continuations != after.Continuations {
				t.Errorf("%+v became %+v", before, after)
			}
		})
	}
}

// TestContinueFullWorkspace: there must be space for what follows.
func TestContinueFullWorkspace(t *testing.T) {
	w := newTestServer(t, func(_ *api.Config, _ *api.Deps, s *source.Config) { s.Quota = 10 })
	u := w.ana.recordDeferred(10)
	w.ana.do("POST", continuePath(u.clip), nil).is(http.StatusRequestEntityTooLarge, "quota")
}

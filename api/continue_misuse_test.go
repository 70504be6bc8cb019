package api_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"tidings.example/tidings/tidings"
)

// continued is a clip of 10 bytes in which its recorder goes on.
func (c *client) continued() *tusClient {
	c.w.Helper()
	u := c.recordDeferred(10)
	u.do("POST", continuePath(u.clip), nil).is(http.StatusCreated, "")
	return u
}

// from is the upload as another client sees it.
func (u *tusClient) from(c *client) *tusClient {
	return &tusClient{client: c.withHeaders("Tus-Resumable: 1.0.0"), clip: u.clip, location: u.location}
}

// misuses are requests that do not fit the state of a clip, or are not allowed.
var misuses = map[string]struct {
	begin  func(c *client) *tusClient // nil = the recorder goes on, see continued
	call   func(u *tusClient) *response
	status int
	code   string
	says   string
}{
	"continue while the recording goes on": {
		begin: func(c *client) *tusClient {
			u := newTus(c).createUpload(-1)
			u.patchUpload(0, webmBytes(10)).is(204, "")
			return u
		},
		call: (*tusClient).continueClip, status: 409, code: "conflict", says: "recording this clip already",
	},
	"continue what was never recorded": {
		begin: func(c *client) *tusClient { return newTus(c) },
		call:  (*tusClient).continueClip, status: 404, code: "not_found",
	},
	"continue an empty recording": {
		begin: func(c *client) *tusClient { return newTus(c).createUpload(0) },
		call:  (*tusClient).continueClip, status: 409, code: "conflict", says: "Nothing was recorded",
	},
	"continue an upload that was aborted": {
		begin: func(c *client) *tusClient {
			u := newTus(c).createUpload(-1)
			u.do("DELETE", u.location, nil).is(204, "")
			return u
		},
		call: (*tusClient).continueClip, status: 410, code: "gone",
	},
	"continue after the recorder fell silent": {
		begin: func(c *client) *tusClient {
			u := newTus(c).createUpload(-1)
			u.patchUpload(0, webmBytes(10)).is(204, "")
			c.w.clock.Advance(time.Hour)
			c.w.ok(c.w.source.Sweep(c.w.Context()))
			return u
		},
		call: (*tusClient).continueClip, status: 409, code: "conflict", says: "vanished",
	},
	"continue by a stranger": {call: func(u *tusClient) *response { return u.from(u.w.addPerson("eve", "")).continueClip() }, status: 404, code: "not_found"},
	"continue by nobody":     {call: func(u *tusClient) *response { return u.from(u.w.anonymousClient()).continueClip() }, status: 401, code: "unauthenticated"},
	"continue no clip":       {call: func(u *tusClient) *response { return u.do("POST", continuePath("01M8PQ1JAZA6SBFQ9644CAZCV8"), nil) }, status: 404, code: "not_found"},
	"continue nonsense":      {call: func(u *tusClient) *response { return u.do("POST", continuePath("..%2f"), nil) }, status: 404, code: "not_found"},

	"cancel by an owner who did not record it": {call: func(u *tusClient) *response { return u.from(u.w.ana).cancelContinuation("") }, status: 403, code: "forbidden"},
	"cancel by a stranger":                     {call: func(u *tusClient) *response { return u.from(u.w.addPerson("eve", "")).cancelContinuation("") }, status: 404, code: "not_found"},
	"cancel by nobody":                         {call: func(u *tusClient) *response { return u.from(u.w.anonymousClient()).cancelContinuation("") }, status: 401, code: "unauthenticated"},
	"cancel by a token that only reads": {call: func(u *tusClient) *response {
		return u.from(u.w.newTokenClient(u.user, tidings.ScopeRead)).cancelContinuation("")
	}, status: 403, code: "forbidden"},
	"cancel in the trash": {call: func(u *tusClient) *response {
		u.do("DELETE", "/api/v1/clips/"+string(u.clip), nil).is(204, "")
		return u.cancelContinuation("")
	}, status: 409, code: "conflict", says: "in the trash"},
	"cancel number 0":             {call: func(u *tusClient) *response { return u.cancelContinuation("?number=0") }, status: 400, code: "invalid"},
	"cancel number -1":            {call: func(u *tusClient) *response { return u.cancelContinuation("?number=-1") }, status: 400, code: "invalid"},
	"cancel number x":             {call: func(u *tusClient) *response { return u.cancelContinuation("?number=x") }, status: 400, code: "invalid"},
	"cancel another number":       {call: func(u *tusClient) *response { return u.cancelContinuation("?number=2") }, status: 204},
	"cancel the largest there is": {call: func(u *tusClient) *response { return u.cancelContinuation("?number=9223372036854775807") }, status: 204},

	"append at the first byte":         {call: func(u *tusClient) *response { return u.patchUpload(0, "more").has("Upload-Offset: 10") }, status: 409, code: "conflict"},
	"append before the end":            {call: func(u *tusClient) *response { return u.patchUpload(9, "more").has("Upload-Offset: 10") }, status: 409, code: "conflict"},
	"append beyond the end":            {call: func(u *tusClient) *response { return u.patchUpload(1<<40, "more").has("Upload-Offset: 10") }, status: 409, code: "conflict"},
	"append by another person":         {call: func(u *tusClient) *response { return u.from(u.w.ana).patchUpload(10, "more") }, status: 404, code: "not_found"},
	"append bytes of another sum":      {call: func(u *tusClient) *response { return u.patchUpload(10, "more", "Upload-Checksum: crc32 AAAAAA==") }, status: 460, code: "invalid"},
	"append WebM":                      {call: func(u *tusClient) *response { return u.patchUpload(10, webmBytes(40)) }, status: 415, code: "unsupported_media", says: "another clip"},
	"append MP4":                       {call: func(u *tusClient) *response { return u.patchUpload(10, "\x00\x00\x00\x10ftypisom\x00\x00\x02\x00") }, status: 415, code: "unsupported_media", says: "another clip"},
	"append WAV and its end":           {call: func(u *tusClient) *response { return u.patchUpload(10, "RIFF\x00\x00\x00\x00WAVEfmt ") }, status: 415, code: "unsupported_media", says: "another clip"},
	"end before the end":               {call: func(u *tusClient) *response { return u.patchUpload(10, "", "Upload-Length: 9") }, status: 413, code: "too_large"},
	"end at another byte":              {call: func(u *tusClient) *response { return u.patchUpload(12, "", "Upload-Length: 12") }, status: 409, code: "conflict"},
	"upload to the clip once more":     {call: func(u *tusClient) *response { return u.postUpload(nil, "Upload-Defer-Length: 1") }, status: 409, code: "conflict"},
	"append after it was cancelled":    {begin: (*client).cancelled, call: func(u *tusClient) *response { return u.patchUpload(10, "more") }, status: 410, code: "gone"},
	"end after it was cancelled":       {begin: (*client).cancelled, call: func(u *tusClient) *response { return u.patchUpload(10, "", "Upload-Length: 14") }, status: 410, code: "gone"},
	"cancel after it was cancelled":    {begin: (*client).cancelled, call: func(u *tusClient) *response { return u.cancelContinuation("?number=1") }, status: 204},
	"append after it has ended":        {begin: (*client).ended, call: func(u *tusClient) *response { return u.patchUpload(14, "more") }, status: 410, code: "gone"},
	"end elsewhere after it has ended": {begin: (*client).ended, call: func(u *tusClient) *response { return u.patchUpload(14, "", "Upload-Length: 15") }, status: 410, code: "gone"},
	"cancel after it has ended":        {begin: (*client).ended, call: func(u *tusClient) *response { return u.cancelContinuation("") }, status: 204},
	"cancel a first recording": {
		begin: func(c *client) *tusClient {
			u := newTus(c).createUpload(-1)
			u.patchUpload(0, webmBytes(10)).is(204, "")
			return u
		},
		call: func(u *tusClient) *response { return u.cancelContinuation("") }, status: 204,
	},
}

func (u *tusClient) continueClip() *response {
	return u.do("POST", continuePath(u.clip), nil)
}

func (u *tusClient) cancelContinuation(query string) *response {
	return u.do("DELETE", continuePath(u.clip)+query, nil)
}

// cancelled is a clip whose continuation was cancelled.
func (c *client) cancelled() *tusClient {
	c.w.Helper()
	u := c.continued()
	u.patchUpload(10, "more").is(204, "")
	u.cancelContinuation("").is(204, "")
	return u
}

// ended is a clip whose continuation has ended, at 14 bytes.
func (c *client) ended() *tusClient {
	c.w.Helper()
	u := c.continued()
	u.patchUpload(10, "more").is(204, "")
	u.patchUpload(14, "", "Upload-Length: 14").is(204, "")
	return u
}

// TestContinueMisuse: what does not fit gets a clear problem, and changes nothing.
func TestContinueMisuse(t *testing.T) {
	w := newTestServer(t)
	for name, c := range misuses {
		t.Run(name, func(t *testing.T) {
			w := w.inSubtest(t)
			begin := c.begin
			if begin == nil {
				begin = (*client).continued
			}
			u := begin(w.addPerson("bo", tidings.RoleMember))
			before := u.storedUpload()
			if a := c.call(u).is(c.status, c.code); !strings.Contains(string(a.body), c.says) {
				t.Errorf("says %s", a.body)
			}
			if after := u.storedUpload(); after != before {
				t.Errorf("%+v became %+v", before, after)
			}
		})
	}
}

// uploadState is what a refused request must not change.
type uploadState struct {
	offset, continuedBytes, continuations, length int64
	sealed, early, aborted                        bool
}

// storedUpload is the upload of the clip; without one it is empty.
func (u *tusClient) storedUpload() uploadState {
	u.w.Helper()
	row, err := u.w.store.UploadByClip(u.w.Context(), u.clip)
	if tidings.KindOf(err) == tidings.KindNotFound {
		return uploadState{}
	}
	u.w.ok(err)
	s := uploadState{row.Offset, row.ContinuedBytes, row.Continuations, -1, row.SealedAt != nil, row.EndedEarly, row.Aborted}
	if row.Length != nil {
		s.length = *row.Length
	}
	return s
}

// TestContinueAtOnce: of requests at once one goes on, and all with its key get its
// answer.
func TestContinueAtOnce(t *testing.T) {
	for name, c := range map[string]struct {
		header []string
		opened int
	}{
		"without a key":     {nil, 1},
		"with the same key": {[]string{"Idempotency-Key: continue-request-1"}, 8},
	} {
		t.Run(name, func(t *testing.T) {
			u := newTestServer(t).ana.recordDeferred(10)
			answers := make(chan *response, 8)
			var wait sync.WaitGroup
			for range cap(answers) {
				wait.Go(func() { answers <- u.do("POST", continuePath(u.clip), nil, c.header...) })
			}
			wait.Wait()
			close(answers)

			opened := 0
			for a := range answers {
				if a.StatusCode == http.StatusCreated {
					opened++
				} else {
					a.is(http.StatusConflict, "conflict")
				}
			}
			if got := u.storedUpload(); opened != c.opened || got.continuations != 1 {
				t.Errorf("%d answers say that it is open, %+v", opened, got)
			}
			u.patchUpload(10, "more").is(204, "")
		})
	}
}

// TestContinueInVain: a continuation that ends without a byte leaves the clip as it
// was, and it can be continued again; an old cancellation does not touch that.
func TestContinueInVain(t *testing.T) {
	u := newTestServer(t).ana.continued()
	u.patchUpload(10, "", "Upload-Length: 10").is(204, "").has("Upload-Offset: 10")
	u.get(mediaPath(u.clip, "original")).is(200, "").hasBody(webmBytes(10))
	if c := decodeJSON[clipJSON](u.get("/api/v1/clips/"+string(u.clip)).is(200, "")); c.State == "failed" || c.State == "recording" {
		t.Errorf("state %s", c.State)
	}

	u.continueClip().is(201, "")
	u.patchUpload(10, "more").is(204, "")
	u.cancelContinuation("?number=1").is(204, "")
	u.expectOffset(14)
	u.cancelContinuation("?number=2").is(204, "")
	u.expectOffset(10)
}

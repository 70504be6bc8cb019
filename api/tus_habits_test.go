package api_test

import (
	"io"
	"strings"
	"testing"

	"tidings.example/tidings/tidings"
)

// chunkedBody sends a body in chunks, without announcing its length.
func (u *tusClient) chunkedBody(method, path, body string, header ...string) *response {
	u.w.Helper()
	r := u.newRequest(method, path, struct{ io.Reader }{strings.NewReader(body)}, header...)
	r.ContentLength = -1
	res, err := rawHTTPClient.Do(r)
	u.w.ok(err)
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	u.w.ok(err)
	return &response{TB: u.w, Response: res, body: got, label: method + " " + path}
}

// tusHabits is what published clients of tus and people with curl send beside
// the wording of the protocol.
var tusHabits = map[string]func(*tusClient){
	"an address with a slash at the end": func(u *tusClient) {
		u.location = u.do("POST", uploadsPath+"/", nil, "Upload-Length: 10", u.metadataHeader()).is(201, "").Header.Get("Location")
		u.location += "/"
		u.patchUpload(0, webmBytes(10)).is(204, "")
		u.expectOffset(10)
		u.do("OPTIONS", uploadsPath+"/", nil).is(204, "")
		u.do("DELETE", u.location, nil).is(204, "")
	},
	"the Location of POST is a path that every client resolves against its endpoint": func(u *tusClient) {
		a := u.do("POST", uploadsPath+"/?clip_id="+string(u.clip), nil, "Upload-Length: 10").is(201, "")
		at, err := a.Request.URL.Parse(a.Header.Get("Location"))
		u.w.ok(err)
		if at.Host != a.Request.URL.Host || at.Path != a.Header.Get("Location") {
			u.w.Errorf("%s", at)
		}
	},
	"POST without bytes and with the content type of bytes": func(u *tusClient) {
		u.location = u.postUpload("", "Upload-Length: 10", octetStream).is(201, "").has("Upload-Offset: 0").Header.Get("Location")
		u.expectOffset(0)
	},
	"POST without bytes and with the content type of a form": func(u *tusClient) {
		u.postUpload(nil, "Upload-Length: 10", "Content-Type: application/x-www-form-urlencoded").is(201, "")
	},
	"POST in chunks without bytes": func(u *tusClient) {
		u.chunkedBody("POST", uploadsPath, "", "Upload-Length: 10", u.metadataHeader()).is(201, "")
	},
	"POST in chunks with bytes that have no content type": func(u *tusClient) {
		u.chunkedBody("POST", uploadsPath, "x", "Upload-Length: 10", u.metadataHeader()).is(415, "unsupported_media")
	},
	"POST and PATCH of a length that is not known, in chunks": func(u *tusClient) {
		first, rest := string(webmBytes(6)), "abcd"
		u.location = u.chunkedBody("POST", uploadsPath, first, "Upload-Defer-Length: 1", octetStream, u.metadataHeader()).is(201, "").has("Upload-Offset: 6").Header.Get("Location")
		u.chunkedBody("PATCH", u.location, rest, octetStream, "Upload-Offset: 6", "Upload-Length: 10").is(204, "").has("Upload-Offset: 10")
		u.headUpload().has("Upload-Length: 10")
	},
	"a content type in another case and with parameters": func(u *tusClient) {
		u.createUpload(10)
		u.do("PATCH", u.location, webmBytes(6), "Content-Type: Application/Offset+Octet-Stream; charset=utf-8", "Upload-Offset: 0").is(204, "").has("Upload-Offset: 6")
	},
	"PATCH and HEAD and DELETE as POST": func(u *tusClient) {
		u.createUpload(10)
		u.do("POST", u.location, webmBytes(6), octetStream, "Upload-Offset: 0", "X-HTTP-Method-Override: patch").is(204, "").has("Upload-Offset: 6")
		u.do("POST", u.location, nil, "X-HTTP-Method-Override: HEAD").is(200, "").has("Upload-Offset: 6", u.metadataHeader())
		u.do("POST", u.location, nil, "X-HTTP-Method-Override: DELETE").is(204, "")
		u.do("POST", u.location, nil, "X-HTTP-Method-Override: HEAD").is(410, "gone")
		u.headUpload().is(410, "")
	},
	"a version is needed where bytes or rows change": func(u *tusClient) {
		u.createUpload(10)
		without := &tusClient{client: u.w.ana, clip: u.clip, location: u.location}
		without.patchUpload(0, webmBytes(4)).is(412, "invalid").has("Tus-Version: 1.0.0", "Tus-Resumable: 1.0.0")
		without.headUpload().is(412, "").has("Tus-Version: 1.0.0")
		without.do("DELETE", u.location, nil).is(412, "invalid")
		without.postUpload(nil, "Upload-Length: 10").is(412, "invalid")
		u.expectOffset(0)
	},
	"a lost answer: the offset of the server is behind and ahead": func(u *tusClient) {
		u.createUpload(10).patchUpload(0, webmBytes(6)).is(204, "")
		u.patchUpload(0, webmBytes(6)).is(409, "conflict").has("Upload-Offset: 6")
		u.patchUpload(8, "xy").is(409, "conflict").has("Upload-Offset: 6")
		u.expectOffset(6)
	},
	"parallel uploads of parts are refused": func(u *tusClient) {
		at := uploadsPath + "?clip_id=" + string(u.clip)
		for _, concat := range []string{"partial", "final;" + uploadsPath + "/a " + uploadsPath + "/b"} {
			a := u.do("POST", at, nil, "Upload-Length: 10", "Upload-Concat: "+concat).is(400, "invalid")
			if p := a.decodeProblem(); !strings.Contains(p.Detail, "does not concatenate") {
				u.w.Errorf("%s", a.body)
			}
		}

		if _, err := u.w.store.UploadByClip(u.w.Context(), u.clip); tidings.KindOf(err) != tidings.KindNotFound {
			u.w.Errorf("an upload was made: %v", err)
		}
		if extensions := u.do("OPTIONS", uploadsPath, nil).Header.Get("Tus-Extension"); strings.Contains(extensions, "concat") {
			u.w.Errorf("announced: %s", extensions)
		}
	},
	"an empty file": func(u *tusClient) {
		u.location = u.postUpload("", "Upload-Length: 0", octetStream).is(201, "").has("Upload-Offset: 0").Header.Get("Location")
		u.headUpload().is(200, "").has("Upload-Offset: 0", "Upload-Length: 0")
	},
}

// checkRepeatedCreation: the answer to a creation that brought bytes was lost.
func checkRepeatedCreation(u *tusClient) {
	length, name := "Upload-Length: 10", ",filename "+encodeBase64("a.webm")
	post := func(body []byte, meta string, header ...string) *response {
		return u.do("POST", uploadsPath, body, append(header, u.metadataHeader()+meta, octetStream)...)
	}
	at := post(webmBytes(6), name, length).is(201, "").has("Upload-Offset: 6").Header.Get("Location")
	u.location = at
	post(webmBytes(6), name, length).is(201, "").has("Location: "+at, "Upload-Offset: 6")
	post(webmBytes(10), name, length).is(201, "").has("Location: "+at, "Upload-Offset: 6")
	u.expectOffset(6)

	// Other bytes, which would be mixed into these.
	post(webmBytes(6), "", length).is(409, "conflict").has("Location: " + at)
	post(webmBytes(6), name, "Upload-Length: 11").is(409, "conflict").has("Location: " + at)
	post(webmBytes(6), name, "Upload-Defer-Length: 1").is(409, "conflict").has("Location: " + at)
	u.do("POST", uploadsPath, nil, length, u.metadataHeader()+name).is(409, "conflict")

	u.patchUpload(6, "abcd").is(204, "")
	post(webmBytes(10), name, length).is(201, "").has("Location: "+at, "Upload-Offset: 10")
	u.do("DELETE", u.location, nil).is(204, "")
	post(webmBytes(10), name, length).is(409, "conflict")

	live := newTus(u.w.ana)
	live.postUpload(webmBytes(6), "Upload-Defer-Length: 1", octetStream).is(201, "")
	live.postUpload(webmBytes(6), "Upload-Defer-Length: 1", octetStream).is(409, "conflict")
}

// TestTusHabits: requests as other people's programs write them.
func TestTusHabits(t *testing.T) {
	w := newTestServer(t)
	for name, check := range tusHabits {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(newTus(w.inSubtest(t).ana))
		})
	}
}

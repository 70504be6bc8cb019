package api_test

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"tidings.example/tidings/api"
	"tidings.example/tidings/media/source"
	"tidings.example/tidings/tidings"
)

const (
	uploads = "/api/v1/uploads"
	octets  = "Content-Type: application/offset+octet-stream"
)

// ebml begins what passes for a recording: the magic of WebM.
func ebml(size int) []byte {
	return append([]byte{0x1a, 0x45, 0xdf, 0xa3}, make([]byte, size-4)...)
}

// tus is a client that speaks tus 1.0.0, with a clip to upload to.
type tus struct {
	*client
	clip tidings.ID
	at   string // path of the upload, after create
}

func newTus(c *client) *tus {
	return &tus{client: c.with("Tus-Resumable: 1.0.0"), clip: c.clip().ID}
}

func b64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

func (u *tus) meta() string { return "Upload-Metadata: clip_id " + b64(string(u.clip)) }

// post asks for an upload with the headers and the clip's metadata.
func (u *tus) post(body any, header ...string) *answer {
	u.w.Helper()
	return u.do("POST", uploads, body, append(header, u.meta())...)
}

// create makes the upload; length < 0 defers it.
func (u *tus) create(length int) *tus {
	u.w.Helper()
	line := "Upload-Length: " + strconv.Itoa(length)
	if length < 0 {
		line = "Upload-Defer-Length: 1"
	}
	u.at = u.post(nil, line).is(http.StatusCreated, "").Header.Get("Location")
	return u
}

func (u *tus) patch(offset int, body any, header ...string) *answer {
	u.w.Helper()
	return u.do("PATCH", u.at, body, append(header, octets, "Upload-Offset: "+strconv.Itoa(offset))...)
}

func (u *tus) head(header ...string) *answer {
	u.w.Helper()
	return u.do("HEAD", u.at, nil, header...)
}

// stands checks where the upload stands, in the row and for the client.
func (u *tus) stands(offset int) {
	u.w.Helper()
	row, err := u.w.store.UploadByClip(u.w.Context(), u.clip)
	u.w.ok(err)
	if row.Offset != int64(offset) {
		u.w.Fatalf("the row stands at %d, want %d", row.Offset, offset)
	}
	u.head().is(http.StatusOK, "").has("Upload-Offset: " + strconv.Itoa(offset))
}

// musts are the requirements of tus 1.0.0 on servers, each by its own words.
var musts = map[string]func(*tus){
	"HEAD always has Upload-Offset, also 0": func(u *tus) {
		u.create(10).head().is(200, "").has("Upload-Offset: 0")
	},
	"HEAD has Upload-Offset of a complete upload": func(u *tus) {
		u.create(10).patch(0, ebml(10)).is(204, "")
		u.head().is(200, "").has("Upload-Offset: 10", "Upload-Length: 10")
	},
	"HEAD has Upload-Length when it is known":  func(u *tus) { u.create(10).head().has("Upload-Length: 10", "Upload-Defer-Length:") },
	"HEAD forbids caches":                      func(u *tus) { u.create(10).head().has("Cache-Control: no-store") },
	"HEAD of no upload has no Upload-Offset":   func(u *tus) { u.at = uploads + "/" + string(u.clip); u.head().is(404, "").has("Upload-Offset:") },
	"HEAD has Upload-Metadata as it was given": func(u *tus) { u.create(10).head().has(u.meta()) },
	"PATCH needs its content type": func(u *tus) {
		u.create(10)
		u.do("PATCH", u.at, ebml(10), "Upload-Offset: 0", "Content-Type: video/webm").is(415, "unsupported_media")
		u.stands(0)
	},
	"PATCH needs Upload-Offset":               func(u *tus) { u.create(10); u.do("PATCH", u.at, ebml(10), octets).is(400, "invalid"); u.stands(0) },
	"PATCH at a wrong offset changes nothing": func(u *tus) { u.create(10).patch(3, ebml(7)).is(409, "conflict").has("Upload-Offset: 0"); u.stands(0) },
	"PATCH answers with the new offset":       func(u *tus) { u.create(10).patch(0, ebml(6)).is(204, "").has("Upload-Offset: 6"); u.stands(6) },
	"PATCH goes on where it stands": func(u *tus) {
		u.create(10).patch(0, ebml(6))
		u.patch(6, "abcd").is(204, "").has("Upload-Offset: 10")
		u.stands(10)
	},
	"PATCH of no upload is 404":                func(u *tus) { u.at = uploads + "/" + string(u.clip); u.patch(0, ebml(4)).is(404, "not_found") },
	"PATCH with an empty body changes nothing": func(u *tus) { u.create(10).patch(0, "").is(204, "").has("Upload-Offset: 0") },
	"PATCH beyond the length is refused":       func(u *tus) { u.create(10).patch(0, ebml(11)).is(413, "too_large") },
	"a negative offset is refused":             func(u *tus) { u.create(10).patch(-1, ebml(4)).is(400, "invalid") },
	"OPTIONS tells what the server can do":     describes,
	"OPTIONS needs no Tus-Resumable":           func(u *tus) { u.w.stranger().do("OPTIONS", uploads, nil).is(204, "") },
	"every answer has Tus-Resumable": func(u *tus) {
		u.create(10).patch(9, "x").has("Tus-Resumable: 1.0.0")
		u.head().has("Tus-Resumable: 1.0.0")
	},
	"another version is refused before anything": otherVersion,
	"X-HTTP-Method-Override is the method":       override,
	"POST answers 201 with the Location": func(u *tus) {
		a := u.post(nil, "Upload-Length: 10").is(201, "")
		if !strings.HasPrefix(a.Header.Get("Location"), uploads+"/") {
			u.w.Fatal(a.Header)
		}
	},
	"POST needs a length":           func(u *tus) { u.post(nil).is(400, "invalid") },
	"POST takes one kind of length": func(u *tus) { u.post(nil, "Upload-Length: 10", "Upload-Defer-Length: 1").is(400, "invalid") },
	"POST refuses a length that is no number": func(u *tus) {
		u.post(nil, "Upload-Length: ten").is(400, "invalid")
		u.post(nil, "Upload-Length: -1").is(400, "invalid")
		u.post(nil, "Upload-Length: +1").is(400, "invalid")
	},
	"POST beyond Tus-Max-Size is refused": func(u *tus) { u.post(nil, "Upload-Length: "+strconv.Itoa(1<<20+1)).is(413, "too_large") },
	"POST of length 0 is complete": func(u *tus) {
		u.create(0).head().has("Upload-Offset: 0", "Upload-Length: 0")
		u.patch(0, "x").is(410, "gone")
	},
	"POST refuses metadata that is none": badMetadata,
	"POST twice before the first byte is one": func(u *tus) {
		first := u.create(10).at
		if again := u.create(10).at; again != first {
			u.w.Fatal(first, again)
		}
	},
	"POST after the first byte says where to go on": func(u *tus) {
		at := u.create(10).at
		u.patch(0, ebml(4))
		u.post(nil, "Upload-Length: 10").is(409, "conflict").has("Location: " + at)
	},
	"Upload-Defer-Length is 1 or nothing": func(u *tus) {
		u.post(nil, "Upload-Defer-Length: 0").is(400, "invalid")
		u.post(nil, "Upload-Defer-Length: yes").is(400, "invalid")
	},
	"HEAD says that the length is deferred": func(u *tus) {
		u.create(-1).head().has("Upload-Defer-Length: 1", "Upload-Length:")
		u.patch(0, ebml(9))
		u.head().has("Upload-Defer-Length: 1")
	},
	"PATCH brings the length": func(u *tus) {
		u.create(-1).patch(0, ebml(9))
		u.patch(9, "", "Upload-Length: 9").is(204, "").has("Upload-Offset: 9")
		u.head().has("Upload-Length: 9", "Upload-Defer-Length:")
	},
	"PATCH brings the length with the last bytes": func(u *tus) {
		u.create(-1).patch(0, ebml(9), "Upload-Length: 9").is(204, "").has("Upload-Offset: 9")
		u.head().has("Upload-Length: 9")
	},
	"a known length cannot change": func(u *tus) {
		u.create(10).patch(0, ebml(4))
		u.patch(4, "x", "Upload-Length: 12").is(409, "conflict")
		u.stands(4)
	},
	"a length below the offset is refused": func(u *tus) {
		u.create(-1).patch(0, ebml(9))
		u.patch(9, "", "Upload-Length: 5").is(413, "too_large")
		u.stands(9)
	},
	"POST takes the first bytes": func(u *tus) {
		a := u.post(ebml(6), "Upload-Length: 10", octets).is(201, "").has("Upload-Offset: 6")
		u.at = a.Header.Get("Location")
		u.stands(6)
	},
	"POST with bytes needs their content type": func(u *tus) {
		u.post(ebml(6), "Upload-Length: 10", "Content-Type: video/webm").is(415, "unsupported_media")
	},
	"POST checks the checksum of its bytes": func(u *tus) {
		u.post(ebml(6), "Upload-Length: 10", octets, "Upload-Checksum: sha1 "+sha("other")).is(460, "invalid")
	},
	"Upload-Expires is an HTTP date": expires,
	"a right checksum is stored":     checksums,
	"a wrong checksum stores nothing": func(u *tus) {
		u.create(10).patch(0, ebml(10), "Upload-Checksum: sha1 "+sha("other")).is(460, "invalid")
		u.stands(0)
	},
	"an unknown algorithm is refused": func(u *tus) {
		u.create(10).patch(0, ebml(10), "Upload-Checksum: md5 "+sha("x")).is(400, "invalid")
		u.stands(0)
	},
	"a checksum that is none is refused": func(u *tus) {
		u.create(10).patch(0, ebml(10), "Upload-Checksum: sha1 !!").is(400, "invalid")
		u.stands(0)
	},
	"DELETE answers 204 and the upload is gone": terminated,
	"DELETE of a complete upload is refused":    func(u *tus) { u.create(10).patch(0, ebml(10)); u.do("DELETE", u.at, nil).is(410, "gone"); u.stands(10) },
	"PATCH of a complete upload is gone":        func(u *tus) { u.create(10).patch(0, ebml(10)); u.patch(10, "x").is(410, "gone") },
	"what is no media is refused by its bytes":  func(u *tus) { u.create(14).patch(0, "#EXTM3U\nx.m3u8").is(415, "unsupported_media") },
	"somebody else's upload is not there": func(u *tus) {
		u.create(10)
		o := *u
		o.client = u.w.person("bo", tidings.RoleMember).with("Tus-Resumable: 1.0.0")
		o.head().is(404, "")
		o.patch(0, ebml(4)).is(404, "not_found")
		u.stands(0)
	},
	"somebody else's clip takes no upload": func(u *tus) {
		o := *u
		o.client = u.w.person("bo", tidings.RoleMember).with("Tus-Resumable: 1.0.0")
		o.post(nil, "Upload-Length: 4").is(404, "not_found")
	},
}

// TestTus holds the server to the protocol, requirement by requirement.
func TestTus(t *testing.T) {
	w := newWorld(t, small)
	for name, must := range musts {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			must(newTus(w.in(t).ana))
		})
	}
}

// small takes originals of at most 1 MiB.
func small(c *api.Config, _ *api.Deps, s *source.Config) { c.MaxUpload, s.MaxBytes = 1<<20, 1<<20 }

func TestTusExpired(t *testing.T) {
	u := newTus(newWorld(t).ana)
	u.create(10).patch(0, ebml(4)).is(204, "")
	u.w.clock.Pass(time.Hour)
	u.w.ok(u.w.source.Sweep(t.Context()))
	u.head().is(410, "").has("Upload-Offset:")
	u.patch(4, "x").is(410, "gone")
	if c, err := u.w.store.Clip(t.Context(), u.clip); err != nil || !c.EndedEarly || c.Bytes != 4 {
		t.Errorf("%+v %v", c, err)
	}
}

func describes(u *tus) {
	a := u.do("OPTIONS", uploads, nil).is(204, "").has("Tus-Version: 1.0.0", "Tus-Max-Size: 1048576", "Tus-Resumable: 1.0.0")
	got := strings.Split(a.Header.Get("Tus-Extension"), ",")
	for _, name := range []string{"creation", "creation-defer-length", "creation-with-upload", "expiration", "checksum", "termination"} {
		if !slices.Contains(got, name) {
			u.w.Errorf("%s is not announced: %v", name, got)
		}
	}
	if got := strings.Split(a.Header.Get("Tus-Checksum-Algorithm"), ","); !slices.Contains(got, "sha1") || !slices.Contains(got, "sha256") || !slices.Contains(got, "crc32") {
		u.w.Errorf("checksums: %v", got)
	}
}

func otherVersion(u *tus) {
	u.create(10)
	for _, version := range []string{"0.2.2", "2.0.0", ""} {
		c := *u
		c.client = u.w.ana.with("Tus-Resumable: " + version)
		c.patch(0, ebml(4)).is(412, "invalid").has("Tus-Version: 1.0.0")
	}
	u.stands(0)
}

func override(u *tus) {
	u.create(10)
	u.do("POST", u.at, ebml(6), octets, "Upload-Offset: 0", "X-HTTP-Method-Override: PATCH").is(204, "").has("Upload-Offset: 6")
	u.stands(6)
	u.do("POST", u.at, nil, "X-HTTP-Method-Override: DELETE").is(204, "")
	u.head().is(410, "")
	u.w.ana.do("GET", "/api/v1/me", nil, "X-HTTP-Method-Override: DELETE").is(200, "") // uploads only
}

func badMetadata(u *tus) {
	for _, meta := range []string{"", "clip_id", "clip_id !!", "filename " + b64("x"), "clip_id " + b64("nonsense"), "clip_id " + b64(string(u.clip)) + ",extra " + b64("x"),
		"clip_id " + b64(string(u.clip)) + ",clip_id " + b64(string(u.clip)), "clip_id " + b64(string(u.clip)) + ",filename " + b64("a\x00b")} {
		a := u.do("POST", uploads, nil, "Upload-Length: 4", "Upload-Metadata: "+meta)
		if a.StatusCode != 400 && !(a.StatusCode == 404 && strings.Contains(meta, b64("nonsense"))) {
			u.w.Errorf("%q: %d %s", meta, a.StatusCode, a.body)
		}
		a.problem()
	}

	if _, err := u.w.store.UploadByClip(u.w.Context(), u.clip); tidings.KindOf(err) != tidings.KindNotFound {
		u.w.Errorf("an upload was made: %v", err)
	}
}

func expires(u *tus) {
	a := u.create(10).patch(0, ebml(4)).is(204, "")
	for _, a := range []*answer{a, u.head()} {
		at, err := http.ParseTime(a.Header.Get("Upload-Expires"))
		if err != nil || !at.After(u.w.clock.Now()) {
			u.w.Errorf("Upload-Expires %q: %v", a.Header.Get("Upload-Expires"), err)
		}
	}
}

func sha(text string) string {
	sum := sha1.Sum([]byte(text))
	return base64.StdEncoding.EncodeToString(sum[:])
}

func checksums(u *tus) {
	body := ebml(9)
	u.create(3 * 9)
	s1, s2, s3 := sha1.Sum(body), sha256.Sum256(body), binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE(body))
	for i, sum := range []string{"sha1 " + base64.StdEncoding.EncodeToString(s1[:]), "sha256 " + base64.StdEncoding.EncodeToString(s2[:]), "crc32 " + base64.StdEncoding.EncodeToString(s3)} {
		u.patch(9*i, body, "Upload-Checksum: "+sum).is(204, "").has("Upload-Offset: " + strconv.Itoa(9*i+9))
	}
	u.stands(27)
}

func terminated(u *tus) {
	u.create(10).patch(0, ebml(4))
	u.do("DELETE", u.at, nil).is(204, "")
	u.head().is(410, "").has("Upload-Offset:")
	u.patch(4, "x").is(410, "gone")
	u.do("DELETE", u.at, nil).is(410, "gone")
	keys, err := bucket.Plain().Keys(u.w.Context(), "clips/"+string(u.clip)+"/", "", 10)
	if err != nil || len(keys) > 0 {
		u.w.Errorf("bytes are left: %v %v", keys, err)
	}
}

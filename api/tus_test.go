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
	uploadsPath = "/api/v1/uploads"
	octetStream = "Content-Type: application/offset+octet-stream"
)

// webmBytes start with the magic of WebM (EBML); the rest is zero.
func webmBytes(size int) []byte {
	return append([]byte{0x1a, 0x45, 0xdf, 0xa3}, make([]byte, size-4)...)
}

// tusClient is a client that speaks tus 1.0.0, with a clip to upload to.
type tusClient struct {
	*client
	clip     tidings.ID
	location string // path of the upload, after createUpload
}

func newTus(c *client) *tusClient {
	return &tusClient{client: c.withHeaders("Tus-Resumable: 1.0.0"), clip: c.createClip().ID}
}

func encodeBase64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

func (u *tusClient) metadataHeader() string {
	return "Upload-Metadata: clip_id " + encodeBase64(string(u.clip))
}

// postUpload sends the creation request with the clip's metadata.
func (u *tusClient) postUpload(body any, header ...string) *response {
	u.w.Helper()
	return u.do("POST", uploadsPath, body, append(header, u.metadataHeader())...)
}

// createUpload creates the upload; length < 0 defers it.
func (u *tusClient) createUpload(length int) *tusClient {
	u.w.Helper()
	line := "Upload-Length: " + strconv.Itoa(length)
	if length < 0 {
		line = "Upload-Defer-Length: 1"
	}
	u.location = u.postUpload(nil, line).is(http.StatusCreated, "").Header.Get("Location")
	return u
}

func (u *tusClient) patchUpload(offset int, body any, header ...string) *response {
	u.w.Helper()
	return u.do("PATCH", u.location, body, append(header, octetStream, "Upload-Offset: "+strconv.Itoa(offset))...)
}

func (u *tusClient) headUpload(header ...string) *response {
	u.w.Helper()
	return u.do("HEAD", u.location, nil, header...)
}

// expectOffset checks the offset of the upload in its row and in the response
// to HEAD.
func (u *tusClient) expectOffset(offset int) {
	u.w.Helper()
	row, err := u.w.store.UploadByClip(u.w.Context(), u.clip)
	u.w.ok(err)
	if row.Offset != int64(offset) {
		u.w.Fatalf("the row stands at %d, want %d", row.Offset, offset)
	}
	u.headUpload().is(http.StatusOK, "").has("Upload-Offset: " + strconv.Itoa(offset))
}

// tusRequirements are the requirements of tus 1.0.0 on servers, in its own
// words.
var tusRequirements = map[string]func(*tusClient){
	"HEAD always has Upload-Offset, also 0": func(u *tusClient) {
		u.createUpload(10).headUpload().is(200, "").has("Upload-Offset: 0")
	},
	"HEAD has Upload-Offset of a complete upload": func(u *tusClient) {
		u.createUpload(10).patchUpload(0, webmBytes(10)).is(204, "")
		u.headUpload().is(200, "").has("Upload-Offset: 10", "Upload-Length: 10")
	},
	"HEAD has Upload-Length when it is known": func(u *tusClient) { u.createUpload(10).headUpload().has("Upload-Length: 10", "Upload-Defer-Length:") },
	"HEAD forbids caches":                     func(u *tusClient) { u.createUpload(10).headUpload().has("Cache-Control: no-store") },
	"HEAD of no upload has no Upload-Offset": func(u *tusClient) {
		u.location = uploadsPath + "/" + string(u.clip)
		u.headUpload().is(404, "").has("Upload-Offset:")
	},
	"HEAD has Upload-Metadata as it was given": func(u *tusClient) { u.createUpload(10).headUpload().has(u.metadataHeader()) },
	"PATCH needs its content type": func(u *tusClient) {
		u.createUpload(10)
		u.do("PATCH", u.location, webmBytes(10), "Upload-Offset: 0", "Content-Type: video/webm").is(415, "unsupported_media")
		u.expectOffset(0)
	},
	"PATCH needs Upload-Offset": func(u *tusClient) {
		u.createUpload(10)
		u.do("PATCH", u.location, webmBytes(10), octetStream).is(400, "invalid")
		u.expectOffset(0)
	},
	"PATCH at a wrong offset changes nothing": func(u *tusClient) {
		u.createUpload(10).patchUpload(3, webmBytes(7)).is(409, "conflict").has("Upload-Offset: 0")
		u.expectOffset(0)
	},
	"PATCH answers with the new offset": func(u *tusClient) {
		u.createUpload(10).patchUpload(0, webmBytes(6)).is(204, "").has("Upload-Offset: 6")
		u.expectOffset(6)
	},
	"PATCH goes on where it stands": func(u *tusClient) {
		u.createUpload(10).patchUpload(0, webmBytes(6))
		u.patchUpload(6, "abcd").is(204, "").has("Upload-Offset: 10")
		u.expectOffset(10)
	},
	"PATCH of no upload is 404": func(u *tusClient) {
		u.location = uploadsPath + "/" + string(u.clip)
		u.patchUpload(0, webmBytes(4)).is(404, "not_found")
	},
	"PATCH with an empty body changes nothing": func(u *tusClient) { u.createUpload(10).patchUpload(0, "").is(204, "").has("Upload-Offset: 0") },
	"PATCH beyond the length is refused":       func(u *tusClient) { u.createUpload(10).patchUpload(0, webmBytes(11)).is(413, "too_large") },
	"a negative offset is refused":             func(u *tusClient) { u.createUpload(10).patchUpload(-1, webmBytes(4)).is(400, "invalid") },
	"OPTIONS tells what the server can do":     checkOptions,
	"OPTIONS needs no Tus-Resumable":           func(u *tusClient) { u.w.anonymousClient().do("OPTIONS", uploadsPath, nil).is(204, "") },
	"every answer has Tus-Resumable": func(u *tusClient) {
		u.createUpload(10).patchUpload(9, "x").has("Tus-Resumable: 1.0.0")
		u.headUpload().has("Tus-Resumable: 1.0.0")
	},
	"another version is refused before anything": checkOtherVersion,
	"X-HTTP-Method-Override is the method":       checkMethodOverride,
	"POST answers 201 with the Location": func(u *tusClient) {
		a := u.postUpload(nil, "Upload-Length: 10").is(201, "")
		if !strings.HasPrefix(a.Header.Get("Location"), uploadsPath+"/") {
			u.w.Fatal(a.Header)
		}
	},
	"POST needs a length": func(u *tusClient) { u.postUpload(nil).is(400, "invalid") },
	"POST takes one kind of length": func(u *tusClient) {
		u.postUpload(nil, "Upload-Length: 10", "Upload-Defer-Length: 1").is(400, "invalid")
	},
	"POST refuses a length that is no number": func(u *tusClient) {
		u.postUpload(nil, "Upload-Length: ten").is(400, "invalid")
		u.postUpload(nil, "Upload-Length: -1").is(400, "invalid")
		u.postUpload(nil, "Upload-Length: +1").is(400, "invalid")
	},
	"POST beyond Tus-Max-Size is refused": func(u *tusClient) { u.postUpload(nil, "Upload-Length: "+strconv.Itoa(1<<20+1)).is(413, "too_large") },
	"POST of length 0 is complete": func(u *tusClient) {
		u.createUpload(0).headUpload().has("Upload-Offset: 0", "Upload-Length: 0")
		u.patchUpload(0, "x").is(410, "gone")
	},
	"POST refuses metadata that is none": checkBadMetadata,
	"POST twice before the first byte is one": func(u *tusClient) {
		first := u.createUpload(10).location
		if again := u.createUpload(10).location; again != first {
			u.w.Fatal(first, again)
		}
	},
	"POST after the first byte says where to go on": func(u *tusClient) {
		at := u.createUpload(10).location
		u.patchUpload(0, webmBytes(4))
		u.postUpload(nil, "Upload-Length: 10").is(409, "conflict").has("Location: " + at)
	},
	"POST with bytes can be repeated": checkRepeatedCreation,
	"Upload-Defer-Length is 1 or nothing": func(u *tusClient) {
		u.postUpload(nil, "Upload-Defer-Length: 0").is(400, "invalid")
		u.postUpload(nil, "Upload-Defer-Length: yes").is(400, "invalid")
	},
	"HEAD says that the length is deferred": func(u *tusClient) {
		u.createUpload(-1).headUpload().has("Upload-Defer-Length: 1", "Upload-Length:")
		u.patchUpload(0, webmBytes(9))
		u.headUpload().has("Upload-Defer-Length: 1")
	},
	"PATCH brings the length": func(u *tusClient) {
		u.createUpload(-1).patchUpload(0, webmBytes(9))
		u.patchUpload(9, "", "Upload-Length: 9").is(204, "").has("Upload-Offset: 9")
		u.headUpload().has("Upload-Length: 9", "Upload-Defer-Length:")
	},
	"PATCH brings the length with the last bytes": func(u *tusClient) {
		u.createUpload(-1).patchUpload(0, webmBytes(9), "Upload-Length: 9").is(204, "").has("Upload-Offset: 9")
		u.headUpload().has("Upload-Length: 9")
	},
	"a known length cannot change": func(u *tusClient) {
		u.createUpload(10).patchUpload(0, webmBytes(4))
		u.patchUpload(4, "x", "Upload-Length: 12").is(409, "conflict")
		u.expectOffset(4)
	},
	"a length below the offset is refused": func(u *tusClient) {
		u.createUpload(-1).patchUpload(0, webmBytes(9))
		u.patchUpload(9, "", "Upload-Length: 5").is(413, "too_large")
		u.expectOffset(9)
	},
	"POST takes the first bytes": func(u *tusClient) {
		a := u.postUpload(webmBytes(6), "Upload-Length: 10", octetStream).is(201, "").has("Upload-Offset: 6")
		u.location = a.Header.Get("Location")
		u.expectOffset(6)
	},
	"POST with bytes needs their content type": func(u *tusClient) {
		u.postUpload(webmBytes(6), "Upload-Length: 10", "Content-Type: video/webm").is(415, "unsupported_media")
	},
	"POST checks the checksum of its bytes": func(u *tusClient) {
		u.postUpload(webmBytes(6), "Upload-Length: 10", octetStream, "Upload-Checksum: sha1 "+sha1Base64("other")).is(460, "invalid")
	},
	"Upload-Expires is an HTTP date": checkExpiry,
	"a right checksum is stored":     checkChecksums,
	"a wrong checksum stores nothing": func(u *tusClient) {
		u.createUpload(10).patchUpload(0, webmBytes(10), "Upload-Checksum: sha1 "+sha1Base64("other")).is(460, "invalid")
		u.expectOffset(0)
	},
	"an unknown algorithm is refused": func(u *tusClient) {
		u.createUpload(10).patchUpload(0, webmBytes(10), "Upload-Checksum: md5 "+sha1Base64("x")).is(400, "invalid")
		u.expectOffset(0)
	},
	"a checksum that is none is refused": func(u *tusClient) {
		u.createUpload(10).patchUpload(0, webmBytes(10), "Upload-Checksum: sha1 !!").is(400, "invalid")
		u.expectOffset(0)
	},
	"DELETE answers 204 and the upload is gone":                                checkTermination,
	"DELETE of a complete upload answers 204 and puts the clip into the trash": checkFinishedTermination,
	"metadata of other programs is kept as it was sent":                        checkForeignMetadata,
	"the clip is in the query or in the metadata":                              checkClipInQuery,
	"GET leads to the original":                                                checkGet,
	"metadata in several lines is one list":                                    checkMetadataLines,
	"metadata without bounds is refused":                                       checkMetadataBounds,
	"PATCH of a complete upload is gone": func(u *tusClient) {
		u.createUpload(10).patchUpload(0, webmBytes(10))
		u.patchUpload(10, "x").is(410, "gone")
	},
	"what is no media is refused by its bytes": func(u *tusClient) { u.createUpload(14).patchUpload(0, "#EXTM3U\nx.m3u8").is(415, "unsupported_media") },
	"somebody else's upload is not there": func(u *tusClient) {
		u.createUpload(10)
		o := *u
		o.client = u.w.addPerson("bo", tidings.RoleMember).withHeaders("Tus-Resumable: 1.0.0")
		o.headUpload().is(404, "")
		o.patchUpload(0, webmBytes(4)).is(404, "not_found")
		u.expectOffset(0)
	},
	"somebody else's clip takes no upload": func(u *tusClient) {
		o := *u
		o.client = u.w.addPerson("bo", tidings.RoleMember).withHeaders("Tus-Resumable: 1.0.0")
		o.postUpload(nil, "Upload-Length: 4").is(404, "not_found")
	},
}

// TestTus checks the server against the protocol, requirement by requirement.
func TestTus(t *testing.T) {
	w := newTestServer(t, limitUploads)
	for name, must := range tusRequirements {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			must(newTus(w.inSubtest(t).ana))
		})
	}
}

// limitUploads accepts originals of at most 1 MiB.
func limitUploads(c *api.Config, _ *api.Deps, s *source.Config) {
	c.MaxUpload, s.MaxBytes = 1<<20, 1<<20
}

func TestTusExpired(t *testing.T) {
	u := newTus(newTestServer(t).ana)
	u.createUpload(10).patchUpload(0, webmBytes(4)).is(204, "")
	u.w.clock.Advance(time.Hour)
	u.w.ok(u.w.source.Sweep(t.Context()))
	u.headUpload().is(410, "").has("Upload-Offset:")
	u.patchUpload(4, "x").is(410, "gone")
	if c, err := u.w.store.Clip(t.Context(), u.clip); err != nil || !c.EndedEarly || c.Bytes != 4 {
		t.Errorf("%+v %v", c, err)
	}
}

func checkOptions(u *tusClient) {
	a := u.do("OPTIONS", uploadsPath, nil).is(204, "").has("Tus-Version: 1.0.0", "Tus-Max-Size: 1048576", "Tus-Resumable: 1.0.0")
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

func checkOtherVersion(u *tusClient) {
	u.createUpload(10)
	for _, version := range []string{"0.2.2", "2.0.0", ""} {
		c := *u
		c.client = u.w.ana.withHeaders("Tus-Resumable: " + version)
		c.patchUpload(0, webmBytes(4)).is(412, "invalid").has("Tus-Version: 1.0.0")
	}
	u.expectOffset(0)
}

func checkMethodOverride(u *tusClient) {
	u.createUpload(10)
	u.do("POST", u.location, webmBytes(6), octetStream, "Upload-Offset: 0", "X-HTTP-Method-Override: PATCH").is(204, "").has("Upload-Offset: 6")
	u.expectOffset(6)
	u.do("POST", u.location, nil, "X-HTTP-Method-Override: DELETE").is(204, "")
	u.headUpload().is(410, "")
	u.w.ana.do("GET", "/api/v1/me", nil, "X-HTTP-Method-Override: DELETE").is(200, "") // uploads only
}

func checkBadMetadata(u *tusClient) {
	for _, meta := range []string{"", "clip_id", "clip_id !!", "filename " + encodeBase64("x"), "clip_id " + encodeBase64("nonsense"), "clip_id " + encodeBase64(string(u.clip)) + ",extra !!", "clip_id " + encodeBase64(string(u.clip)) + ",",
		"clip_id " + encodeBase64(string(u.clip)) + ",clip_id " + encodeBase64(string(u.clip)), "clip_id " + encodeBase64(string(u.clip)) + ",filename " + encodeBase64("a\x00b")} {
		a := u.do("POST", uploadsPath, nil, "Upload-Length: 4", "Upload-Metadata: "+meta)
		if a.StatusCode != 400 && !(a.StatusCode == 404 && strings.Contains(meta, encodeBase64("nonsense"))) {
			u.w.Errorf("%q: %d %s", meta, a.StatusCode, a.body)
		}
		a.decodeProblem()
	}

	if _, err := u.w.store.UploadByClip(u.w.Context(), u.clip); tidings.KindOf(err) != tidings.KindNotFound {
		u.w.Errorf("an upload was made: %v", err)
	}
}

func checkFinishedTermination(u *tusClient) {
	u.createUpload(10).patchUpload(0, webmBytes(10)).is(204, "")
	u.do("DELETE", u.location, nil).is(204, "")
	u.headUpload().is(410, "").has("Upload-Offset:")
	u.patchUpload(10, "x").is(410, "gone")
	u.do("DELETE", u.location, nil).is(410, "gone")
	if clip := string(u.get("/api/v1/clips/"+string(u.clip)).is(200, "").body); !strings.Contains(clip, `"trashed_at":"`) && !strings.Contains(clip, `"deleted_at":"`) {
		u.w.Errorf("not in the trash: %s", clip)
	}

	u.do("POST", "/api/v1/clips/"+string(u.clip)+"/restore", nil).is(200, "")
	u.expectOffset(10)
}

func checkExpiry(u *tusClient) {
	a := u.createUpload(10).patchUpload(0, webmBytes(4)).is(204, "")
	for _, a := range []*response{a, u.headUpload()} {
		at, err := http.ParseTime(a.Header.Get("Upload-Expires"))
		if err != nil || !at.After(u.w.clock.Now()) {
			u.w.Errorf("Upload-Expires %q: %v", a.Header.Get("Upload-Expires"), err)
		}
	}
}

func sha1Base64(text string) string {
	sum := sha1.Sum([]byte(text))
	return base64.StdEncoding.EncodeToString(sum[:])
}

func checkChecksums(u *tusClient) {
	body := webmBytes(9)
	u.createUpload(3 * 9)
	s1, s2, s3 := sha1.Sum(body), sha256.Sum256(body), binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE(body))
	for i, sum := range []string{"sha1 " + base64.StdEncoding.EncodeToString(s1[:]), "sha256 " + base64.StdEncoding.EncodeToString(s2[:]), "crc32 " + base64.StdEncoding.EncodeToString(s3)} {
		u.patchUpload(9*i, body, "Upload-Checksum: "+sum).is(204, "").has("Upload-Offset: " + strconv.Itoa(9*i+9))
	}
	u.expectOffset(27)
}

func checkTermination(u *tusClient) {
	u.createUpload(10).patchUpload(0, webmBytes(4))
	u.do("DELETE", u.location, nil).is(204, "")
	u.headUpload().is(410, "").has("Upload-Offset:")
	u.patchUpload(4, "x").is(410, "gone")
	u.do("DELETE", u.location, nil).is(410, "gone")
	keys, err := bucket.Plain().Keys(u.w.Context(), "clips/"+string(u.clip)+"/", "", 10)
	if err != nil || len(keys) > 0 {
		u.w.Errorf("bytes are left: %v %v", keys, err)
	}
}

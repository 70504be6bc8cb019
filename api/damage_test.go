package api_test

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tidings.example/tidings/tidings"
)

// changeObject changes an object under the storage, as a failing disk does.
func (w *testServer) changeObject(key string, change func([]byte) []byte) {
	w.Helper()
	path := filepath.Join(bucketDir, key)
	b, err := os.ReadFile(path)
	w.ok(err)
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_TRUNC, 0) // its extended attributes stay
	w.ok(err)
	_, err = f.Write(change(b))
	w.ok(err)
	w.ok(f.Close())
}

func flipAt(at int) func([]byte) []byte {
	return func(b []byte) []byte { b[at] ^= 1; return b }
}

// readBroken asks for a file and returns its bytes until the answer breaks off
// or a problem comes instead; the test fails for a whole answer.
func (c *client) readBroken(path string, header ...string) []byte {
	c.w.Helper()
	res := c.sendRequest("GET", path, nil, header...)
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	switch {
	case res.StatusCode == http.StatusInternalServerError && bytes.Contains(got, []byte(`"code":"damaged"`)) && res.Header.Get("Content-Type") == "application/problem+json":
		return nil
	case res.StatusCode != http.StatusOK && res.StatusCode != http.StatusPartialContent:
		c.w.Errorf("%s %v: %s %s", path, header, res.Status, got)
	case err == nil:
		c.w.Errorf("%s %v: %s with all %d bytes", path, header, res.Status, len(got))
	}
	return got
}

// patternBytes is an original whose every block differs.
func patternBytes(size int) []byte {
	b := webmBytes(size)
	for i := 4; i < size; i++ {
		b[i] = byte(i>>8) ^ byte(i*7)
	}
	return b
}

// uploadPattern makes a clip with an original and returns the key of its object:
// its one part or, once it is compacted, the original.
func (w *testServer) uploadPattern(b []byte, compacted bool) (clip tidings.ID, key string) {
	w.Helper()
	clip = w.ana.createClip().ID
	u := &tusClient{client: w.ana.withHeaders("Tus-Resumable: 1.0.0"), clip: clip}
	u.createUpload(len(b)).patchUpload(0, b).is(http.StatusNoContent, "")
	if compacted {
		a, err := w.source.Compact(w.Context(), clip)
		w.ok(err)
		return clip, a.Key
	}

	parts, err := w.store.Parts(w.Context(), clip, 0, 100)
	w.ok(err)
	for _, p := range parts {
		if p.Offset+p.Size > damagedAt {
			return clip, p.Key
		}
	}
	w.Fatalf("%d parts", len(parts))
	return "", ""
}

// damagedAt is in block 4 of an original of 2.5 MB.
const damagedAt = 1_200_000

// TestDamagedOriginal: no byte of a damaged block is sent, neither of the whole
// original nor of a range, and no client can take the answer for whole; the log
// and the clip say why, and what is whole is served on.
func TestDamagedOriginal(t *testing.T) {
	for name, compacted := range map[string]bool{"in parts": false, "as one object": true} {
		t.Run(name, func(t *testing.T) {
			w := newTestServer(t)
			whole := patternBytes(2_500_000)
			clip, key := w.uploadPattern(whole, compacted)
			path := mediaPath(clip, "original")
			w.ana.get(path).is(200, "").hasBody(whole)
			if c := decodeJSON[struct{ Damage *string }](w.ana.get("/api/v1/clips/"+string(clip)).is(200, "")); c.Damage != nil {
				t.Errorf("of a whole clip: %s", *c.Damage)
			}

			part := 0
			if !compacted {
				part = int(partStart(w, clip))
			}
			w.changeObject(key, flipAt(damagedAt-part))
			w.checkDamaged(path, whole)
			c := decodeJSON[struct{ Damage *string }](w.ana.get("/api/v1/clips/"+string(clip)).is(200, ""))
			if c.Damage == nil || !strings.Contains(*c.Damage, "original of this recording is damaged") {
				t.Errorf("the clip says %v", c.Damage)
			}

			log := w.log.String()
			if n := strings.Count(log, "a stored object is damaged"); n != 1 || !strings.Contains(log, "clip="+string(clip)+" object="+key) {
				t.Errorf("logged %d times: %s", n, log)
			}
		})
	}
}

// partStart is where the part that holds damagedAt begins.
func partStart(w *testServer, clip tidings.ID) (start int64) {
	parts, err := w.store.Parts(w.Context(), clip, 0, 100)
	w.ok(err)
	for _, p := range parts {
		if p.Offset <= damagedAt {
			start = p.Offset
		}
	}
	return start
}

// checkDamaged reads a damaged original in several ways.
func (w *testServer) checkDamaged(path string, whole []byte) {
	w.Helper()
	if got := w.ana.readBroken(path); len(got) > damagedAt || !bytes.HasPrefix(whole, got) {
		w.Errorf("%d bytes were sent, up to the damage at %d", len(got), damagedAt)
	}
	for _, r := range []string{"bytes=1200000-1200000", "bytes=1199990-", "bytes=1000000-1200500", "bytes=-1400000"} {
		got := w.ana.readBroken(path, "Range: "+r)
		if from := max(1_000_000, 0); len(got) > damagedAt-from {
			w.Errorf("%s: %d bytes were sent", r, len(got))
		}
	}

	w.ana.get(path, "Range: bytes=100-200").is(206, "").hasBody(whole[100:201])
	w.ana.get(path, "Range: bytes=2000000-").is(206, "").hasBody(whole[2_000_000:])
}

// TestShortenedFiles: a file that was cut, made longer or emptied under the
// storage is never answered as whole, whether or not it has sums of its blocks.
func TestShortenedFiles(t *testing.T) {
	w := newTestServer(t)
	for name, change := range map[string]func([]byte) []byte{
		"cut":   func(b []byte) []byte { return b[:len(b)-1] },
		"empty": func([]byte) []byte { return nil },
		"flip":  func(b []byte) []byte { b[len(b)-1] ^= 1; return b },
	} {
		clip, key := w.uploadPattern(patternBytes(1_300_000), true)
		w.finishTranscode(w.startTranscode(clip, 1))
		segment, err := w.store.Segment(t.Context(), clip, 1, "v360", 0)
		w.ok(err)
		poster, err := w.store.Asset(t.Context(), clip, "poster.jpg") // as of an older version: without sums
		w.ok(err)
		for _, k := range []string{key, segment.Key, poster.Key} {
			w.changeObject(k, change)
		}

		t.Log(name)
		w.ana.readBroken(mediaPath(clip, "original"))
		w.ana.readBroken(mediaPath(clip, "original"), "Range: bytes=1299990-")
		w.ana.readBroken(mediaPath(clip, "v360/0.m4s"))
		w.ana.readBroken(mediaPath(clip, "poster.jpg"))
		damage, err := w.store.DamageOfClip(t.Context(), clip)
		w.ok(err)
		if len(damage) != 3 {
			t.Errorf("%s: recorded %+v", name, damage)
		}
	}
}

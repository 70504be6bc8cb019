package media

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"

	"tidings.example/tidings/tidings"
)

func TestSniffContinuation(t *testing.T) {
	webm, mp4 := []byte("\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01"), isoBox("ftyp", []byte("isom\x00\x00\x02\x00isomiso2"))
	ogg, mp3 := []byte("OggS\x00\x02"), []byte("ID3\x04\x00")
	for name, c := range map[string]struct {
		head, next []byte
		refused    bool
	}{
		"a cluster":                   {webm, []byte("\x1f\x43\xb6\x75\x01\xff\xff\xff"), false},
		"a block":                     {webm, []byte("\xa3\x41\x02\x81\x00\x00\x80"), false},
		"the middle of a frame":       {webm, []byte("\xff\xfb\x90\x64 and so on"), false},
		"a fragment":                  {mp4, isoBox("moof", isoBox("mfhd")), false},
		"a fragment with its type":    {mp4, isoBox("styp", []byte("msdh")), false},
		"a page of Ogg":               {ogg, ogg, false},
		"a tag in MP3":                {mp3, mp3, false},
		"nothing":                     {webm, nil, false},
		"too little to know":          {webm, webm[:3], false},
		"too little of MP4 to know":   {mp4, mp4[:7], false},
		"an original nobody knows":    {[]byte("?"), webm, false},
		"WebM after WebM":             {webm, webm, true},
		"WebM after MP4":              {mp4, webm, true},
		"MP4 after MP4":               {mp4, mp4, true},
		"MP4 after WebM":              {webm, mp4, true},
		"a fragment with WebM before": {webm, isoBox("styp", []byte("msdh")), true},
		"a header alone":              {mp4, isoBox("moov", isoBox("mvhd")), true},
		"Ogg after WebM":              {webm, ogg, true},
		"WAV after WebM":              {webm, []byte("RIFF\x00\x00\x00\x00WAVEfmt "), true},
		"FLAC after Ogg":              {ogg, []byte("fLaC\x00\x00\x00\x22"), true},
		"MP3 after MP4":               {mp4, mp3, true},
	} {
		err := SniffContinuation(c.head, c.next)
		if (err != nil) != c.refused || err != nil && tidings.KindOf(err) != tidings.KindUnsupported {
			t.Errorf("%s: %v, want refused %t", name, err, c.refused)
		}
	}
}

// FuzzSniffContinuation: the first 12 bytes decide, and what is refused would be
// taken as a file.
func FuzzSniffContinuation(f *testing.F) {
	for _, head := range []string{"vp8-opus.webm", "avc3-opus.mp4"} {
		for _, next := range []string{"vp8-opus.webm", "avc3-opus.mp4"} {
			f.Add(readTestdata(f, head)[:1500], readTestdata(f, next)[:64])
		}
	}

	f.Fuzz(func(t *testing.T, head, next []byte) {
		err := SniffContinuation(head, next)
		if short := SniffContinuation(head, next[:min(len(next), 12)]); (err == nil) != (short == nil) {
			t.Fatalf("%v, by the first bytes %v", err, short)
		}
		if err != nil && Sniff(append(bytes.Clone(next), make([]byte, 12)...)) != nil && !bytes.HasPrefix(next, []byte("RIFF")) {
			t.Fatalf("%q is refused as a file, and is none", next)
		}
	})
}

func readTestdata(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestContinuedBadly: whatever is sent as the continuation of a recording, what was
// recorded before it plays.
func TestContinuedBadly(t *testing.T) {
	noise := make([]byte, 100_000)
	for i := range noise {
		noise[i] = byte(uint64(i) * 0x9e3779b97f4a7c15 >> 56)
	}
	first := map[string][]byte{"WebM": readTestdata(t, "vp8-opus.webm"), "MP4": readTestdata(t, "avc3-opus.mp4")}
	webm, mp4 := first["WebM"], first["MP4"]
	clusters, fragments := webm[bytes.Index(webm, []byte("\x1f\x43\xb6\x75")):], mp4[bytes.Index(mp4, []byte("moof"))-4:]
	vp9 := readTestdata(t, "vp9-opus.webm")
	otherCodec := vp9[bytes.Index(vp9, []byte("\x1f\x43\xb6\x75")):]

	before := map[string]int64{"WebM": transcodeBytes(t, webm), "MP4": transcodeBytes(t, mp4)}
	for name, c := range map[string]struct {
		first string
		next  []byte
	}{
		"noise": {"WebM", noise}, "noise after fragments": {"MP4", noise}, "text": {"WebM", []byte("more")},
		"the same times": {"WebM", clusters}, "the same times of fragments": {"MP4", fragments},
		"another codec": {"WebM", otherCodec}, "another container": {"WebM", fragments}, "another container after fragments": {"MP4", clusters},
		"a cut off cluster": {"WebM", clusters[:5]}, "a cut off fragment": {"MP4", fragments[:12]},
	} {
		t.Run(name, func(t *testing.T) {
			after := transcodeBytes(t, append(bytes.Clone(first[c.first]), c.next...))
			if after < before[c.first]-100 {
				t.Fatalf("of %d ms %d are left", before[c.first], after)
			}
		})
	}
}

// transcodeBytes is the length of what plays of an original, in milliseconds.
func transcodeBytes(t *testing.T, b []byte) int64 {
	t.Helper()
	w := newFakeBackend(func() io.ReadCloser { return io.NopCloser(bytes.NewReader(b)) })
	if err := newMedia(t, w).Transcode(t.Context(), run1); err != nil {
		t.Fatal(err)
	}
	return w.result.DurationMS
}

package main

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The benchmarks measure the built binary (TIDINGS_BIN; `make bench` sets it)
// from outside, as its users meet it. Each prints p50 and p95 of its rounds;
// docs/performance.md keeps the figures.

const (
	rounds  = 5
	patient = 60 * time.Second
	look    = 15 * time.Millisecond // between two looks at a clip

	inRealTime = 15 // seconds at the end of a recording
)

// speechFilm makes a recording like Chromium's: 720p30 H.264 in fragmented MP4
// with Opus, of read speech that ends in a sentence nothing before it holds.
func speechFilm(t testing.TB, seconds int) []byte {
	t.Helper()
	dir := t.TempDir()
	voice := filepath.Join(dir, "voice.wav")
	testdata := "../../transcribe/testdata/"
	tail := 11.0 // jfk.wav
	ffmpegRun(t, "-stream_loop", "-1", "-i", testdata+"sonnet001.wav", "-i", testdata+"jfk.wav", "-filter_complex",
		fmt.Sprintf("[0:a]atrim=duration=%.2f[a];[a][1:a]concat=n=2:v=0:a=1", max(0.1, float64(seconds)-tail)), voice)

	film := filepath.Join(dir, "film.mp4")
	ffmpegRun(t, "-f", "lavfi", "-i", fmt.Sprintf("testsrc2=size=1280x720:rate=30:duration=%d,scroll=vertical=0.002", seconds), "-i", voice,
		"-c:v", "libx264", "-preset", "superfast", "-tune", "zerolatency", "-b:v", "2500k", "-profile:v", "baseline", "-g", "60",
		"-c:a", "libopus", "-b:a", "96k", "-f", "mp4", "-movflags", "empty_moov+default_base_moof+frag_keyframe", film)
	b, err := os.ReadFile(film)
	if err != nil {
		t.Fatal(err)
	}

	return b
}

func ffmpegRun(t testing.TB, args ...string) {
	t.Helper()
	if out, err := exec.Command("ffmpeg", append([]string{"-v", "error", "-y"}, args...)...).CombinedOutput(); err != nil {
		t.Fatalf("ffmpeg: %v\n%s", err, out)
	}
}

// BenchmarkStop feeds recordings of three lengths and reports, in milliseconds
// from the moment before the last bytes are sent: playable (the page's
// playlists and their first segments answer), complete (every playlist has its
// end) and searchable (the last sentence is found). The last 15 seconds come at
// the pace at which they are made, one blob a second; what is before them comes
// at once, and the server has caught up with it before they begin.
func BenchmarkStop(b *testing.B) {
	for _, seconds := range []int{10, 60, 300} {
		b.Run(fmt.Sprintf("%ds", seconds), func(b *testing.B) {
			film := speechFilm(b, seconds)
			s := startServer(b, b.TempDir()).signIn()
			took := map[string][]float64{}
			for range b.N * rounds {
				s.feedFilm(b, film, seconds, took)
			}

			b.ReportMetric(0, "ns/op")
			for what, ms := range took {
				slices.Sort(ms)
				b.ReportMetric(ms[len(ms)/2], what+"_p50_ms")
				b.ReportMetric(ms[len(ms)-1], what+"_p95_ms") // the worst of five
			}

			s.stop()
		})
	}
}

// feedFilm records a film and measures what follows the stop.
func (s *testServer) feedFilm(b *testing.B, film []byte, seconds int, took map[string][]float64) {
	b.Helper()
	clip, upload := s.createRecording("screen_camera", "video/mp4")
	blob, before := len(film)/seconds+1, max(0, seconds-inRealTime)
	at := s.sendPiece(b, upload, 0, film[:before*blob], 0)

	for before > 0 && !s.playlistsReach(clip, before) {
		<-time.After(look)
	}

	tick := time.NewTicker(time.Second)
	defer tick.Stop()

	var stop time.Time
	for int(at) < len(film) {
		<-tick.C
		end, length := min(int(at)+blob, len(film)), int64(0)
		if end == len(film) {
			stop, length = time.Now(), int64(end)
		}
		at = s.sendPiece(b, upload, at, film[at:end], length)
	}

	for _, goal := range []struct {
		name    string
		reached func(clip string) bool
	}{{"playable", s.isPlayable}, {"complete", s.isComplete}, {"searchable", func(clip string) bool { return s.isSearchable(clip, seconds) }}} {
		for !goal.reached(clip) {
			if time.Since(stop) > patient {
				b.Fatalf("never %s: %+v\n%s", goal.name, s.loadClip(clip), s.log)
			}
			<-time.After(look)
		}
		took[goal.name] = append(took[goal.name], float64(time.Since(stop).Milliseconds()))
	}
}

func (s *testServer) sendPiece(b *testing.B, upload string, at int64, piece []byte, length int64) int64 {
	b.Helper()
	n, err := s.patchUpload(upload, at, piece, length)
	if err != nil {
		b.Fatalf("%v\n%s", err, s.log)
	}
	return n
}

// playlistsReach reports whether pictures and words have come near a second of a
// recording that goes on: a segment may be open, and so may an utterance.
func (s *testServer) playlistsReach(clip string, second int) bool {
	lists := s.loadPlaylists(clip)
	for _, text := range lists {
		var sum float64
		for _, m := range duration.FindAllStringSubmatch(text, -1) {
			d, err := strconv.ParseFloat(m[1], 64)
			if err != nil {
				return false
			}
			sum += d
		}

		if sum < float64(second-4) {
			return false
		}
	}

	var said struct {
		Segments []struct {
			EndMS int `json:"end_ms"`
		}
	}
	s.callAPI(http.MethodGet, "/api/v1/clips/"+clip+"/transcript", nil, &said)
	return len(lists) > 0 && len(said.Segments) > 0 && said.Segments[len(said.Segments)-1].EndMS > (second-12)*1000
}

var duration = regexp.MustCompile(`(?m)^#EXTINF:([0-9.]+)`)

var playlistURI = regexp.MustCompile(`(?m)^[^#\s].*$|URI="([^"]+)"`)

// loadPlaylists are the media playlists that the master names, with their URLs.
func (s *testServer) loadPlaylists(clip string) map[string]string {
	master := "/api/v1/clips/" + clip + "/media/master.m3u8"
	res, list := s.request(http.MethodGet, master, nil, nil)
	if res.StatusCode != http.StatusOK {
		return nil
	}

	out := map[string]string{}
	for _, m := range playlistURI.FindAllStringSubmatch(string(list), -1) {
		at := resolveURL(master, cmp.Or(m[1], m[0]))
		if res, text := s.request(http.MethodGet, at, nil, nil); res.StatusCode == http.StatusOK {
			out[at] = string(text)
		}
	}

	return out
}

func resolveURL(base, ref string) string {
	b, err := url.Parse(base)
	if err != nil {
		return ref
	}
	r, err := b.Parse(ref)
	if err != nil {
		return ref
	}
	return r.RequestURI()
}

func (s *testServer) isPlayable(clip string) bool {
	lists := s.loadPlaylists(clip)
	for at, text := range lists {
		uri := playlistURI.FindAllStringSubmatch(text, -1)
		if len(uri) < 2 {
			return false
		}

		for _, m := range uri[:2] { // the head and the first segment
			if res, _ := s.request(http.MethodGet, resolveURL(at, cmp.Or(m[1], m[0])), nil, nil); res.StatusCode != http.StatusOK {
				return false
			}
		}
	}

	return len(lists) > 0
}

func (s *testServer) isComplete(clip string) bool {
	lists := s.loadPlaylists(clip)
	for _, text := range lists {
		if !strings.Contains(text, "#EXT-X-ENDLIST") {
			return false
		}
	}
	return len(lists) > 0
}

// isSearchable reports whether the last sentence is found where it was said.
func (s *testServer) isSearchable(clip string, seconds int) bool {
	_, b := s.request(http.MethodGet, "/api/v1/search?workspace="+s.ws+"&limit=100&q="+url.QueryEscape(`"for your country"`), nil, nil)
	var found struct {
		Items []struct {
			Clip    struct{ ID string }
			Moments []struct {
				StartMS int64 `json:"start_ms"`
			}
		}
	}
	if json.Unmarshal(b, &found) != nil {
		return false
	}

	for _, item := range found.Items {
		if item.Clip.ID != clip {
			continue
		}

		for _, m := range item.Moments {
			if m.StartMS > int64(seconds-4)*1000 {
				return true
			}
		}
	}

	return false
}

// BenchmarkUpload sends 2 GiB in one request, then reads ranges of it, and
// reports speeds and the server's greatest memory.
func BenchmarkUpload(b *testing.B) {
	const size = 2 << 30
	s := startServer(b, b.TempDir(), "--roles", "api").signIn()
	before := s.memoryMiB("VmRSS")
	clip, upload := s.createRecording("file", "audio/wav")
	start := time.Now()
	header := map[string]string{"Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream", "Upload-Offset": "0", "Upload-Length": strconv.Itoa(size)}
	res, body, err := s.tryRequest(http.MethodPatch, upload, header, io.LimitReader(longSound(), size))
	if err != nil || res.StatusCode != http.StatusNoContent {
		b.Fatalf("%v %s\n%s", err, body, s.log)
	}

	b.ReportMetric(0, "ns/op")
	b.ReportMetric(size/(1<<20)/time.Since(start).Seconds(), "upload_MiB/s")
	b.ReportMetric(before, "rss_before_MiB")
	b.ReportMetric(s.memoryMiB("VmHWM"), "rss_peak_MiB")
	s.fetchRanges(b, clip)
	s.stop()
}

// fetchRanges reads 256 MiB from the middle, and single bytes at random places.
func (s *testServer) fetchRanges(b *testing.B, clip string) {
	at := "/api/v1/clips/" + clip + "/media/original"
	const long = 256 << 20
	start := time.Now()
	res, got := s.request(http.MethodGet, at, map[string]string{"Range": fmt.Sprintf("bytes=%d-%d", 1<<30, 1<<30+long-1)}, nil)
	if res.StatusCode != http.StatusPartialContent || len(got) != long {
		b.Fatalf("%s, %d bytes", res.Status, len(got))
	}

	b.ReportMetric(long/(1<<20)/time.Since(start).Seconds(), "range_MiB/s")
	var first []float64
	for range 50 {
		from := rand.IntN(2<<30 - 1)
		start := time.Now()
		s.request(http.MethodGet, at, map[string]string{"Range": fmt.Sprintf("bytes=%d-%d", from, from)}, nil)
		first = append(first, float64(time.Since(start).Microseconds())/1000)
	}

	slices.Sort(first)
	b.ReportMetric(first[len(first)/2], "first_byte_p50_ms")
	b.ReportMetric(first[len(first)*95/100], "first_byte_p95_ms")
}

// longSound is an endless WAV of noise: media by its first bytes, and cheap.
func longSound() io.Reader {
	var h bytes.Buffer
	h.WriteString("RIFF\xff\xff\xff\xffWAVEfmt ")
	for _, v := range []any{uint32(16), uint16(1), uint16(2), uint32(48_000), uint32(192_000), uint16(4), uint16(16)} {
		binary.Write(&h, binary.LittleEndian, v)
	}
	h.WriteString("data\xff\xff\xff\xff")
	return io.MultiReader(&h, rand.NewChaCha8([32]byte{1}))
}

// BenchmarkStart reports the time from exec to the ready line, on a new folder
// and on one with data, and the memory of an idle server.
func BenchmarkStart(b *testing.B) {
	var first, second []float64
	var idle float64
	for range rounds {
		dir := b.TempDir()
		start := time.Now()
		s := startServer(b, dir)
		first = append(first, float64(time.Since(start).Milliseconds()))
		s.stop()
		start = time.Now()
		s = startServer(b, dir)
		second = append(second, float64(time.Since(start).Milliseconds()))
		idle = max(idle, s.memoryMiB("VmRSS"))
		s.stop()
	}

	slices.Sort(first)
	slices.Sort(second)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(first[rounds/2], "first_start_p50_ms")
	b.ReportMetric(second[rounds/2], "start_p50_ms")
	b.ReportMetric(idle, "idle_rss_MiB")
}

// memoryMiB is a line of the server's /proc/PID/status, in MiB.
func (s *testServer) memoryMiB(line string) float64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		s.t.Fatal(err)
	}

	for l := range strings.Lines(string(text)) {
		if name, rest, _ := strings.Cut(l, ":"); name == line {
			kb, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(rest), " kB"))
			if err != nil {
				s.t.Fatal(err)
			}
			return float64(kb) / 1024
		}
	}

	s.t.Fatalf("no %s in status", line)
	return 0
}

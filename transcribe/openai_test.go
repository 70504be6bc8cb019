package transcribe_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tidings.example/tidings/tidings"
	"tidings.example/tidings/transcribe"
	"tidings.example/tidings/transcribe/enginetest"
)

// requireDetector is the file of the voice activity detector.
func requireDetector(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("TIDINGS_SPEECH_DIR")
	if dir == "" {
		dir = filepath.Join("..", "bin", "speech")
	}
	path := transcribe.DetectorFile(dir)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("no detector to test with: %v", err)
	}
	return path
}

// lj050Recogniser knows the recording lj050.
func lj050Recogniser(t testing.TB) fakeRecogniser {
	speech := readSamples(t, "lj050-0131.wav")
	return newFakeRecogniser(speech, lj050, 300, enginetest.Millis(speech)-400)
}

// newTestOpenAI is an engine at the server, with short pauses for tests.
func newTestOpenAI(t testing.TB, s *apiServer, change ...func(*transcribe.OpenAIConfig)) *transcribe.OpenAI {
	t.Helper()
	c := transcribe.OpenAIConfig{URL: s.URL + "/v1", Key: s.key, Detector: requireDetector(t), Requests: 2, Pause: time.Millisecond}
	for _, f := range change {
		f(&c)
	}
	e, err := transcribe.NewOpenAI(c)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// TestOpenAI: an engine over HTTP keeps the contract of engines.
func TestOpenAI(t *testing.T) {
	t.Parallel()
	recogniser := lj050Recogniser(t)
	enginetest.Run(t, enginetest.Subject{Engine: newTestOpenAI(t, newAPIServer(t, recogniser)), Speech: recogniser.speech, Text: lj050, MaxRate: 0})
}

// TestOpenAIAsksForLess: a detail that a server does not support is requested
// once, and the words have times all the same.
func TestOpenAIAsksForLess(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		refuse    []string
		noWords   bool
		format    string
		requests  int
		estimated bool
	}{
		"all there is":             {nil, false, "verbose_json", 1, false},
		"silently without words":   {nil, true, "verbose_json", 1, true},
		"no granularities":         {[]string{"granularities"}, false, "verbose_json", 2, true},
		"no segments, only a text": {[]string{"verbose_json"}, false, "json", 3, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			recogniser := lj050Recogniser(t)
			s := newAPIServer(t, recogniser)
			s.words = !c.noWords
			for _, r := range c.refuse {
				s.refuse[r] = true
			}

			e := newTestOpenAI(t, s)
			for round := range 2 {
				segs, err := enginetest.Collect(t.Context(), e, bytes.NewReader(recogniser.speech))
				if err != nil {
					t.Fatal(err)
				}

				if got := enginetest.Text(segs); got != lj050 {
					t.Errorf("heard %q", got)
				}

				enginetest.CheckTimes(t, segs, enginetest.Millis(recogniser.speech), e.Caps())
				for _, seg := range segs {
					for _, w := range seg.Words {
						if w.Estimated != c.estimated {
							t.Errorf("%q estimated: %v", w.Text, w.Estimated)
						}
					}
				}

				if got, want := s.requestCount(), c.requests+round; got != want {
					t.Errorf("%d requests, not %d", got, want)
				}
			}

			s.mu.Lock()
			defer s.mu.Unlock()

			if got := s.forms[len(s.forms)-1]["response_format"][0]; got != c.format {
				t.Errorf("asked for %s", got)
			}
		})
	}
}

// TestOpenAIFaults: transient failures are survived; others are of a kind that
// is retried later, and no words are invented or kept half.
func TestOpenAIFaults(t *testing.T) {
	t.Parallel()
	status := func(code int, header ...string) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) {
			for i := 0; i+1 < len(header); i += 2 {
				w.Header().Set(header[i], header[i+1])
			}
			w.WriteHeader(code)
		}
	}

	body := func(kind, text string) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", kind)
			w.Write([]byte(text))
		}
	}

	huge := strings.Repeat(`{"text":"`, 2<<20)
	for name, c := range map[string]struct {
		answer func(http.ResponseWriter)
		kind   tidings.Kind // of the error when it does not go by
		once   bool         // a single one is fatal too
	}{
		"500":                 {status(500), tidings.KindUnavailable, false},
		"502":                 {status(502), tidings.KindUnavailable, false},
		"busy":                {status(429, "Retry-After", "0"), tidings.KindUnavailable, false},
		"busy for an hour":    {status(429, "Retry-After", "3600"), tidings.KindUnavailable, true},
		"busy until a date":   {status(503, "Retry-After", "Fri, 31 Dec 2199 23:59:59 GMT"), tidings.KindUnavailable, true},
		"a web page":          {body("text/html; charset=utf-8", "<html>Welcome to nginx!</html>"), tidings.KindUnavailable, false},
		"garbage":             {body("application/json", "\x00\xff\x17"), tidings.KindUnavailable, false},
		"another JSON":        {body("application/json", `{"status":"loading model"}`), tidings.KindUnavailable, false},
		"an error as a 200":   {body("application/json", `{"error":"failed to process audio"}`), tidings.KindUnavailable, false},
		"truncated JSON":      {body("application/json", `{"text":"hello","segments":[{"start":0,"en`), tidings.KindUnavailable, false},
		"a truncated body":    {func(w http.ResponseWriter) { w.Header().Set("Content-Length", "1000"); w.Write([]byte(`{"text"`)) }, tidings.KindUnavailable, false},
		"a cut connection":    {func(http.ResponseWriter) { panic(http.ErrAbortHandler) }, tidings.KindUnavailable, false},
		"a huge body":         {body("application/json", huge), tidings.KindUnavailable, false},
		"a redirect":          {status(307, "Location", "http://192.0.2.1/v1/audio/transcriptions"), tidings.KindUnavailable, true},
		"a wrong key":         {status(401), tidings.KindUnavailable, true},
		"no such model":       {status(404), tidings.KindUnavailable, true},
		"too large":           {status(413), tidings.KindUnsupported, true},
		"refused in any form": {status(400), tidings.KindUnsupported, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			recogniser := lj050Recogniser(t)
			for _, always := range []bool{false, true} {
				s := newAPIServer(t, recogniser)
				s.before = func(w http.ResponseWriter, r *http.Request, n int) bool {
					if n > 0 && !always {
						return false
					}

					if _, _, err := readForm(r); err != nil {
						t.Error(err)
					}

					c.answer(w)
					return true
				}
				segs, err := enginetest.Collect(t.Context(), newTestOpenAI(t, s), bytes.NewReader(recogniser.speech))
				if fatal := always || c.once; fatal != (err != nil) || fatal && tidings.KindOf(err) != c.kind {
					t.Errorf("always=%v: %v", always, err)
				}

				if err == nil && enginetest.Text(segs) != lj050 || err != nil && len(segs) > 0 {
					t.Errorf("always=%v: heard %q", always, enginetest.Text(segs))
				}

				tries := 5
				if transcribe.IsUnreadable(err) { // the same sound is likely to get the same answer
					tries = 3
				}
				if always && !c.once && c.kind == tidings.KindUnavailable && s.requestCount() != tries {
					t.Errorf("%d tries", s.requestCount())
				}
			}
		})
	}
}

// TestOpenAIDown: no server listens, or it does not reply.
func TestOpenAIDown(t *testing.T) {
	t.Parallel()
	recogniser := lj050Recogniser(t)
	s := newAPIServer(t, recogniser)
	blocked := make(chan struct{})
	t.Cleanup(func() { close(blocked) })
	s.before = func(http.ResponseWriter, *http.Request, int) bool { <-blocked; return true }
	_, err := enginetest.Collect(t.Context(), newTestOpenAI(t, s, func(c *transcribe.OpenAIConfig) { c.Timeout = 20 * time.Millisecond }), bytes.NewReader(recogniser.speech))
	if tidings.KindOf(err) != tidings.KindUnavailable || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("no answer: %v", err)
	}

	gone := httptest.NewServer(nil)
	gone.Close()
	_, err = enginetest.Collect(t.Context(), newTestOpenAI(t, s, func(c *transcribe.OpenAIConfig) { c.URL = gone.URL }), bytes.NewReader(recogniser.speech))
	if tidings.KindOf(err) != tidings.KindUnavailable {
		t.Errorf("nobody listens: %v", err)
	}
}

// TestOpenAIMaxWait: a transcription waits no longer than MaxWait between its
// tries.
func TestOpenAIMaxWait(t *testing.T) {
	t.Parallel()
	recogniser := lj050Recogniser(t)
	s := newAPIServer(t, recogniser)
	s.before = func(w http.ResponseWriter, _ *http.Request, _ int) bool { w.WriteHeader(503); return true }
	e := newTestOpenAI(t, s, func(c *transcribe.OpenAIConfig) { c.MaxWait = time.Nanosecond })
	if _, err := enginetest.Collect(t.Context(), e, bytes.NewReader(recogniser.speech)); tidings.KindOf(err) != tidings.KindUnavailable || s.requestCount() != 1 {
		t.Errorf("%d requests: %v", s.requestCount(), err)
	}
}

// TestOpenAIKey: the key is sent, and is in no error, even when the server
// repeats it.
func TestOpenAIKey(t *testing.T) {
	t.Parallel()
	recogniser := lj050Recogniser(t)
	s := newAPIServer(t, recogniser)
	e := newTestOpenAI(t, s, func(c *transcribe.OpenAIConfig) { c.Key = "sk-another-canary" })
	_, err := enginetest.Collect(t.Context(), e, bytes.NewReader(recogniser.speech))
	if err == nil || !strings.Contains(err.Error(), "Incorrect API key") || strings.Contains(err.Error(), "canary") {
		t.Errorf("%v", err)
	}
}

// TestOpenAIAddress: only a valid URL is accepted.
func TestOpenAIAddress(t *testing.T) {
	for _, bad := range []string{"", "api.openai.com/v1", "file:///etc/passwd", "https://user:secret@host/v1", "https://host/v1?key=secret", "http:///v1", "ftp://host"} {
		_, err := transcribe.NewOpenAI(transcribe.OpenAIConfig{URL: bad, Detector: "none"})
		if tidings.KindOf(err) != tidings.KindInvalid || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// TestOpenAILong: a long recording is sent in pieces of a bounded size, cut at
// silences or, where there are none, in mid-speech, and joined without losing or
// repeating a word.
func TestOpenAILong(t *testing.T) {
	t.Parallel()
	for name, pause := range map[string]time.Duration{"pauses": 3 * time.Second, "no pause at all": 0} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var long []byte
			for _, file := range []string{"two_cities.wav", "sonnet001.wav"} {
				long = append(append(long, readSamples(t, file)...), enginetest.Silence(pause)...)
			}

			if pause == 0 {
				long = dropQuiet(long)
			}

			s := newAPIServer(t, fakeRecogniser{speech: long, words: tickWords(long)})
			engine := newTestOpenAI(t, s)
			segs, err := enginetest.Collect(t.Context(), engine, bytes.NewReader(long))
			if err != nil {
				t.Fatal(err)
			}

			enginetest.CheckTimes(t, segs, enginetest.Millis(long), engine.Caps())
			s.mu.Lock()
			defer s.mu.Unlock()

			if len(s.sampleCounts) < 2 {
				t.Errorf("only %d pieces", len(s.sampleCounts))
			}

			for _, n := range s.sampleCounts {
				if n > 30*transcribe.Rate {
					t.Errorf("a piece of %d s", n/transcribe.Rate)
				}
			}

			got := map[string]int{}
			for _, word := range strings.Fields(enginetest.Text(segs)) {
				got[word]++
			}

			repeated := 0
			for word, n := range s.wordCounts {
				if got[word] != 1 {
					t.Errorf("%s is there %d times, heard %d times", word, got[word], n)
				}
				if n > 1 {
					repeated++
				}
			}

			if len(got) < 100 || len(got) != len(s.wordCounts) || pause == 0 && repeated == 0 {
				t.Errorf("%d words of %d, %d in two pieces", len(got), len(s.wordCounts), repeated)
			}
		})
	}
}

// dropQuiet is speech without its quiet parts that are longer than a tenth of a
// second.
func dropQuiet(pcm []byte) (out []byte) {
	const block = transcribe.Rate / 50 * 2
	quiet := 0
	for len(pcm) >= block {
		peak := 0
		for i := 0; i < block; i += 2 {
			peak = max(peak, int(int16(binary.LittleEndian.Uint16(pcm[i:]))))
		}

		if quiet++; peak > 2000 {
			quiet = 0
		}

		if quiet < 4 {
			out = append(out, pcm[:block]...)
		}

		pcm = pcm[block:]
	}

	return out
}

// tickWords is a distinct word for every 350 ms of sound.
func tickWords(pcm []byte) (words []tidings.Word) {
	for at := int64(0); at < enginetest.Millis(pcm)-600; at += 350 {
		i := at * transcribe.Rate / 1000 * 2
		if bytes.Count(pcm[i:i+9600], []byte{0}) < 4800 { // not in a pause that was put in
			words = append(words, tidings.Word{StartMS: at, EndMS: at + 300, Text: fmt.Sprint("w", at)})
		}
	}
	return words
}

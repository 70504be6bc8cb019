package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"tidings.example/tidings/transcribe/enginetest"
)

// TestManyClipsAtOnce: clips of 40 s with many pauses that are uploaded at once are
// all refined, none fails, and each is found by its draft meanwhile. There are
// three, or TIDINGS_TEST_CLIPS (make test-clips: twenty).
func TestManyClipsAtOnce(t *testing.T) {
	count, limit := 3, whisperLimit
	if text := os.Getenv("TIDINGS_TEST_CLIPS"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			t.Fatalf("TIDINGS_TEST_CLIPS is %q", text)
		}
		count, limit = n, time.Hour
	}

	s := startServer(t, dataWithWhisper(t), "--whisper-model", "base-q8_0").signIn()
	begun := time.Now()
	var clips []string
	for i := range count {
		clips = append(clips, s.pushFile(haltingSpeech(t, i), fmt.Sprint("Halting ", i)))
	}

	drafts := 0
	for _, clip := range clips {
		s.awaitClipWithin(limit, clip, "drafted and indexed", func(c clipView) bool {
			failOnFault(t, c)
			return c.Steps["transcribe"].State == "done" && c.Steps["index"].State == "done"
		})
		if s.loadTranscript(clip).Draft {
			drafts++
		}
	}
	if n := s.countFound("fellow"); n != count {
		t.Errorf("%d of %d clips are found", n, count)
	}
	t.Logf("%d clips are drafted after %v, and found; %d wait for better text", count, time.Since(begun).Round(time.Second), drafts)
	if drafts == 0 && count >= 20 {
		t.Error("none was found by its draft")
	}

	for _, clip := range clips {
		s.awaitClipWithin(limit, clip, "refined", func(c clipView) bool {
			failOnFault(t, c)
			return !s.loadTranscript(clip).Draft
		})
		if tr := s.loadTranscript(clip); tr.Engine != "whisper" || len(tr.Segments) == 0 {
			t.Errorf("refined: %+v", tr)
		}
	}
	t.Logf("all are refined after %v", time.Since(begun).Round(time.Second))
	for _, line := range strings.Split(s.log.String(), "\n") {
		if strings.Contains(line, "speech engine failed") {
			t.Error(line)
		}
	}
}

// failOnFault ends the test when the transcription of a clip has failed.
func failOnFault(t *testing.T, c clipView) {
	t.Helper()
	if step := c.Steps["transcribe"]; step.State == "failed" || step.Failure != nil {
		t.Fatalf("transcribe: %+v", step)
	}
}

// countFound is how many clips a search finds.
func (s *testServer) countFound(query string) int {
	s.t.Helper()
	var found struct{ Items []struct{} }
	s.callAPI("GET", "/api/v1/search?limit=50&workspace="+s.ws+"&q="+query, nil, &found)
	return len(found.Items)
}

// haltingSpeech is a file of 40 s: the sentence of jfk.wav, twice, with a pause of
// 1.5 to 2.5 s after each 2.2 s of it.
func haltingSpeech(t *testing.T, seed int) (file string) {
	t.Helper()
	said, err := enginetest.WAV("../../transcribe/testdata/jfk.wav")
	if err != nil {
		t.Fatal(err)
	}

	const part = 2 * 16_000 * 22 / 10 // bytes
	var pcm []byte
	for i := 0; len(pcm) < 2*16_000*38; i++ {
		at := i % (len(said) / part) * part
		pause := 1500*time.Millisecond + time.Duration((i*7+seed*3)%11)*100*time.Millisecond
		pcm = append(append(pcm, said[at:at+part]...), enginetest.Silence(pause)...)
	}

	raw := filepath.Join(t.TempDir(), "raw")
	if err := os.WriteFile(raw, pcm, 0o600); err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(t.TempDir(), fmt.Sprint("halting-", seed, ".wav"))
	runProgram(t, "ffmpeg", "-v", "error", "-f", "s16le", "-ar", "16000", "-ac", "1", "-i", raw, file)
	return file
}

package transcribe_test

import (
	"cmp"
	"context"
	"io"
	"log/slog"
	"os"
	"syscall"
	"testing"
	"time"

	"tidings.example/tidings/tidings"
	"tidings.example/tidings/transcribe"
	"tidings.example/tidings/transcribe/enginetest"
)

// BenchmarkRefineAfterStop records a talk of TIDINGS_TEST_TALK (1m) in real time,
// with the built-in engine's draft and Whisper's refinement meanwhile. It reports
// the time from its end to the refined transcript, the CPU time that refinement
// takes for each second of the talk, and the peak memory of its process. It
// needs Whisper (see availableEngines).
func BenchmarkRefineAfterStop(b *testing.B) {
	length, err := time.ParseDuration(cmp.Or(os.Getenv("TIDINGS_TEST_TALK"), "1m"))
	if err != nil {
		b.Fatal(err)
	}

	const asInTheProduct = 0 // threads: the idle cores
	engines := availableEngines(b, asInTheProduct)
	better, ok := engines["whisper"].(*transcribe.Whisper)
	if !ok {
		b.Skip("no Whisper to measure")
	}

	for b.Loop() {
		recordTalk(b, engines["vosk"], better, longTalk(b, length))
	}
}

// longTalk is the corpus with a pause after each utterance, repeated.
func longTalk(b *testing.B, length time.Duration) (talk []byte) {
	b.Helper()
	_, all := loadCorpus(b)
	for i := 0; enginetest.Millis(talk) < length.Milliseconds(); i++ {
		talk = append(append(talk, all[i%len(all)].pcm...), enginetest.Silence(1500*time.Millisecond)...)
	}
	return talk
}

// recordTalk records a talk and reports what its refinement takes.
func recordTalk(b *testing.B, draft transcribe.Engine, better *transcribe.Whisper, talk []byte) {
	b.Helper()
	w := newFixture(b)
	sound := newGrowingSound()
	w.source = func() io.ReadCloser { return &soundReader{growingSound: sound} }
	step := transcribe.New(transcribe.Config{Rows: w, Pieces: w, Source: w, Engine: draft, Others: []transcribe.Engine{better}, Routes: []transcribe.Route{{Engines: []string{better.Name()}}},
		PCM: func(_ context.Context, src io.Reader) (io.ReadCloser, error) { return io.NopCloser(src), nil }, Log: slog.New(slog.NewTextHandler(os.Stderr, nil))})
	run, ended := w.leaseStep(), make(chan error, 1)
	own := usedTime(b, syscall.RUSAGE_SELF)
	go func() { ended <- step.Transcribe(b.Context(), run) }()

	const second = 2 * transcribe.Rate
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for at := 0; at < len(talk); at += second {
		<-tick.C
		sound.appendSamples(talk[at:min(at+second, len(talk))])
	}

	got, _ := w.currentTranscript()
	stopped := time.Now()
	sound.end()
	if err := <-ended; err != nil {
		b.Fatal(err)
	}

	b.ReportMetric(time.Since(stopped).Seconds(), "stop-to-refined-s")
	if got.Refinement != tidings.RefinedMeanwhile {
		b.Logf("it was refined %s", got.Refinement)
	}

	seconds := float64(enginetest.Millis(talk)) / 1000
	drafted := childrenTime(b) // Whisper's process still runs, the draft's has ended
	own = usedTime(b, syscall.RUSAGE_SELF) - own
	b.ReportMetric(float64(peakMemory(b, better.ProcessID()))/(1<<20), "whisper-peak-MiB")
	better.EndProcess()
	b.ReportMetric((childrenTime(b)-drafted).Seconds()/seconds, "whisper-CPU-s/s")
	b.ReportMetric(own.Seconds()/seconds, "own-CPU-s/s")
	b.ReportMetric(drafted.Seconds()/seconds, "draft-CPU-s/s")
}

package transcribe_test

import (
	"cmp"
	"context"
	"io"
	"os"
	"testing"
	"time"

	"tidings.example/tidings/tidings"
	"tidings.example/tidings/transcribe"
	"tidings.example/tidings/transcribe/enginetest"
)

// BenchmarkRefineAfterStop records a talk of TIDINGS_TEST_TALK (1m) in real time,
// with the built-in engine's draft and Whisper's refinement meanwhile, and
// reports the time from its end to the refined transcript. It needs Whisper (see
// availableEngines).
func BenchmarkRefineAfterStop(b *testing.B) {
	length, err := time.ParseDuration(cmp.Or(os.Getenv("TIDINGS_TEST_TALK"), "1m"))
	if err != nil {
		b.Fatal(err)
	}

	engines := availableEngines(b, 2)
	better := engines["whisper"]
	if better == nil {
		b.Skip("no Whisper to measure")
	}

	_, all := loadCorpus(b)
	var talk []byte
	for i := 0; enginetest.Millis(talk) < length.Milliseconds(); i++ {
		talk = append(append(talk, all[i%len(all)].pcm...), enginetest.Silence(1500*time.Millisecond)...)
	}

	for b.Loop() {
		w := newFixture(b)
		sound := newGrowingSound()
		w.source = func() io.ReadCloser { return &soundReader{growingSound: sound} }
		step := transcribe.New(transcribe.Config{Rows: w, Pieces: w, Source: w, Engine: engines["vosk"], Others: []transcribe.Engine{better}, Routes: []transcribe.Route{{Engines: []string{better.Name()}}},
			PCM: func(_ context.Context, src io.Reader) (io.ReadCloser, error) { return io.NopCloser(src), nil }})
		run, ended := w.leaseStep(), make(chan error, 1)
		go func() { ended <- step.Transcribe(b.Context(), run) }()

		const second = 2 * transcribe.Rate
		tick := time.NewTicker(time.Second)
		for at := 0; at < len(talk); at += second {
			<-tick.C
			sound.appendSamples(talk[at:min(at+second, len(talk))])
		}
		tick.Stop()

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
	}
}

package transcribe_test

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"syscall"
	"testing"
	"time"

	"tidings.example/tidings/transcribe"
	"tidings.example/tidings/transcribe/enginetest"
)

// availableEngines are the engines of this machine, with so many threads (of the
// built-in one: windows at once). Whisper is one when its library and model are
// here (see findWhisperFiles), or when TIDINGS_TEST_WHISPER names whisper-cli and
// TIDINGS_TEST_WHISPER_MODEL a ggml file.
func availableEngines(b *testing.B, threads int) map[string]transcribe.Engine {
	b.Helper()
	built := builtInEngine(b)
	built.Workers = threads
	engines := map[string]transcribe.Engine{built.Name(): built}

	c := transcribe.WhisperConfig{Program: os.Getenv("TIDINGS_TEST_WHISPER"), Model: os.Getenv("TIDINGS_TEST_WHISPER_MODEL"), Threads: threads, Detector: requireDetector(b), Dir: b.TempDir()}
	if c.Program == "" {
		library, model, err := findWhisperFiles()
		if err != nil {
			b.Logf("no Whisper to measure: %v", err)
			return engines
		}
		c.Program, c.Library, c.Model = "no-such-whisper", []string{library}, model
	}

	whisper, err := transcribe.NewWhisper(c)
	if err != nil {
		b.Fatal(err)
	}
	if err := transcribe.Ready(whisper); err != nil {
		b.Fatal(err)
	}

	engines[whisper.Name()] = whisper
	b.Cleanup(whisper.EndProcess)
	return engines
}

// BenchmarkTranscribeSpeed reports the real-time factor (seconds of work per
// second of sound: by the clock, and of CPU), the time to load, and the peak
// memory of the engine's processes, for one and two threads. The CPU time is
// that of the ended processes, less that of one without input; Whisper's process
// begins with the first speech, so that its time to load is part of the work. The kernel
// reports the peak of all processes that have ended so far: small engines are
// measured first, or alone (-bench Speed/whisper).
func BenchmarkTranscribeSpeed(b *testing.B) {
	_, all := loadCorpus(b)
	var pcm []byte
	for _, u := range all {
		pcm = append(append(pcm, u.pcm...), enginetest.Silence(1500*time.Millisecond)...)
	}

	pcm = slices.Concat(pcm, pcm)
	sound := float64(enginetest.Millis(pcm)) / 1000
	for _, name := range []string{"vosk", "whisper"} {
		for _, threads := range []int{1, 2} {
			engine := availableEngines(b, threads)[name]
			if engine == nil {
				continue
			}

			b.Run(fmt.Sprintf("%s/threads=%d", name, threads), func(b *testing.B) {
				for b.Loop() {
					load, loadCPU, _ := measureRun(b, engine, nil)
					clock, cpu, peak := measureRun(b, engine, pcm)
					b.ReportMetric((clock-load).Seconds()/sound, "clock-RTF")
					b.ReportMetric((cpu-loadCPU).Seconds()/sound, "CPU-RTF")
					b.ReportMetric(load.Seconds(), "load-s")
					b.ReportMetric(float64(peak>>20), "peak-MiB")
				}
			})
		}
	}
}

// measureRun is what transcribing pcm takes, in wall-clock and CPU time, and the
// largest resident set of all child processes so far, in bytes.
func measureRun(b *testing.B, engine transcribe.Engine, pcm []byte) (clock, cpu time.Duration, peak int64) {
	b.Helper()
	start, before := time.Now(), childrenTime(b)

	if _, err := enginetest.Collect(b.Context(), engine, bytes.NewReader(pcm)); err != nil {
		b.Fatal(err)
	}

	clock = time.Since(start)
	if e, ok := engine.(interface{ EndProcess() }); ok {
		e.EndProcess()
	}

	cpu = childrenTime(b) - before
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_CHILDREN, &u); err != nil {
		b.Fatal(err)
	}

	return clock, cpu, u.Maxrss << 10
}

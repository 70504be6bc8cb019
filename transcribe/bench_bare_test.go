package transcribe_test

import (
	"bytes"
	"math"
	"syscall"
	"testing"
	"time"

	"tidings.example/tidings/transcribe"
	"tidings.example/tidings/transcribe/enginetest"
)

// BenchmarkTranscribeBare compares the built-in engine with the library it is
// made of, on one thread and the same sound, in one run: every utterance of the
// corpus with 1.5 s of silence after it. The engine cuts windows, has a
// recogniser for each, and judges every 32 ms; the bare library has one
// recogniser that is fed all of it straight. Both without the time to load, and
// each the least of all rounds (-benchtime 3x): what else the machine does only adds.
func BenchmarkTranscribeBare(b *testing.B) {
	_, all := loadCorpus(b)
	var pcm []byte
	for _, u := range all {
		pcm = append(append(pcm, u.pcm...), enginetest.Silence(1500*time.Millisecond)...)
	}

	engine := builtInEngine(b)
	engine.Workers = 1
	used := func(sound []byte) time.Duration {
		before := childrenTime(b)
		if _, err := enginetest.Collect(b.Context(), engine, bytes.NewReader(sound)); err != nil {
			b.Fatal(err)
		}
		return childrenTime(b) - before
	}

	ours, bare := time.Duration(math.MaxInt64), time.Duration(math.MaxInt64)
	for b.Loop() {
		ours = min(ours, used(pcm)-used(nil))
		alone, words, err := transcribe.Bare(engine.Files, pcm)
		if err != nil || words == 0 {
			b.Fatalf("%v; %d words", err, words)
		}
		bare = min(bare, alone)
	}

	sound := float64(enginetest.Millis(pcm)) / 1000
	b.ReportMetric(ours.Seconds()/sound, "CPU-RTF")
	b.ReportMetric(bare.Seconds()/sound, "bare-CPU-RTF")
	b.ReportMetric(ours.Seconds()/bare.Seconds(), "times-bare")
}

// childrenTime is the CPU time of all children that have ended.
func childrenTime(b *testing.B) time.Duration {
	b.Helper()
	return usedTime(b, syscall.RUSAGE_CHILDREN)
}

// usedTime is the CPU time that getrusage(2) has for who.
func usedTime(b *testing.B, who int) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(who, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

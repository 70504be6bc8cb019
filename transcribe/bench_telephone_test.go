package transcribe_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"testing"
)

// BenchmarkTranscribeTelephone reports the word error rate of the corpus as a
// telephone carries it: 300 to 3400 Hz, 8000 samples a second.
func BenchmarkTranscribeTelephone(b *testing.B) {
	dir, all := loadCorpus(b)
	for i, u := range all {
		cmd := exec.Command("ffmpeg", "-hide_banner", "-loglevel", "error", "-f", "s16le", "-ar", "16000", "-ac", "1", "-i", "pipe:0",
			"-af", "highpass=f=300,highpass=f=300,lowpass=f=3400,lowpass=f=3400,aresample=8000,aresample=16000", "-f", "s16le", "pipe:1")
		cmd.Stdin, cmd.Stderr = bytes.NewReader(u.pcm), os.Stderr
		narrow, err := cmd.Output()
		if err != nil {
			b.Fatal(err)
		}
		all[i].kind, all[i].pcm = "telephone", narrow
	}

	for name, engine := range availableEngines(b, 2) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				fmt.Fprintf(os.Stderr, "\nspeech in %s by telephone, by %s\n%s", dir, name, reportAccuracy(b, engine, all, nil))
			}
		})
	}
}

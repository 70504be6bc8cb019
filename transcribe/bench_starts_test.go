package transcribe_test

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"tidings.example/tidings/tidings"
	"tidings.example/tidings/transcribe/enginetest"
)

// wordStart is a word of a reference and when it begins.
type wordStart struct {
	word string
	ms   int64
}

// referenceStarts are the words of recordings in testdata and when they begin.
// They were aligned with the sound by another recogniser (PocketSphinx 5 with
// its own English model, steps of 10 ms) and then moved by 20 ms, the median by
// which it was early at 19 words after a pause, whose start is visible in the
// waveform (the first 5 ms that stay 8 dB above the noise). Fifteen of these
// were then within 20 ms; two that begin with a soft th or f were not.
func referenceStarts(b testing.TB) map[string][]wordStart {
	b.Helper()
	f, err := os.Open(filepath.Join("testdata", "word_starts.tsv"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()

	r := csv.NewReader(f)
	r.Comma = '\t'
	rows, err := r.ReadAll()
	if err != nil {
		b.Fatal(err)
	}

	all := map[string][]wordStart{}
	for _, row := range rows[1:] {
		ms, err := strconv.ParseInt(row[2], 10, 64)
		if err != nil {
			b.Fatal(err)
		}
		all[row[0]] = append(all[row[0]], wordStart{row[1], ms})
	}

	return all
}

// startOffsets are by how many ms the starts of correctly recognised words
// differ.
func startOffsets(want []wordStart, segs []tidings.TranscriptSegment) (errors []int64) {
	var reference, hypothesis []string
	var recognised []tidings.Word

	for _, w := range want {
		reference = append(reference, w.word)
	}

	for _, seg := range segs {
		for _, w := range seg.Words {
			for _, part := range enginetest.Words(w.Text) {
				hypothesis, recognised = append(hypothesis, part), append(recognised, w)
			}
		}
	}

	for _, m := range tidings.CommonWords(reference, hypothesis) {
		d := recognised[m[1]].StartMS - want[m[0]].ms
		errors = append(errors, max(d, -d))
	}

	return errors
}

// reportStarts reports the median, the 90th and the 95th percentile.
func reportStarts(b *testing.B, errors []int64) {
	if len(errors) == 0 {
		return
	}
	slices.Sort(errors)
	b.ReportMetric(float64(len(errors)), "timed-words")
	b.ReportMetric(float64(errors[len(errors)/2]), "start-p50-ms")
	b.ReportMetric(float64(errors[len(errors)*90/100]), "start-p90-ms")
	b.ReportMetric(float64(errors[len(errors)*95/100]), "start-p95-ms")
}

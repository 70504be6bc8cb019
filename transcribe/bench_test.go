package transcribe_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tidings.example/tidings/tidings"
	"tidings.example/tidings/transcribe"
	"tidings.example/tidings/transcribe/enginetest"
)

// corpusUtterance is a piece of speech with its reference text.
type corpusUtterance struct {
	file, text, kind string
	pcm              []byte
}

// loadCorpus is the speech of the folder TIDINGS_TEST_SPEECH (16 kHz WAV files
// and a manifest.tsv like that of testdata), else that of testdata.
func loadCorpus(b *testing.B) (dir string, all []corpusUtterance) {
	b.Helper()

	for _, dir = range []string{os.Getenv("TIDINGS_TEST_SPEECH"), "testdata"} {
		if _, err := os.Stat(filepath.Join(dir, "manifest.tsv")); dir != "" && err == nil {
			break
		}
	}

	f, err := os.Open(filepath.Join(dir, "manifest.tsv"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()

	r := csv.NewReader(f)
	r.Comma, r.LazyQuotes = '\t', true
	rows, err := r.ReadAll()
	if err != nil {
		b.Fatal(err)
	}

	for _, row := range rows[1:] {
		pcm, err := enginetest.WAV(filepath.Join(dir, row[0]))
		if err != nil {
			b.Fatal(err)
		}
		all = append(all, corpusUtterance{file: row[0], text: row[1], kind: row[4], pcm: pcm})
	}

	return dir, all
}

// BenchmarkTranscribeAccuracy reports the word error rate of each kind of
// speech, in percent, by how many ms the starts of words are off, and which
// punctuation is right.
// enginetest.Words defines which words are equal, referenceStarts the reference.
func BenchmarkTranscribeAccuracy(b *testing.B) {
	dir, all := loadCorpus(b)
	begin := referenceStarts(b)
	for name, engine := range availableEngines(b, 2) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				fmt.Fprintf(os.Stderr, "\nspeech in %s, by %s\n%s", dir, name, reportAccuracy(b, engine, all, begin)) // b.Log would cut it
			}
		})
	}
}

// reportAccuracy reports the accuracy of an engine, and returns its table.
func reportAccuracy(b *testing.B, engine transcribe.Engine, all []corpusUtterance, begin map[string][]wordStart) string {
	kinds := map[string]*enginetest.Errors{}
	var table strings.Builder
	var errors []int64
	marks := enginetest.Punctuation{}
	var shown captionCount
	for _, u := range all {
		segs, err := enginetest.Collect(b.Context(), engine, bytes.NewReader(u.pcm))
		if err != nil {
			b.Fatal(err)
		}

		errors = append(errors, startOffsets(begin[u.file], segs)...)
		marks.AddText(u.text, enginetest.Text(segs))
		shown.addTranscript(segs)
		e := enginetest.Compare(enginetest.Words(u.text), enginetest.Words(enginetest.Text(segs)))
		for _, k := range []string{u.kind, "all"} {
			if kinds[k] == nil {
				kinds[k] = &enginetest.Errors{}
			}
			kinds[k].Add(e)
		}

		writeRow(&table, fmt.Sprintf("%s (%s, %.1f s)", u.file, u.kind, float64(enginetest.Millis(u.pcm))/1000), e)
	}

	for k, e := range kinds {
		writeRow(&table, "= "+k, *e)
		b.ReportMetric(100*e.Rate(), k+"-WER%")
	}

	for _, mark := range enginetest.Marks {
		m := marks[mark]
		fmt.Fprintf(&table, "%-44c %4d wanted %3d written  precision %5.1f %%  recall %5.1f %%\n", mark, m.Wanted, m.Written, 100*m.Precision(), 100*m.Recall())
	}

	reportStarts(b, errors)
	shown.reportCaptions(b, &table)
	return table.String()
}

func writeRow(w io.Writer, name string, e enginetest.Errors) {
	fmt.Fprintf(w, "%-44s %4d words  %3d other  %3d missing  %3d invented  WER %5.1f %%\n", name, e.Words, e.Substituted, e.Deleted, e.Inserted, 100*e.Rate())
}

// BenchmarkTranscribeInvented reports how many words are recognised in five
// minutes each of silence, noise and music. All must be 0.
func BenchmarkTranscribeInvented(b *testing.B) {
	const long = 5 * time.Minute
	sounds := map[string][]byte{"silence": enginetest.Silence(long), "noise": slices.Concat(enginetest.White(long/3, 0.1), enginetest.Pink(long/3, 0.1), enginetest.Pink(long/3, 0.002)),
		"music": enginetest.Music(long)}
	for name, engine := range availableEngines(b, 2) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				for name, pcm := range sounds {
					segs, err := enginetest.Collect(b.Context(), engine, bytes.NewReader(pcm))
					if err != nil {
						b.Fatal(err)
					}
					b.ReportMetric(float64(len(enginetest.Words(enginetest.Text(segs)))), name+"-words")
				}
			}
		})
	}
}

// BenchmarkTranscribeTail feeds speech in real time and reports the time from
// the last sample to the end of the transcript, and the delay of the utterances
// before: from the end of their last word to the sink.
func BenchmarkTranscribeTail(b *testing.B) {
	for _, seconds := range []int{10, 60} {
		b.Run(fmt.Sprintf("%ds", seconds), func(b *testing.B) {
			two := readSamples(b, "two_cities.wav")
			pcm := slices.Concat(two, two)[:seconds*2*transcribe.Rate]
			engine := builtInEngine(b)
			for b.Loop() {
				p := &paced{pcm: pcm, start: time.Now()}
				var delays []time.Duration
				err := engine.Transcribe(b.Context(), p, transcribe.Options{Live: true}, func(seg tidings.TranscriptSegment) error {
					delays = append(delays, time.Since(p.start)-time.Duration(seg.EndMS)*time.Millisecond)
					return nil
				})
				if err != nil {
					b.Fatal(err)
				}

				b.ReportMetric(time.Since(time.Unix(0, p.ended.Load())).Seconds(), "tail-s")
				slices.Sort(delays)
				b.ReportMetric(delays[len(delays)/2].Seconds(), "median-delay-s")
			}
		})
	}
}

// paced returns samples in real time, a fifth of a second at a time.
type paced struct {
	pcm   []byte
	at    int
	start time.Time
	ended atomic.Int64
}

// Read implements io.Reader.
func (p *paced) Read(b []byte) (int, error) {
	if p.at == len(p.pcm) {
		p.ended.Store(time.Now().UnixNano())
		return 0, io.EOF
	}
	end := min(len(p.pcm), p.at+2*transcribe.Rate/5, p.at+len(b))
	<-time.After(time.Until(p.start.Add(time.Duration(end) * time.Second / (2 * transcribe.Rate))))
	n := copy(b, p.pcm[p.at:end])
	p.at += n
	return n, nil
}

package search_test

import (
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tidings"
	"tidings/search"
)

// corpus makes documents of words with Zipf's distribution: 50 segments of 20
// words, 10 workspaces.
type corpus struct {
	r     *rand.Rand
	zipf  *rand.Zipf
	words []string
}

func newCorpus() *corpus {
	r := rand.New(rand.NewSource(1))
	c := &corpus{r: r, zipf: rand.NewZipf(r, 1.1, 8, 49_999)}
	syllables := strings.Fields("ka re mi to lu ven shi dor pa ne gul ti ras mon be co fer ha il ost")
	for len(c.words) < 50_000 {
		var b strings.Builder
		for range 1 + r.Intn(4) {
			b.WriteString(syllables[r.Intn(len(syllables))])
		}
		c.words = append(c.words, fmt.Sprintf("%s%s", b.String(), strings.Repeat("x", r.Intn(2))))
	}
	return c
}

func (c *corpus) word() string { return c.words[c.zipf.Uint64()] }

func (c *corpus) text(n int) string {
	words := make([]string, n)
	for i := range words {
		words[i] = c.word()
	}
	return strings.Join(words, " ")
}

func (c *corpus) doc(n int) tidings.Document {
	ws := tidings.ID(fmt.Sprint("ws", n%10))
	d := tidings.Document{ClipID: tidings.ID(fmt.Sprintf("clip%08d", n)), Version: int64(n) + 1, WorkspaceID: ws, ACL: []string{"u:" + fmt.Sprint(n%50), "w:" + string(ws)},
		Title: c.text(4), Description: c.text(10), CreatedAt: time.Unix(1_760_000_000+int64(n)*600, 0)}
	for i := range 50 {
		d.Transcript = append(d.Transcript, say(int64(i)*8000, c.text(20)))
	}
	return d
}

func say(start int64, text string) tidings.TranscriptSegment {
	seg := tidings.TranscriptSegment{ID: tidings.ID(fmt.Sprint("seg", start)), StartMS: start, EndMS: start + 7500, Text: text}
	for i, w := range strings.Fields(text) {
		seg.Words = append(seg.Words, tidings.Word{StartMS: start + int64(i)*350, EndMS: start + int64(i)*350 + 300, Text: w})
	}
	return seg
}

// clips is how many clips the benchmarks work on: 10,000, or 1,000 with -short.
func clips() int {
	if testing.Short() {
		return 1000
	}
	return 10_000
}

func fill(b *testing.B, c *corpus, clips int) (*search.Embedded, string) {
	b.Helper()
	dir := b.TempDir()
	e := open(b, dir)
	for from := 0; from < clips; from += 20 {
		docs := make([]tidings.Document, 20)
		for i := range docs {
			docs[i] = c.doc(from + i)
		}
		put(b, e, docs...)
	}
	return e, dir
}

// BenchmarkIndex fills an index with 10,000 clips of a thousand words.
func BenchmarkIndex(b *testing.B) {
	for b.Loop() {
		start := time.Now()
		_, dir := fill(b, newCorpus(), clips())
		b.ReportMetric(time.Since(start).Seconds()*1000/float64(clips()), "ms/clip")
		info, err := os.Stat(filepath.Join(dir, "search.db"))
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(info.Size())/1e6, "MB")
	}
}

// BenchmarkLive appends utterances to a clip that has been recorded for an hour.
func BenchmarkLive(b *testing.B) {
	c := newCorpus()
	e := open(b, b.TempDir())
	d := c.doc(0)
	d.Transcript = nil
	for i := range 900 {
		d.Transcript = append(d.Transcript, say(int64(i)*4000, c.text(10)))
	}
	put(b, e, d)
	for b.Loop() {
		d.Version++
		d.Transcript = append(d.Transcript, say(d.Transcript[len(d.Transcript)-1].StartMS+4, c.text(10)))
		put(b, e, d)
	}
}

// BenchmarkSearch asks 10,000 clips, a tenth of them in the caller's workspace.
func BenchmarkSearch(b *testing.B) {
	c := newCorpus()
	e, _ := fill(b, c, clips())
	typo := func(w string) string { return w[:2] + w[3:] }
	long := func() string {
		for {
			if w := c.words[c.r.Intn(5000)]; len(w) >= 7 {
				return w
			}
		}
	}
	for name, text := range map[string]func() string{
		"word":   func() string { return c.word() + " " },
		"three":  func() string { return c.word() + " " + c.word() + " " + c.word() },
		"prefix": func() string { return c.word()[:2] },
		"phrase": func() string { return `"` + c.word() + " " + c.word() + `"` },
		"common": func() string { return c.words[0] + " " },
		"typo":   func() string { return typo(long()) + " " },
		"none":   func() string { return "" },
	} {
		b.Run(name, func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				q := tidings.Query{Text: text(), WorkspaceID: "ws1", ACL: []string{"u:1", "w:ws1"}, Limit: 20}
				start := time.Now()
				if _, _, err := e.Search(b.Context(), q); err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(start))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
			b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
		})
	}
}

// BenchmarkMoments finds the moments of a page of 20 clips.
func BenchmarkMoments(b *testing.B) {
	c := newCorpus()
	var docs []tidings.Document
	for i := range 20 {
		docs = append(docs, c.doc(i))
	}
	for b.Loop() {
		for _, d := range docs {
			search.Moments(d, tidings.Query{Text: c.words[5] + " " + c.words[300]})
		}
	}
}

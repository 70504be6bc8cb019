package search_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"tidings.example/tidings/search"
	"tidings.example/tidings/search/searchtest"
	"tidings.example/tidings/tidings"
)

// benchClips is how many clips the benchmarks work on: 10,000, or 1,000 with -short.
func benchClips() int {
	if testing.Short() {
		return 1000
	}
	return 10_000
}

func fillEngine(b *testing.B, c *searchtest.Corpus, clips int) (*search.Embedded, string) {
	b.Helper()
	dir := b.TempDir()
	e := openEmbedded(b, dir)
	for from := 0; from < clips; from += 20 {
		docs := make([]tidings.Document, 20)
		for i := range docs {
			docs[i] = c.Document(from + i)
		}
		putAll(b, e, docs...)
	}

	return e, dir
}

// BenchmarkIndex fills an index with 10,000 clips of a thousand words.
func BenchmarkIndex(b *testing.B) {
	for b.Loop() {
		start := time.Now()
		_, dir := fillEngine(b, searchtest.NewCorpus(), benchClips())
		b.ReportMetric(time.Since(start).Seconds()*1000/float64(benchClips()), "ms/clip")
		info, err := os.Stat(filepath.Join(dir, "search.db"))
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(info.Size())/1e6, "MB")
	}
}

// BenchmarkLive appends utterances to a clip that has been recorded for an hour.
func BenchmarkLive(b *testing.B) {
	c := searchtest.NewCorpus()
	e := openEmbedded(b, b.TempDir())
	d := c.Document(0)
	d.Transcript = nil
	for i := range 900 {
		d.Transcript = append(d.Transcript, searchtest.Say(int64(i)*4000, c.Text(10)))
	}

	putAll(b, e, d)
	for b.Loop() {
		d.Version++
		d.Transcript = append(d.Transcript, searchtest.Say(d.Transcript[len(d.Transcript)-1].StartMS+4, c.Text(10)))
		putAll(b, e, d)
	}
}

// BenchmarkSearch asks 10,000 clips, a tenth of them in the caller's workspace.
func BenchmarkSearch(b *testing.B) {
	c := searchtest.NewCorpus()
	e, _ := fillEngine(b, c, benchClips())
	for name, text := range map[string]func() string{
		"word":   func() string { return c.Word() + " " },
		"three":  func() string { return c.Word() + " " + c.Word() + " " + c.Word() },
		"prefix": func() string { return c.Word()[:2] },
		"phrase": func() string { return `"` + c.Word() + " " + c.Word() + `"` },
		"common": func() string { return c.Words[0] + " " },
		"typo":   func() string { return c.Typo() + " " },
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
	c := searchtest.NewCorpus()
	var docs []tidings.Document
	for i := range 20 {
		docs = append(docs, c.Document(i))
	}
	for b.Loop() {
		for _, d := range docs {
			search.Moments(d, tidings.Query{Text: c.Words[5] + " " + c.Words[300]})
		}
	}
}

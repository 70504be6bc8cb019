package search_test

import (
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"tidings.example/tidings/search"
	"tidings.example/tidings/search/searchtest"
	"tidings.example/tidings/tidings"
)

// benchEngines are the engines that can be measured here: the embedded one, and
// the Meilisearch that TIDINGS_TEST_MEILI names.
func benchEngines(b *testing.B) map[string]func(b *testing.B) (e search.Engine, size func() int64) {
	out := map[string]func(*testing.B) (search.Engine, func() int64){
		"embedded": func(b *testing.B) (search.Engine, func() int64) {
			dir := b.TempDir()
			return openEmbedded(b, dir), func() (n int64) {
				for _, name := range []string{"search.db", "search.db-wal"} {
					if info, err := os.Stat(filepath.Join(dir, name)); err == nil {
						n += info.Size()
					}
				}
				return n
			}
		},
	}
	if url, key, ok := strings.Cut(os.Getenv("TIDINGS_TEST_MEILI"), ","); ok {
		out["meilisearch"] = func(b *testing.B) (search.Engine, func() int64) {
			return openMeilisearch(b, search.MeilisearchConfig{URL: url, Key: key, TaskTimeout: time.Hour, Prefix: "bench_" + strings.ToLower(rand.Text()) + "_"}), nil
		}
	}

	return out
}

// BenchmarkRelevance prints how often the relevant moment ranks first, among the first three, and the mean reciprocal rank, by class of query.
func BenchmarkRelevance(b *testing.B) {
	for name, open := range benchEngines(b) {
		docs, queries := loadRelevance(b)
		e, _ := open(b)
		for _, d := range docs {
			putAll(b, e, d)
		}

		for _, class := range queryClasses(queries) {
			some := slices.DeleteFunc(slices.Clone(queries), func(s sought) bool { return s.class != class })
			b.Run(name+"/"+class, func(b *testing.B) {
				for b.Loop() {
					k := judgeEngine(b, e, docs, some, func(sought, string) {})[class]
					b.ReportMetric(100*k.first/float64(k.n), "recall@1-%")
					b.ReportMetric(100*k.top3/float64(k.n), "recall@3-%")
					b.ReportMetric(k.mrr/float64(k.n), "MRR")
				}
				b.ReportMetric(0, "ns/op") // the work of judging tells nothing
			})
		}
	}
}

func queryClasses(queries []sought) (out []string) {
	for _, s := range queries {
		if !slices.Contains(out, s.class) {
			out = append(out, s.class)
		}
	}
	return out
}

// BenchmarkScale fills engines with 1,000 and 20,000 clips of fifty passages
// (a million), half of them in one workspace, and lets eight readers search it.
func BenchmarkScale(b *testing.B) {
	for name, open := range benchEngines(b) {
		for _, n := range []int{1000, 20_000} {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				e, size := open(b)
				c := searchtest.NewCorpus()
				b.Run("fill", func(b *testing.B) { benchFill(b, c, e, n, size) })
				b.Run("clip", func(b *testing.B) {
					for b.Loop() {
						d := halfHour(c, n/2)
						d.Version += int64(n) + int64(b.N) + time.Now().UnixNano()
						putAll(b, e, d)
					}
				})
				for class, text := range classesOf(c) {
					b.Run(class, func(b *testing.B) { benchReaders(b, e, text) })
				}
			})
		}
	}
}

// halfHour puts every second clip into the workspace that is asked.
func halfHour(c *searchtest.Corpus, n int) tidings.Document {
	d := c.Document(n)
	if n%2 == 0 {
		d.WorkspaceID, d.ACL = "ws1", []string{"u:1", "w:ws1"}
	}
	return d
}

func benchFill(b *testing.B, c *searchtest.Corpus, e search.Engine, n int, size func() int64) {
	for b.Loop() {
		var indexing time.Duration
		cpu := cpuTime(b)

		for from := 0; from < n; from += 20 {
			docs := make([]tidings.Document, 20)
			for i := range docs {
				docs[i] = halfHour(c, from+i)
			}
			start := time.Now()
			putAll(b, e, docs...)
			indexing += time.Since(start)
		}

		b.ReportMetric(float64(n)/indexing.Seconds(), "clips/s")
		b.ReportMetric((cpuTime(b) - cpu).Seconds(), "cpu-s")
		if size != nil {
			b.ReportMetric(float64(size())/1e6, "MB")
		}
	}
}

// queries makes texts of each class.
func classesOf(c *searchtest.Corpus) map[string]func() string {
	return map[string]func() string{
		"word":   func() string { return c.Word() + " " },
		"three":  func() string { return c.Word() + " " + c.Word() + " " + c.Word() + " " },
		"prefix": func() string { return c.Word()[:2] },
		"phrase": func() string { return `"` + c.Word() + " " + c.Word() + `"` },
		"typo":   func() string { return c.Typo() + " " },
	}
}

// benchReaders lets eight readers ask 400 queries.
func benchReaders(b *testing.B, e search.Engine, text func() string) {
	const readers, each = 8, 50
	for b.Loop() {
		texts := make([]string, readers*each)
		for i := range texts {
			texts[i] = text()
		}

		took := make([]time.Duration, len(texts))
		cpu := cpuTime(b)
		var wg sync.WaitGroup
		for r := range readers {
			wg.Go(func() {
				for i := r * each; i < (r+1)*each; i++ {
					start := time.Now()
					if _, _, err := e.Search(b.Context(), tidings.Query{Text: texts[i], WorkspaceID: "ws1", ACL: []string{"u:1", "w:ws1"}, Limit: 20}); err != nil {
						b.Error(err)
					}
					took[i] = time.Since(start)
				}
			})
		}

		wg.Wait()
		b.ReportMetric((cpuTime(b)-cpu).Seconds()*1000/float64(len(texts)), "cpu-ms")
		slices.Sort(took)
		for name, at := range map[string]int{"p50-ms": 50, "p95-ms": 95, "p99-ms": 99} {
			b.ReportMetric(float64(took[len(took)*at/100].Microseconds())/1000, name)
		}
	}
}

// cpuTime is what this process has used, in all its threads.
func cpuTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

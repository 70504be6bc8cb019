package search_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"tidings.example/tidings/search"
	"tidings.example/tidings/search/embed"
	"tidings.example/tidings/search/vector"
	"tidings.example/tidings/tidings"
)

// documentRows is the documents of a test as the rows they come from.
type documentRows struct {
	search.Rows
	docs map[tidings.ID]tidings.Document
}

func (r documentRows) Document(_ context.Context, id tidings.ID) (tidings.Document, error) {
	return r.docs[id], nil
}

// TranscriptTexts implements search.Transcripts.
func (r documentRows) TranscriptTexts(_ context.Context, clips []tidings.ID) (map[tidings.ID]tidings.TranscriptText, error) {
	out := map[tidings.ID]tidings.TranscriptText{}
	for _, id := range clips {
		out[id] = search.JoinSegments(r.docs[id].Transcript)
	}
	return out, nil
}

// meaningModel is the local model, where TIDINGS_TEST_MEANING_MODEL has one.
func meaningModel(t testing.TB) *embed.Local {
	t.Helper()
	local := embed.NewLocal(os.Getenv("TIDINGS_TEST_MEANING_MODEL"))
	if _, _, err := local.EmbedQuery(t.Context(), "model"); err != nil {
		t.Skipf("no model of search by meaning in TIDINGS_TEST_MEANING_MODEL (make weights): %v", err)
	}
	return local
}

// judgeParaphrases asks every query and counts the lines that come first, and among
// the first three, of all that a person sees.
func judgeParaphrases(t testing.TB, e *search.Embedded, local search.Embedder, queries []sought, docs map[tidings.ID]tidings.Document) (k quality, lexical int, missed []string) {
	t.Helper()
	similar, finder := search.NewSimilarSearch(e, local), search.NewFinder(documentRows{docs: docs}, 1<<20)
	for _, s := range queries {
		q := tidings.Query{Text: s.text, WorkspaceID: "ws1", ACL: []string{"w:ws1"}, Limit: looksAt}
		hits, _, err := e.Search(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}

		var seen []tidings.ID
		for _, h := range hits {
			for _, m := range search.Moments(docs[h.ClipID], q) {
				seen = append(seen, m.ID)
			}
		}
		if slices.Index(seen, s.line) == 0 {
			lexical++
		}

		v, model, err := local.EmbedQuery(t.Context(), s.text) // however long it takes here
		if err != nil {
			t.Fatal(err)
		}
		near, err := similar.SimilarClips(t.Context(), q, tidings.QueryVector{Model: model, Numbers: v}, hits)
		if err != nil {
			t.Fatal(err)
		}

		var found []tidings.Document
		for _, c := range near {
			d := docs[c.ClipID]
			d.Transcript = nil
			found = append(found, d)
		}
		moments, err := finder.SimilarMoments(t.Context(), found, near)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range slices.Concat(moments...) {
			seen = append(seen, m.ID)
		}

		k.n++
		rank := slices.Index(seen, s.line)
		if rank == 0 {
			k.first++
		} else {
			missed = append(missed, fmt.Sprintf("%q: %s, first are %s", s.text, s.line, seen[:min(3, len(seen))]))
		}
		if rank >= 0 && rank < 3 {
			k.top3++
		}
	}
	return k, lexical, missed
}

// fillMeaning indexes documents with their vectors.
func fillMeaning(t testing.TB, e *search.Embedded, local search.Embedder, docs map[tidings.ID]tidings.Document) {
	t.Helper()
	for _, d := range docs {
		putAll(t, e, d)
	}
	filler := search.VectorFiller{Rows: documentRows{docs: docs}, Index: e, Embedder: local, Log: slog.New(slog.DiscardHandler), Clock: time.Now}
	if err := filler.Fill(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func loadParaphrases(t testing.TB) (docs map[tidings.ID]tidings.Document, queries []sought) {
	t.Helper()
	docs, _ = loadRelevance(t)
	for _, line := range readLines(t, "testdata/relevance/paraphrases.tsv") {
		text, place, _ := strings.Cut(line, "\t")
		title, _, ok := strings.Cut(place, ":")
		if !ok || docs[textID(title)].ClipID == "" {
			t.Fatalf("no paraphrase: %q", line)
		}
		queries = append(queries, sought{class: "paraphrase", text: text, clip: textID(title), line: tidings.ID(place)})
	}
	return docs, queries
}

// TestParaphrases: of queries that say the meaning of a line in other words, half
// find it first and seven of ten among the first three; by words alone almost none
// do.
func TestParaphrases(t *testing.T) {
	local := meaningModel(t)
	docs, queries := loadParaphrases(t)
	e := openEmbedded(t, t.TempDir())
	fillMeaning(t, e, local, docs)
	k, lexical, missed := judgeParaphrases(t, e, local, queries, docs)
	t.Logf("%d queries: %.0f first, %.0f among the first three; by words alone %d first", k.n, k.first, k.top3, lexical)
	if k.n < 50 || k.first < 0.5*float64(k.n) || k.top3 < 0.7*float64(k.n) {
		t.Errorf("too few:\n%s", strings.Join(missed, "\n"))
	}
}

// TestRelevanceWithMeaning: with vectors, what is found by words is the same, in
// the same order.
func TestRelevanceWithMeaning(t *testing.T) {
	local := meaningModel(t)
	docs, queries := loadRelevance(t)
	plain, e := openEmbedded(t, t.TempDir()), openEmbedded(t, t.TempDir())
	for _, d := range docs {
		putAll(t, plain, d)
	}
	fillMeaning(t, e, local, docs)
	for _, s := range queries {
		q := tidings.Query{Text: s.text, WorkspaceID: "ws1", ACL: []string{"w:ws1"}, Limit: looksAt}
		want, _, err := plain.Search(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		if got, _, err := e.Search(t.Context(), q); err != nil || !slices.Equal(got, want) {
			t.Errorf("%q finds %v, %v; without vectors %v", s.text, got, err, want)
		}
	}
}

// BenchmarkParaphrases prints how often the line that is meant ranks first and
// among the first three, by words alone and with the local model, and what a
// passage and a query cost.
func BenchmarkParaphrases(b *testing.B) {
	local := meaningModel(b)
	docs, queries := loadParaphrases(b)
	e := openEmbedded(b, b.TempDir())
	fillMeaning(b, e, local, docs)
	for b.Loop() {
		k, lexical, _ := judgeParaphrases(b, e, local, queries, docs)
		b.ReportMetric(100*k.first/float64(k.n), "recall@1-%")
		b.ReportMetric(100*k.top3/float64(k.n), "recall@3-%")
		b.ReportMetric(100*float64(lexical)/float64(k.n), "words@1-%")
	}

	var passages []string
	for _, d := range docs {
		for _, seg := range d.Transcript {
			passages = append(passages, seg.Text)
		}
	}
	b.ReportMetric(medianMS(b, local, passages), "ms/passage")
	texts := make([]string, len(queries))
	for i, s := range queries {
		texts[i] = s.text
	}
	b.ReportMetric(medianMS(b, local, texts), "ms/query")
	b.ReportMetric(0, "ns/op")
}

func medianMS(b *testing.B, local search.Embedder, texts []string) float64 {
	took := make([]time.Duration, len(texts))
	for i, text := range texts {
		start := time.Now()
		if _, _, err := local.EmbedQuery(b.Context(), text); err != nil {
			b.Fatal(err)
		}
		took[i] = time.Since(start)
	}
	slices.Sort(took)
	return float64(took[len(took)/2].Microseconds()) / 1000
}

// BenchmarkVectors compares a vector with those of 10,000 and 100,000 passages in
// clips of twenty.
func BenchmarkVectors(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			e := openEmbedded(b, b.TempDir())
			var seed uint32 = 1
			random := func() []float32 {
				v := make([]float32, 384)
				for i := range v {
					seed = seed*1664525 + 1013904223
					v[i] = float32(seed>>8)/(1<<24) - 0.5
				}
				vector.Normalise(v)
				return v
			}
			for i := range n / 20 {
				d := newDocument(i+1, "clip")
				putAll(b, e, d)
				var all []search.PassageVector
				for p := range 20 {
					all = append(all, search.PassageVector{Sum: uint64(p + 1), Source: "transcript", Vector: random()})
				}
				if err := e.PutVectors(b.Context(), tidings.OutboxEntry{ClipID: d.ClipID, Version: d.Version}, "m", all); err != nil {
					b.Fatal(err)
				}
			}

			var took []time.Duration
			for b.Loop() {
				took = took[:0]
				for range 200 {
					v := random()
					start := time.Now()
					if _, err := e.SearchVectors(b.Context(), tidings.Query{WorkspaceID: "ws", ACL: []string{"w:ws"}}, "m", v, 0); err != nil {
						b.Fatal(err)
					}
					took = append(took, time.Since(start))
				}
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
		})
	}
}

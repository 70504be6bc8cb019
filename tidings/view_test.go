package tidings

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func TestViewAdds(t *testing.T) {
	ten := int64(10_000)
	for _, c := range []struct {
		what      string
		had, more []Span
		want      []Span
	}{
		{"nothing", nil, nil, nil},
		{"the same again", []Span{{0, 3000}}, []Span{{0, 3000}}, []Span{{0, 3000}}},
		{"on", []Span{{0, 3000}}, []Span{{0, 5000}}, []Span{{0, 5000}}},
		{"an older report that comes late", []Span{{0, 5000}}, []Span{{0, 3000}}, []Span{{0, 5000}}},
		{"elsewhere", []Span{{0, 3000}}, []Span{{6000, 7000}}, []Span{{0, 3000}, {6000, 7000}}},
		{"a breath between", []Span{{0, 3000}}, []Span{{3400, 7000}}, []Span{{0, 7000}}},
		{"beyond the end", nil, []Span{{8000, 90_000}, {20_000, 30_000}}, []Span{{8000, 10_000}}},
		{"nowhere", nil, []Span{{4000, 4000}}, nil},
	} {
		if got := (View{Ranges: c.had}).Add(c.more, &ten); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.what, got, c.want)
		}
	}

	many := make([]Span, 5000)
	for i := range many {
		many[i] = Span{int64(i) * 2000, int64(i)*2000 + 1000}
	}

	if got := (View{}).Add(many, nil); len(got) > maxSpans || got[0].StartMS != 0 || got[len(got)-1].EndMS != 9_999_000 {
		t.Errorf("%d stretches are kept", len(got))
	}
}

func TestViewPasses(t *testing.T) {
	at := func(ms int64) *int64 { return &ms }
	for _, c := range []struct {
		what string
		v    View
		at   *int64
		want bool
	}{
		{"nothing was watched", View{}, at(0), false},
		{"watched over it", View{Ranges: []Span{{0, 9000}}}, at(2000), true},
		{"stopped before it", View{Ranges: []Span{{0, 9000}}}, at(20_000), false},
		{"skipped it", View{Ranges: []Span{{0, 1000}, {60_000, 90_000}}}, at(30_000), false},
		{"began there", View{Ranges: []Span{{30_000, 31_000}}}, at(30_000), true},
		{"the last second", View{Ranges: []Span{{0, 9400}}}, at(10_000), true},
		{"read", View{Read: true}, at(20_000), true},
		{"a glimpse of the whole", View{Ranges: []Span{{0, 1000}, {5000, 7000}}}, nil, true},
		{"less than a glimpse", View{Ranges: []Span{{0, 2000}, {1000, 2500}}}, nil, false},
	} {
		if got := c.v.Reached(c.at); got != c.want {
			t.Errorf("%s: %v", c.what, got)
		}
	}
}

// TestHeat counts every millisecond the slow way.
func TestHeat(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		duration := 1 + r.Int64N(400_000)
		h := NewHeat(duration)
		want := make([]int, len(h.Counts))
		for range 3 {
			var spans []Span
			for range r.IntN(6) {
				from := r.Int64N(duration)
				spans = append(spans, Span{from, min(duration, from+1+r.Int64N(5000))})
			}

			hit := map[int64]bool{}
			for _, s := range spans {
				for ms := s.StartMS; ms < s.EndMS; ms++ {
					hit[ms/h.BucketMS] = true
				}
			}

			for i := range hit {
				want[i]++
			}

			h.Add(spans)
		}

		if !slices.Equal(h.Counts, want) {
			t.Fatalf("%v, want %v", h.Counts, want)
		}
		if len(h.Counts) > maxHeatBuckets || h.BucketMS < 1000 {
			t.Fatalf("%d pieces of %d ms", len(h.Counts), h.BucketMS)
		}
	}
}

func TestSeenAll(t *testing.T) {
	ten, none := int64(10_000), int64(0)
	for _, c := range []struct {
		spans    []Span
		duration *int64
		want     bool
	}{
		{[]Span{{0, 9000}}, &ten, true}, {[]Span{{0, 8900}}, &ten, false}, {[]Span{{0, 5000}, {0, 5000}}, &ten, false},
		{[]Span{{5000, 10_000}, {0, 5000}}, &ten, true}, {[]Span{{0, 9000}}, nil, false}, {nil, &none, false},
	} {
		if got := SeenAll(c.spans, c.duration); got != c.want {
			t.Errorf("%v of %v: %v", c.spans, c.duration, got)
		}
	}
}

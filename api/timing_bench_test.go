package api_test

import (
	"fmt"
	"io"
	"math"
	"net/http"
	"slices"
	"testing"
	"time"

	"tidings.example/tidings/tidings"
)

// BenchmarkRefusalTiming compares the response times of 404 for a missing clip
// and for a clip without access: requested alternately, in both orders, of a
// running server. Reported are the 50th and 95th percentile of both in
// microseconds, and how often the second kind takes longer than the first (the
// rank sum of Mann and Whitney over its maximum; 0.5 is no difference, with a
// standard deviation of 0.0075 for 3,000 of each).
func BenchmarkRefusalTiming(b *testing.B) {
	w := newTestServer(b)
	mem := w.addPerson("mem", tidings.RoleMember)
	clip := w.ana.createClip("visibility", "private")
	comment, link := w.ana.addComment(clip.ID), w.ana.createLink(clip.ID)
	const none = "01ARYZ6S41TSV4RRFFQ69G5FAV"
	for _, c := range []struct{ name, method, before, id, after string }{
		{"clip", "GET", "/api/v1/clips/", string(clip.ID), ""},
		{"comments", "GET", "/api/v1/clips/", string(clip.ID), "/comments"},
		{"links", "GET", "/api/v1/clips/", string(clip.ID), "/links"},
		{"media", "GET", "/api/v1/clips/", string(clip.ID), "/media/master.m3u8"},
		{"segment", "GET", "/api/v1/clips/", string(clip.ID), "/media/v360/0.m4s"},
		{"comment", "DELETE", "/api/v1/comments/", string(comment.ID), ""},
		{"link", "DELETE", "/api/v1/links/", string(link.ID), ""},
		{"page", "GET", "/c/", string(clip.ID), ""},
	} {
		b.Run(c.name, func(b *testing.B) {
			var took [2][]float64
			for i := range 2 * 3000 {
				kind := (i + i/2) % 2 // none, other, other, none, …
				id := [2]string{none, c.id}[kind]
				took[kind] = append(took[kind], mem.timeRefusal(b, c.method, c.before+id+c.after))
			}

			b.ReportMetric(0, "ns/op")
			for kind, name := range []string{"none", "not_yours"} {
				slices.Sort(took[kind])
				n := len(took[kind])
				b.ReportMetric(took[kind][n/2], name+"_p50_us")
				b.ReportMetric(took[kind][n*95/100], name+"_p95_us")
			}

			b.ReportMetric(laterShare(took[0], took[1]), "later")
		})
	}
}

// timeRefusal is the time of a refused request in microseconds.
func (c *client) timeRefusal(b *testing.B, method, path string) float64 {
	req := c.newRequest(method, path, nil)
	start := time.Now()
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		b.Fatal(err)
	}

	io.Copy(io.Discard, res.Body)
	res.Body.Close()
	took := float64(time.Since(start).Nanoseconds()) / 1000

	if res.StatusCode != http.StatusNotFound {
		b.Fatal(fmt.Sprint(method, " ", path, ": ", res.Status))
	}

	return took
}

// laterShare is the share of pairs in which the second of two sorted samples is
// greater; ties count half.
func laterShare(a, b []float64) float64 {
	wins := 0.0
	for _, x := range b {
		under, _ := slices.BinarySearch(a, x)
		upto, _ := slices.BinarySearch(a, math.Nextafter(x, math.Inf(1)))
		wins += float64(under) + float64(upto-under)/2
	}
	return wins / float64(len(a)*len(b))
}

package main

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"tidings.example/tidings/search/searchtest"
	"tidings.example/tidings/store"
	"tidings.example/tidings/tidings"
)

// The folder that BenchmarkSearch searches: twenty thousand clips of fifty
// passages. It is made once and kept in the temporary folder of the system; its
// name changes with what is in it.
const (
	searchedClips = 20_000
	searchedName  = "tidings-bench-search-1"
	otherEmail    = "ben@example.org"
)

// BenchmarkSearch asks a server with a million passages as the page does: eight
// readers, each with the next query as soon as it has the whole last response.
// Reported are milliseconds from the request to the last byte of the answer,
// what the server's process spent on one, and how many clips an answer had.
func BenchmarkSearch(b *testing.B) {
	s := startServer(b, searchedDataDir(b), "--roles", "api,index").signIn()
	defer s.stop()

	s.awaitIndexed()
	info, err := os.Stat(filepath.Join(s.data, "search.db"))
	if err != nil {
		b.Fatal(err)
	}

	b.ReportMetric(float64(info.Size())/1e6, "index_MB")
	b.ReportMetric(0, "ns/op")
	c := searchtest.NewCorpus()
	for range 200 { // the server has been asked before
		if _, err := s.timeSearch(http.DefaultClient, c.Word()+" "+c.Word()+" "); err != nil {
			b.Fatal(err)
		}
	}

	for _, class := range []struct {
		name string
		text func() string
	}{
		{"rare word", func() string { return c.Rank(5000, 50_000) + " " }},
		{"common word", func() string { return c.Rank(0, 50) + " " }},
		{"any word", func() string { return c.Word() + " " }},
		{"two words", func() string { return c.Word() + " " + c.Word() + " " }},
		{"three words", func() string { return c.Text(3) + " " }},
		{"phrase", func() string { return `"` + c.Text(2) + `"` }},
		{"typo", func() string { return c.Typo() + " " }},
		{"prefix", func() string { return c.Word()[:2] }},
		{"filters", func() string { return "from:ben kind:voice after:2025-11 " + c.Word() + " " }},
		{"filters alone", func() string { return "from:ben has:comments" }},
	} {
		b.Run(class.name, func(b *testing.B) { s.measureReaders(b, class.text) })
	}
}

// measureReaders lets eight of them ask four hundred questions.
func (s *testServer) measureReaders(b *testing.B, text func() string) {
	const readers, each = 8, 50
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: readers}}
	defer client.CloseIdleConnections()

	for b.Loop() {
		texts := make([]string, readers*each)
		for i := range texts {
			texts[i] = text()
		}

		took, found := make([]time.Duration, len(texts)), make([]int, len(texts))
		cpu := s.cpuTime()
		var wg sync.WaitGroup
		for r := range readers {
			wg.Go(func() {
				for i := r * each; i < (r+1)*each; i++ {
					start := time.Now()
					n, err := s.timeSearch(client, texts[i])
					if took[i], found[i] = time.Since(start), n; err != nil {
						b.Error(err)
						return
					}
				}
			})
		}

		wg.Wait()
		b.ReportMetric(0, "ns/op")
		b.ReportMetric((s.cpuTime()-cpu).Seconds()*1000/float64(len(texts)), "cpu_ms")
		slices.Sort(took)
		for name, at := range map[string]int{"p50_ms": 50, "p95_ms": 95, "p99_ms": 99} {
			b.ReportMetric(float64(took[len(took)*at/100].Microseconds())/1000, name)
		}

		all := 0
		for _, n := range found {
			all += n
		}

		b.ReportMetric(float64(all)/float64(len(found)), "clips")
	}
}

// timeSearch searches and returns the number of clips in the response.
func (s *testServer) timeSearch(client *http.Client, text string) (clips int, err error) {
	req, err := http.NewRequest(http.MethodGet, s.base+"/api/v1/search?limit=20&workspace="+s.ws+"&q="+url.QueryEscape(text), nil)
	if err != nil {
		return 0, err
	}

	req.Header.Set("Authorization", "Bearer "+s.token)
	res, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()

	var body strings.Builder
	if _, err := io.Copy(&body, res.Body); err != nil {
		return 0, err
	}
	if res.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("%q: %s %s", text, res.Status, body.String())
	}

	return strings.Count(body.String(), `"score_order"`), nil
}

// cpuTime is what the server's process has used.
func (s *testServer) cpuTime() time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.cmd.Process.Pid))
	if err != nil {
		s.t.Fatal(err)
	}

	_, rest, _ := strings.Cut(string(text), ") ") // behind the name, which may hold anything
	fields := strings.Fields(rest)
	var ticks int
	for _, f := range fields[11:13] { // utime and stime, in hundredths of a second (proc(5))
		n, err := strconv.Atoi(f)
		if err != nil {
			s.t.Fatal(err)
		}
		ticks += n
	}

	return time.Duration(ticks) * 10 * time.Millisecond
}

// awaitIndexed returns when the index has caught up with the rows.
func (s *testServer) awaitIndexed() {
	for {
		var state struct{ Clips, Pending, Documents int }
		s.callAPI(http.MethodGet, "/api/v1/workspaces/"+s.ws+"/search-index", nil, &state)
		if state.Pending == 0 && state.Documents == state.Clips {
			return
		}
		<-time.After(time.Second)
	}
}

// searchedDataDir returns the folder, and fills it first if that was not completed.
func searchedDataDir(b *testing.B) string {
	b.Helper()
	dir := filepath.Join(os.TempDir(), searchedName)
	if _, err := os.Stat(filepath.Join(dir, "tidings.db")); err == nil {
		return dir
	}

	half := dir + ".half"
	if err := os.RemoveAll(half); err != nil {
		b.Fatal(err)
	}

	s := startServer(b, half, "--roles", "api").signIn()
	if out, err := runCommand(b, "user", "create", "--data", half, "--email", otherEmail, "--name", "Ben", "--workspace", s.ws); err != nil {
		b.Fatalf("user create: %v %s", err, out)
	}

	s.stop()
	fillSearchedDir(b, half, tidings.ID(s.ws))
	s = s.restart("--roles", "api,index")
	start := time.Now()
	s.awaitIndexed()
	b.Logf("%d clips were indexed in %s", searchedClips, time.Since(start).Round(time.Second))
	s.stop()

	if err := os.Rename(half, dir); err != nil {
		b.Fatal(err)
	}

	return dir
}

// fillSearchedDir writes the rows: every second clip is Ben's, every eighth is
// one of his that only he may find.
func fillSearchedDir(b *testing.B, dir string, ws tidings.ID) {
	b.Helper()
	rows, err := store.Open(b.Context(), store.Config{Dir: dir})
	if err != nil {
		b.Fatal(err)
	}
	defer rows.Close()

	var people [2]tidings.User
	for i, email := range []string{ownerEmail, otherEmail} {
		if people[i], _, err = rows.UserByEmail(b.Context(), email); err != nil {
			b.Fatal(err)
		}
	}

	c := searchtest.NewCorpus()
	for n := range searchedClips {
		d := c.Document(n)
		clip := tidings.Clip{ID: tidings.NewID(d.CreatedAt), WorkspaceID: ws, Author: tidings.Author{ID: people[n%2].ID}, Kind: []tidings.ClipKind{tidings.ClipVoice, tidings.ClipScreen}[n/2%2],
			Title: d.Title, Description: d.Description, Visibility: tidings.VisibilityWorkspace, CreatedAt: d.CreatedAt}
		if n%8 == 1 {
			clip.Visibility = tidings.VisibilityPrivate
		}

		if _, err := rows.CreateClip(b.Context(), clip); err != nil {
			b.Fatal(err)
		}
		if err := rows.ImportTranscript(b.Context(), clip.ID, tidings.Transcript{Language: "en", Segments: d.Transcript}); err != nil {
			b.Fatal(err)
		}

		if n%4 == 3 {
			if _, err := rows.AddComment(b.Context(), tidings.Comment{ID: tidings.NewID(d.CreatedAt), ClipID: clip.ID, Author: tidings.Author{ID: people[0].ID}, Body: c.Text(8), CreatedAt: d.CreatedAt}); err != nil {
				b.Fatal(err)
			}
		}
	}
}

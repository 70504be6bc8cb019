package main

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// followEvents is another client's stream of live events: the bodies of comments,
// as they come.
func (s *testServer) followEvents(ctx context.Context, comments chan<- string, client *http.Client) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.base+"/api/v1/events?workspace="+s.ws, nil)
	if err != nil {
		return err
	}

	req.Header.Set("Authorization", "Bearer "+s.token)
	res, err := client.Do(req)
	if err != nil {
		return err
	}

	lines := bufio.NewScanner(res.Body)
	lines.Buffer(make([]byte, 0, 4096), 1<<20)
	lines.Scan() // its first line: the stream is open
	go func() {
		defer res.Body.Close()

		kind := ""
		for lines.Scan() {
			name, value, _ := strings.Cut(lines.Text(), ": ")
			if name == "event" {
				kind = value
			}

			if name != "data" || kind != "comment.created" || comments == nil {
				continue
			}

			var e struct{ Comment struct{ Body string } }
			if json.Unmarshal([]byte(value), &e) == nil {
				comments <- e.Comment.Body
			}
		}
	}()

	return nil
}

// BenchmarkComment reports how long it takes from sending a comment until it
// has come to another client, with few and with a thousand streams open, and
// how much the thousand cost the server in memory.
func BenchmarkComment(b *testing.B) {
	s := startServer(b, b.TempDir(), "--roles", "api").signIn()
	defer s.stop()

	clip, _ := s.createRecording("screen", "video/webm")
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()

	client := &http.Client{Transport: &http.Transport{MaxConnsPerHost: 0}}
	comments := make(chan string, 100)
	if err := s.followEvents(ctx, comments, client); err != nil {
		b.Fatal(err)
	}

	b.ReportMetric(0, "ns/op")
	s.awaitComment(b, clip, comments, "comment_")
	before := s.memoryMiB("VmRSS")
	const streams = 1000
	for range streams {
		if err := s.followEvents(ctx, nil, client); err != nil {
			b.Fatal(err)
		}
	}

	b.ReportMetric(s.memoryMiB("VmRSS")-before, "1000_streams_MiB")
	s.awaitComment(b, clip, comments, "comment_1000_streams_")
	b.ReportMetric(s.memoryMiB("VmRSS"), "rss_with_1000_streams_MiB")
}

// awaitComment sends comments one after the other and reports when they were heard.
func (s *testServer) awaitComment(b *testing.B, clip string, comments <-chan string, what string) {
	b.Helper()
	const many = 100
	var took []float64
	for range many {
		body := time.Now().Format(time.RFC3339Nano)
		start := time.Now()
		s.callAPI(http.MethodPost, "/api/v1/clips/"+clip+"/comments", map[string]any{"body": body}, nil)
		for heard := ""; heard != body; {
			select {
			case heard = <-comments:
			case <-time.After(patient):
				b.Fatalf("a comment never came\n%s", s.log)
			}
		}

		took = append(took, float64(time.Since(start).Microseconds())/1000)
	}

	slices.Sort(took)
	b.ReportMetric(took[many/2], what+"p50_ms")
	b.ReportMetric(took[many*95/100], what+"p95_ms")
}

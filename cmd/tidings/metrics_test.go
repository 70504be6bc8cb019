package main

import (
	"io"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestMetricsAreDocumented compares the metrics of a server with the table in
// docs/operations.md, both ways and with their types and labels.
func TestMetricsAreDocumented(t *testing.T) {
	text, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}

	documented := map[string]string{} // name{labels} to type
	for _, row := range regexp.MustCompile("(?m)^\\| (`tidings_.*`) \\| (\\w+) \\|").FindAllStringSubmatch(string(text), -1) {
		for _, name := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(row[1], -1) {
			documented[name[1]] = row[2]
		}
	}

	s := startServer(t, t.TempDir()).signIn() // a request has been answered
	resp, err := http.Get(s.base + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()

	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s %v", resp.Status, err)
	}

	served := map[string]string{}
	for _, family := range regexp.MustCompile(`(?m)^# TYPE (\w+) (\w+)\n(\w+)(?:\{(.*)\})? `).FindAllStringSubmatch(string(body), -1) {
		name, labels := family[1], []string{}
		for _, label := range regexp.MustCompile(`(\w+)="`).FindAllStringSubmatch(family[4], -1) {
			if label[1] != "le" {
				labels = append(labels, label[1])
			}
		}

		if len(labels) > 0 {
			name += "{" + strings.Join(labels, ",") + "}"
		}
		served[name] = family[2]
	}

	for name, kind := range served {
		if documented[name] != kind {
			t.Errorf("%s is a %s, and %q in docs/operations.md", name, kind, documented[name])
		}
	}

	for name := range documented {
		if _, ok := served[name]; !ok {
			t.Errorf("%s is in docs/operations.md and not served", name)
		}
	}

	for _, line := range []string{`tidings_jobs{queue="transcode",state="waiting"} 0`, `tidings_slots{pool="transcode"} 2`, `tidings_slots{pool="transcribe"} 3`} {
		if !slices.Contains(strings.Split(string(body), "\n"), line) {
			t.Errorf("no %s in\n%s", line, body)
		}
	}
}

package admin

import (
	"bytes"
	"strings"
	"testing"
)

// TestDownloadBar: where the output is no terminal, a line for each tenth.
func TestDownloadBar(t *testing.T) {
	var out bytes.Buffer
	b := NewDownloadBar(&out)
	for i := range int64(101) {
		b.Show(i*1_000_000, 100_000_000)
	}

	b.Close()

	if lines := strings.Split(strings.TrimSpace(out.String()), "\n"); len(lines) != 11 || lines[0] != "0 %  0.0 MB of 100.0 MB" || !strings.Contains(lines[10], "100 %") {
		t.Errorf("%q", out.String())
	}

	out.Reset()
	b = &DownloadBar{w: &out, terminal: true}
	b.Show(100, 100)
	b.Close()

	if !strings.HasPrefix(out.String(), "\r  [====") || !strings.HasSuffix(out.String(), "\n") {
		t.Errorf("%q", out.String())
	}
}

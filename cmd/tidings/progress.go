package main

import (
	"fmt"
	"io"
	"os"
	"strings"
)

// progress is how far long work has come.
type progress struct {
	Phase string `json:"phase"`
	Done  int64  `json:"done"`
	Total int64  `json:"total"`
	Unit  string `json:"unit"` // what is counted, "" = nobody knows how much it is
}

const unitBytes = "bytes" // shown in larger ones

// share is 0 to 1.
func (p progress) share() float64 {
	if p.Unit == "" {
		return 0
	}
	if p.Total <= 0 || p.Done >= p.Total {
		return 1
	}
	return float64(p.Done) / float64(p.Total)
}

func (p progress) String() string {
	if p.Unit == "" {
		return p.Phase
	}
	count := fmt.Sprintf("%d of %d %s", p.Done, p.Total, p.Unit)
	if p.Unit == unitBytes {
		count = byteCount(p.Done) + " of " + byteCount(p.Total)
	}
	return fmt.Sprintf("%-13s %3d %%  %s", p.Phase, int(100*p.share()), count)
}

// byteCount is a number of bytes for people.
func byteCount(n int64) string {
	switch {
	case n < 1e6:
		return fmt.Sprintf("%.1f kB", float64(n)/1e3)
	case n < 1e9:
		return megabytes(n)
	}
	return fmt.Sprintf("%.1f GB", float64(n)/1e9)
}

// bar shows how far long work is: a bar on a terminal, elsewhere a line for
// each tenth.
type bar struct {
	w        io.Writer
	terminal bool
	last     string // what was shown
	phase    string
	tenth    int
}

func newBar(w io.Writer) *bar {
	f, ok := w.(*os.File)
	if ok {
		info, err := f.Stat()
		ok = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	return &bar{w: w, terminal: ok, tenth: -1}
}

func (b *bar) set(p progress) {
	if b.terminal {
		const width = 30
		full := int(p.share() * width)
		if line := "[" + strings.Repeat("#", full) + strings.Repeat(" ", width-full) + "] " + p.String(); line != b.last {
			b.last = line
			fmt.Fprintf(b.w, "\r%s\x1b[K", line)
		}
		return
	}

	if tenth := int(p.share() * 10); p.Phase != b.phase || tenth != b.tenth {
		b.phase, b.tenth = p.Phase, tenth
		fmt.Fprintln(b.w, p)
	}
}

// end leaves the bar behind.
func (b *bar) end() {
	if b.terminal && b.last != "" {
		fmt.Fprintln(b.w)
	}
}

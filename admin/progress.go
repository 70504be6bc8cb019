package admin

import (
	"fmt"
	"io"
	"os"
	"strings"
)

// Progress is how far a streaming call is.
type Progress struct {
	Phase string `json:"phase"`
	Done  int64  `json:"done"`
	Total int64  `json:"total"`
	Unit  string `json:"unit"` // of Done and Total: unitBytes or a plural; "" = the total is unknown
}

const unitBytes = "bytes" // shown as kB, MB or GB

// fraction is Done of Total, 0 to 1.
func (p Progress) fraction() float64 {
	if p.Unit == "" {
		return 0
	}
	if p.Total <= 0 || p.Done >= p.Total {
		return 1
	}
	return float64(p.Done) / float64(p.Total)
}

// String is the progress as a line of text.
func (p Progress) String() string {
	if p.Unit == "" {
		return p.Phase
	}
	count := fmt.Sprintf("%d of %d %s", p.Done, p.Total, p.Unit)
	if p.Unit == unitBytes {
		count = FormatBytes(p.Done) + " of " + FormatBytes(p.Total)
	}
	return fmt.Sprintf("%-13s %3d %%  %s", p.Phase, int(100*p.fraction()), count)
}

// FormatBytes writes a number of bytes in kB, MB or GB.
func FormatBytes(n int64) string {
	switch {
	case n < 1e6:
		return fmt.Sprintf("%.1f kB", float64(n)/1e3)
	case n < 1e9:
		return FormatMegabytes(n)
	}
	return fmt.Sprintf("%.1f GB", float64(n)/1e9)
}

// FormatMegabytes writes a number of bytes in MB.
func FormatMegabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }

// ProgressBar shows progress: a bar on a terminal, elsewhere a line for each
// tenth of a phase.
type ProgressBar struct {
	w        io.Writer
	terminal bool
	line     string // shown last
	phase    string
	tenth    int
}

// NewProgressBar returns a bar that is drawn on w.
func NewProgressBar(w io.Writer) *ProgressBar {
	return &ProgressBar{w: w, terminal: isTerminal(w), tenth: -1}
}

// isTerminal reports whether w is a terminal.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// Show draws the bar anew.
func (b *ProgressBar) Show(p Progress) {
	if b.terminal {
		const width = 30
		full := int(p.fraction() * width)
		if line := "[" + strings.Repeat("#", full) + strings.Repeat(" ", width-full) + "] " + p.String(); line != b.line {
			b.line = line
			fmt.Fprintf(b.w, "\r%s\x1b[K", line)
		}
		return
	}

	if tenth := int(p.fraction() * 10); p.Phase != b.phase || tenth != b.tenth {
		b.phase, b.tenth = p.Phase, tenth
		fmt.Fprintln(b.w, p)
	}
}

// Close leaves the line of the bar.
func (b *ProgressBar) Close() {
	if b.terminal && b.line != "" {
		fmt.Fprintln(b.w)
	}
}

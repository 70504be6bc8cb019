package admin

import (
	"fmt"
	"io"
	"os"
	"strings"

	"tidings.example/tidings/tidings"
)

// formatProgress is the progress as a line of text.
func formatProgress(p tidings.Progress) string {
	if p.Unit == "" {
		return p.Phase
	}
	count := fmt.Sprintf("%d of %d %s", p.Done, p.Total, p.Unit)
	if p.Unit == tidings.UnitBytes {
		count = FormatBytes(p.Done) + " of " + FormatBytes(p.Total)
	}
	return fmt.Sprintf("%-13s %3d %%  %s", p.Phase, int(100*p.Fraction()), count)
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
func (b *ProgressBar) Show(p tidings.Progress) {
	if b.terminal {
		const width = 30
		full := int(p.Fraction() * width)
		if line := "[" + strings.Repeat("#", full) + strings.Repeat(" ", width-full) + "] " + formatProgress(p); line != b.line {
			b.line = line
			fmt.Fprintf(b.w, "\r%s\x1b[K", line)
		}
		return
	}

	if tenth := int(p.Fraction() * 10); p.Phase != b.phase || tenth != b.tenth {
		b.phase, b.tenth = p.Phase, tenth
		fmt.Fprintln(b.w, formatProgress(p))
	}
}

// Close leaves the line of the bar.
func (b *ProgressBar) Close() {
	if b.terminal && b.line != "" {
		fmt.Fprintln(b.w)
	}
}

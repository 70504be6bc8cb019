package admin

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// DownloadBar shows how far a download is: a bar on a terminal, elsewhere a
// line for each tenth.
type DownloadBar struct {
	w        io.Writer
	terminal bool
	drawnAt  time.Time
	tenth    int64
	started  bool
}

// NewDownloadBar returns a bar that is drawn on w.
func NewDownloadBar(w io.Writer) *DownloadBar {
	return &DownloadBar{w: w, terminal: isTerminal(w)}
}

// Show draws the bar anew; done and total are bytes.
func (b *DownloadBar) Show(done, total int64) {
	total = max(1, total)
	if !b.terminal {
		if tenth := 10 * done / total; tenth > b.tenth || !b.started {
			b.tenth, b.started = tenth, true
			fmt.Fprintf(b.w, "  %3d %%  %s of %s\n", 100*done/total, FormatMegabytes(done), FormatMegabytes(total))
		}
		return
	}

	if now := time.Now(); now.Sub(b.drawnAt) > 100*time.Millisecond || done == total {
		const width = 40
		full := int(width * done / total)
		fmt.Fprintf(b.w, "\r  [%s%s] %3d %%  %s of %s ", strings.Repeat("=", full), strings.Repeat(" ", width-full), 100*done/total, FormatMegabytes(done), FormatMegabytes(total))
		b.drawnAt, b.started = now, true
	}
}

// Close leaves the line of the bar.
func (b *DownloadBar) Close() {
	if b.terminal && b.started {
		fmt.Fprintln(b.w)
	}
}

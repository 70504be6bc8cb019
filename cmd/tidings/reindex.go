package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"tidings"
	"tidings/search"
)

// reindexCommand fills a new index beside the one that is searched. A running
// server does it itself and tells how far it is; either goes on where an earlier
// one was cut off.
func reindexCommand(ctx context.Context, c *cli, args []string) error {
	cfg, err := dataConfig("reindex", c, args)
	if err != nil {
		return err
	}
	show := newBar(c.err)
	var clips int
	if serverRuns(cfg.Data) {
		clips, err = askReindex(ctx, cfg.Data, show.set)
	} else {
		clips, err = withApp(ctx, c, cfg, func(ctx context.Context, a *app) (int, error) { return a.indexer.Reindex(ctx, show.set) })
	}
	show.end()
	if err != nil {
		return err
	}
	fmt.Fprintf(c.out, "%d clips are indexed again\n", clips)
	return nil
}

// reindexLine is one of the lines in which a running server answers.
type reindexLine struct {
	search.Progress
	Clips *int   `json:"clips,omitempty"` // the last line: how many the new index holds
	Error string `json:"error,omitempty"` // the last line: why there is none
}

// streamReindex answers an order with a line of JSON for each step.
func (a *app) streamReindex(w http.ResponseWriter, r *http.Request) {
	out := json.NewEncoder(w)
	tell := func(l reindexLine) {
		// A client that is gone has ended the request's context, and so the work.
		_ = out.Encode(l)
		_ = http.NewResponseController(w).Flush()
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	clips, err := a.indexer.Reindex(r.Context(), func(p search.Progress) { tell(reindexLine{Progress: p}) })
	if err != nil {
		tell(reindexLine{Error: sentence(err)})
		return
	}
	tell(reindexLine{Clips: &clips})
}

func askReindex(ctx context.Context, data string, progress func(search.Progress)) (clips int, err error) {
	res, err := orderControl(ctx, data, "/reindex", struct{}{})
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	for lines := bufio.NewScanner(res.Body); lines.Scan(); {
		var l reindexLine
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			return 0, err
		}
		switch {
		case l.Error != "":
			return 0, errors.New(l.Error)
		case l.Clips != nil:
			return *l.Clips, nil
		}
		progress(l.Progress)
	}
	if ctx.Err() != nil {
		return 0, ctx.Err()
	}
	return 0, tidings.Errorf(tidings.KindUnavailable, "The server ended before the index was filled. Run this again and it goes on where it was.")
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

var phaseNames = map[string]string{search.PhaseFill: "filling", search.PhaseCheck: "comparing", search.PhaseSwap: "changing over"}

func (b *bar) set(p search.Progress) {
	share := 1.0
	if p.Total > 0 {
		share = float64(p.Done) / float64(p.Total)
	}
	text := fmt.Sprintf("%-13s %3.0f %%  %d of %d clips", phaseNames[p.Phase], 100*share, p.Done, p.Total)
	if b.terminal {
		const width = 30
		full := int(share * width)
		if line := "[" + strings.Repeat("#", full) + strings.Repeat(" ", width-full) + "] " + text; line != b.last {
			b.last = line
			fmt.Fprintf(b.w, "\r%s\x1b[K", line)
		}
		return
	}
	if tenth := int(share * 10); p.Phase != b.phase || tenth != b.tenth {
		b.phase, b.tenth = p.Phase, tenth
		fmt.Fprintln(b.w, text)
	}
}

// end leaves the bar behind.
func (b *bar) end() {
	if b.terminal && b.last != "" {
		fmt.Fprintln(b.w)
	}
}

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"tidings.example/tidings/tidings"
)

// longLine is one of the lines in which a running server answers an order that
// takes a while.
type longLine[Out any] struct {
	Progress *progress `json:"progress,omitempty"`
	Out      *Out      `json:"out,omitempty"`   // the last line: the answer
	Error    string    `json:"error,omitempty"` // the last line: why there is none
}

// longWork is work that tells how far it is.
type longWork[In, Out any] func(ctx context.Context, a *app, in In, tell func(progress)) (Out, error)

// maxOrder is the size of an order in bytes: a path has up to 4096, which JSON
// may spell in six times as many.
const maxOrder = 32 << 10

// errServerEnded is the answer to an order that was not done to its end.
var errServerEnded = tidings.Errorf(tidings.KindUnavailable, "The server ended before this was done. Run it again and it goes on where it was.")

// longOrder answers an order with a line of JSON for each step, until its
// client is gone or the server is asked to stop.
func longOrder[In, Out any](stop context.Context, a *app, do longWork[In, Out]) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithCancel(r.Context())
		defer cancel()
		defer context.AfterFunc(stop, cancel)()

		lines := json.NewEncoder(w)
		say := func(l longLine[Out]) {
			// A client that is gone has ended the request's context, and so the work.
			_ = lines.Encode(l)
			_ = http.NewResponseController(w).Flush()
		}

		w.Header().Set("Content-Type", "application/x-ndjson")
		var in In
		var out Out
		err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxOrder)).Decode(&in)
		if err == nil {
			out, err = do(ctx, a, in, func(p progress) { say(longLine[Out]{Progress: &p}) })
		}

		if err != nil && stop.Err() != nil {
			err = errServerEnded
		}

		if err != nil { // its reader owns the data folder: nothing to hide
			say(longLine[Out]{Error: sentence(err)})
			return
		}

		say(longLine[Out]{Out: &out})
	}
}

// askLong sends an order to the running server and shows how far it is.
func askLong[In, Out any](ctx context.Context, data, path string, in In, tell func(progress)) (out Out, err error) {
	res, err := orderControl(ctx, data, path, in)
	if err != nil {
		return out, err
	}
	defer res.Body.Close()

	lines := bufio.NewScanner(res.Body)
	for lines.Buffer(nil, 1<<20); lines.Scan(); {
		var l longLine[Out]
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			return out, err
		}

		switch {
		case l.Error != "":
			return out, errors.New(l.Error)
		case l.Out != nil:
			return *l.Out, nil
		case l.Progress != nil:
			tell(*l.Progress)
		}
	}

	if ctx.Err() != nil {
		return out, ctx.Err()
	}

	return out, errServerEnded
}

// longOnData runs long work on the rooms of a data folder: by asking the
// server that owns it, or by opening it for the while.
func longOnData[In, Out any](ctx context.Context, c *cli, cfg config, path string, in In, do longWork[In, Out]) (out Out, err error) {
	show := newBar(c.err)
	defer show.end()
	if serverRuns(cfg.Data) {
		return askLong[In, Out](ctx, cfg.Data, path, in, show.set)
	}
	return withApp(ctx, c, cfg, func(ctx context.Context, a *app) (Out, error) { return do(ctx, a, in, show.set) })
}

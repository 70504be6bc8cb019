package admin

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"tidings.example/tidings/tidings"
)

// streamEvent is a line of the newline-delimited JSON with which the server
// answers a streaming call: any number of progress events, then a result or an
// error.
type streamEvent[Out any] struct {
	Progress *tidings.Progress `json:"progress,omitempty"`
	Out      *Out              `json:"out,omitempty"`
	Error    string            `json:"error,omitempty"`
}

// maxStreamRequest is the size of a request in bytes: a path has up to 4096,
// which JSON may escape into six times as many.
const maxStreamRequest = 32 << 10

// errServerEnded is the error of a call that the end of the server cut off.
var errServerEnded = tidings.Errorf(tidings.KindUnavailable, "The server ended before this was done. Run it again and it goes on where it was.")

// HandleStream adds a method that takes long and reports progress. It is
// cancelled when its client is gone or the server is asked to stop.
func HandleStream[In, Out any](s *ControlServer, path string, call func(ctx context.Context, in In, report func(tidings.Progress)) (Out, error)) {
	s.mux.HandleFunc("POST "+path, func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithCancel(r.Context())
		defer cancel()
		defer context.AfterFunc(s.stop, cancel)()

		events := json.NewEncoder(w)
		send := func(e streamEvent[Out]) {
			// A failed write means that the client is gone, which cancels ctx.
			_ = events.Encode(e)
			_ = http.NewResponseController(w).Flush()
		}

		w.Header().Set("Content-Type", "application/x-ndjson")
		out, err := decodeAndCall(ctx, http.MaxBytesReader(w, r.Body, maxStreamRequest), func(ctx context.Context, in In) (Out, error) {
			return call(ctx, in, func(p tidings.Progress) { send(streamEvent[Out]{Progress: &p}) })
		})

		if err != nil && s.stop.Err() != nil {
			err = errServerEnded
		}

		if err != nil { // the caller owns the data folder: nothing to hide
			send(streamEvent[Out]{Error: DescribeError(err)})
			return
		}

		send(streamEvent[Out]{Out: &out})
	})
}

// CallStream calls a streaming method of the running server and passes its
// progress on to report.
func CallStream[Out any](ctx context.Context, data, path string, in any, report func(tidings.Progress)) (out Out, err error) {
	res, err := postControl(ctx, data, path, in)
	if err != nil {
		return out, err
	}
	defer res.Body.Close()

	lines := bufio.NewScanner(res.Body)
	for lines.Buffer(nil, 1<<20); lines.Scan(); {
		var e streamEvent[Out]
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			return out, err
		}

		switch {
		case e.Error != "":
			return out, errors.New(e.Error)
		case e.Out != nil:
			return *e.Out, nil
		case e.Progress != nil:
			report(*e.Progress)
		}
	}

	if ctx.Err() != nil {
		return out, ctx.Err()
	}

	return out, errServerEnded
}

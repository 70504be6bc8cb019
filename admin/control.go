// Package admin is what an operator does to an installation: people, tokens,
// workspaces, the audit of its data and the checks of `tidings doctor`, with
// the control socket over which commands reach a running server.
package admin

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"tidings.example/tidings/tidings"
)

// SocketPath is the control socket in a data folder. One process owns the
// database, so commands that need its rows ask that process over the socket.
func SocketPath(data string) string { return filepath.Join(data, "control.sock") }

// ServerRuns reports whether a server answers for the data folder.
func ServerRuns(data string) bool {
	conn, err := net.DialTimeout("unix", SocketPath(data), time.Second)
	if err != nil {
		return false
	}
	return conn.Close() == nil
}

// ControlServer answers commands on the control socket. Methods are added by
// HandleRPC and HandleStream before ListenAndServe.
type ControlServer struct {
	mux  *http.ServeMux
	stop context.Context // ends streams when the process is asked to stop
}

// NewControlServer returns a server without methods. Its streams are cancelled
// when stop ends.
func NewControlServer(stop context.Context) *ControlServer {
	return &ControlServer{mux: http.NewServeMux(), stop: stop}
}

// Serve listens on the control socket of a data folder and answers in the
// background until ctx ends. Only the server's own user may use the socket.
func (s *ControlServer) Serve(ctx context.Context, data string) error {
	path := SocketPath(data)
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}

	l, err := net.Listen("unix", path)
	if err != nil {
		return fmt.Errorf("control socket (its path may have 107 bytes): %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return errors.Join(err, l.Close())
	}

	srv := &http.Server{Handler: s.mux, ReadHeaderTimeout: 5 * time.Second}
	context.AfterFunc(ctx, func() { srv.Close() })
	go srv.Serve(l)

	return nil
}

// maxRPCRequest is the size of a plain request in bytes.
const maxRPCRequest = 4096

// HandleRPC adds a method that answers a JSON request with a JSON response.
func HandleRPC[In, Out any](s *ControlServer, path string, call func(ctx context.Context, in In) (Out, error)) {
	s.mux.HandleFunc("POST "+path, func(w http.ResponseWriter, r *http.Request) {
		out, err := decodeAndCall(r.Context(), http.MaxBytesReader(w, r.Body, maxRPCRequest), call)
		if err != nil { // the caller owns the data folder: nothing to hide
			http.Error(w, DescribeError(err), http.StatusBadRequest)
			return
		}

		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(out)
	})
}

func decodeAndCall[In, Out any](ctx context.Context, body io.Reader, call func(context.Context, In) (Out, error)) (out Out, err error) {
	var in In
	if err := json.NewDecoder(body).Decode(&in); err != nil {
		return out, err
	}
	return call(ctx, in)
}

// CallRPC calls a method of the running server and decodes its response.
func CallRPC[Out any](ctx context.Context, data, path string, in any) (out Out, err error) {
	res, err := postControl(ctx, data, path, in)
	if err != nil {
		return out, err
	}
	defer res.Body.Close()

	return out, json.NewDecoder(res.Body).Decode(&out)
}

// postControl sends a request to the running server; the caller closes the
// body of the response.
func postControl(ctx context.Context, data, path string, in any) (*http.Response, error) {
	cl := &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", SocketPath(data))
		},
	}}

	body, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}

	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://control"+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}

	res, err := cl.Do(req)
	if err != nil {
		return nil, err
	}
	if res.StatusCode != http.StatusOK {
		defer res.Body.Close()

		text, err := io.ReadAll(io.LimitReader(res.Body, maxRPCRequest))
		return nil, errors.Join(errors.New(string(bytes.TrimSpace(text))), err)
	}

	return res, nil
}

// DescribeError is the message of err for an operator, who may also see the
// details of internal errors.
func DescribeError(err error) string {
	if tidings.KindOf(err) != tidings.KindInternal {
		return tidings.Sentence(err)
	}
	return err.Error()
}

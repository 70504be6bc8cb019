package main

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

// controlSocket is where a running server takes orders from whoever may write
// to its data folder. One process owns the database, so the subcommands that
// need its rows ask here while it runs.
func controlSocket(data string) string { return filepath.Join(data, "control.sock") }

// serverRuns reports whether a server answers for the data folder.
func serverRuns(data string) bool {
	conn, err := net.DialTimeout("unix", controlSocket(data), time.Second)
	if err != nil {
		return false
	}
	return conn.Close() == nil
}

// serveControl answers on the control socket until life ends, and gives up long
// work when the process is asked to stop. The socket is readable and writable
// by the server's own user only.
func serveControl(life, stop context.Context, a *app) error {
	path := controlSocket(a.cfg.Data)
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

	mux := http.NewServeMux()
	mux.HandleFunc("POST /token", order(func(ctx context.Context, r tokenRequest) (any, error) {
		secret, err := newToken(ctx, a.store, r, time.Now())
		return map[string]string{"secret": secret}, err
	}))
	mux.HandleFunc("POST /people", order(func(ctx context.Context, o peopleOrder) (any, error) { return people(ctx, a.store, o) }))
	mux.HandleFunc("POST /audit", order(func(ctx context.Context, _ struct{}) (any, error) { return a.audit(ctx) }))
	mux.HandleFunc("POST /reindex", longOrder(stop, a, reindex))
	mux.HandleFunc("POST /export", longOrder(stop, a, export))
	srv := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	context.AfterFunc(life, func() { srv.Close() })
	go srv.Serve(l)

	return nil
}

// order makes a handler of a function from JSON to JSON.
func order[In any](do func(ctx context.Context, in In) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var in In
		err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 4096)).Decode(&in)
		var out any
		if err == nil {
			out, err = do(r.Context(), in)
		}

		if err != nil { // its reader owns the data folder: nothing to hide
			http.Error(w, sentence(err), http.StatusBadRequest)
			return
		}

		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(out)
	}
}

// askControl sends an order to the running server and reads its answer.
func askControl(ctx context.Context, data, path string, in, out any) error {
	res, err := orderControl(ctx, data, path, in)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	return json.NewDecoder(res.Body).Decode(out)
}

// orderControl sends an order to the running server; the caller closes the
// body of the answer.
func orderControl(ctx context.Context, data, path string, in any) (*http.Response, error) {
	cl := &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", controlSocket(data))
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

		text, err := io.ReadAll(io.LimitReader(res.Body, 4096))
		return nil, errors.Join(errors.New(string(bytes.TrimSpace(text))), err)
	}

	return res, nil
}

// onData runs a subcommand on the rooms of a data folder: by asking the server
// that owns it, or by opening it for the while.
func onData[Out any](ctx context.Context, name string, c *cli, args []string, path string, do func(context.Context, *app) (Out, error)) (out Out, err error) {
	cfg, err := dataConfig(name, c, args)
	if err != nil {
		return out, err
	}
	if serverRuns(cfg.Data) {
		return out, askControl(ctx, cfg.Data, path, struct{}{}, &out)
	}
	return withApp(ctx, c, cfg, do)
}

// dataConfig are the settings of a subcommand that takes nothing but flags.
func dataConfig(name string, c *cli, args []string) (config, error) {
	cfg, rest, err := loadConfig(name, args, c.getenv, c.err)
	if err == nil && len(rest) > 0 {
		err = tidings.Errorf(tidings.KindInvalid, "%q is not a flag.", rest[0])
	}
	if err != nil {
		return cfg, err
	}
	return cfg, cfg.absolute()
}

// withApp opens the rooms of a data folder for the while.
func withApp[Out any](ctx context.Context, c *cli, cfg config, do func(context.Context, *app) (Out, error)) (out Out, err error) {
	log, err := newLog(c.err, "warn")
	if err != nil {
		return out, err
	}
	a, err := openApp(ctx, cfg, log)
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, a.close()) }()
	return do(ctx, a)
}

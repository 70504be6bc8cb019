package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"tidings.example/tidings/admin"
	"tidings.example/tidings/api"
	"tidings.example/tidings/tidings"
	"tidings.example/tidings/web"
)

// Times to end in. Requests under way come first: an upload's last part is
// stored and answered; then steps are put back into the queue.
const (
	drainRequests = 10 * time.Second
	drainSteps    = 15 * time.Second
)

func serveCommand(ctx context.Context, c *cli, args []string) error {
	cfg, rest, err := loadConfig("serve", args, c.getenv, c.err)
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return fmt.Errorf("%q is not a flag", rest[0])
	}

	log, err := newLog(c.err, cfg.LogLevel)
	if err != nil {
		return err
	}

	return serve(ctx, c, cfg, log)
}

// serve runs the process's roles until ctx ends or a part of it fails.
func serve(ctx context.Context, c *cli, cfg config, log *slog.Logger) (err error) {
	var l net.Listener
	if cfg.has("api") { // before anything slow: a taken port is the commonest mistake
		if l, err = net.Listen("tcp", cfg.Listen); err != nil {
			return fmt.Errorf("cannot listen on %s: %w", cfg.Listen, err)
		}
		defer l.Close()
	}

	// Rooms outlive ctx: they end in order, after the last request.
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()

	a, err := openApp(life, cfg, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.close()) }()

	if err := admin.CreateFirstOwner(ctx, a.store, passwordPolicy, cfg.SetupEmail, cfg.SetupPassword); err != nil {
		return err
	}
	if err := a.work(life); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.rest()) }()

	if err := serveControl(life, ctx, a); err != nil {
		return err
	}
	if l == nil {
		fmt.Fprintf(c.out, "Tidings works on %s\n", cfg.Roles)
		return a.wait(ctx, nil)
	}

	return a.serveHTTP(ctx, c, l)
}

// serveHTTP answers requests until ctx ends.
func (a *app) serveHTTP(ctx context.Context, c *cli, l net.Listener) error {
	token, err := a.setupToken(ctx, c)
	if err != nil {
		return err
	}
	if err := a.checkSignUp(ctx); err != nil {
		return err
	}

	handler, err := api.New(ctx, a.apiConfig(token), a.apiDeps(web.Files()))
	if err != nil {
		return err
	}

	srv := api.NewHTTPServer(handler, a.log)
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(l) }()
	fmt.Fprintf(c.out, "Tidings is ready at %s\n", address(a.cfg, l))
	err = a.wait(ctx, failed)
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainRequests)
	defer cancel()

	if serr := srv.Shutdown(stop); serr != nil {
		a.log.Warn("requests were cut off", "error", serr)
		srv.Close()
	}

	return err
}

// setupToken is what the first visitor from another machine must know. It is
// printed once, while there is nobody yet.
func (a *app) setupToken(ctx context.Context, c *cli) (string, error) {
	needed, err := a.store.NeedsSetup(ctx)
	if err != nil || !needed {
		return "", err
	}
	if a.cfg.SetupToken != "" {
		return a.cfg.SetupToken, nil
	}
	token := rand.Text()
	fmt.Fprintf(c.err, "First visit: open the address below on this machine, or from another one with the setup token %s\n", token)
	return token, nil
}

// wait returns when ctx ends, which is no error, or when a part fails.
func (a *app) wait(ctx context.Context, failed <-chan error) error {
	var storage <-chan struct{}
	if a.s3 != nil {
		storage = a.s3.Done()
	}

	select {
	case <-ctx.Done():
		a.log.Info("stopping")
		return nil
	case err := <-failed:
		if errors.Is(err, http.ErrServerClosed) {
			return nil
		}
		return err
	case <-storage:
		return fmt.Errorf("the embedded storage ended: %w", a.s3.Err())
	}
}

// address is what a person opens in their browser.
func address(cfg config, l net.Listener) string {
	if cfg.PublicURL != "" {
		return cfg.PublicURL
	}

	host, _, err := net.SplitHostPort(cfg.Listen)
	if at, ok := l.Addr().(*net.TCPAddr); ok && err == nil {
		if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
			host = "localhost"
		}
		return "http://" + net.JoinHostPort(host, fmt.Sprint(at.Port))
	}
	return "http://" + l.Addr().String()
}

// apiConfig is the HTTP room's part of the settings.
func (a *app) apiConfig(setupToken string) api.Config {
	return api.Config{
		PublicURL: a.cfg.PublicURL, TrustedProxies: a.proxies, SetupToken: setupToken,
		OwnersOnly: a.cfg.Workspaces == "owners", CanMail: a.mail != nil,
		MaxUpload: a.cfg.MaxUpload, Version: version, Log: a.log, Rules: a.cfg.oidcRules(),
	}
}

func newLog(w io.Writer, level string) (*slog.Logger, error) {
	var l slog.Level
	if err := l.UnmarshalText([]byte(strings.ToUpper(level))); err != nil {
		return nil, tidings.Errorf(tidings.KindInvalid, "log-level: %q is not one of debug, info, warn, error.", level)
	}
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: l})), nil
}

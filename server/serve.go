package server

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"

	"tidings.example/tidings/admin"
	"tidings.example/tidings/api"
	"tidings.example/tidings/web"
)

// drainRequests bounds how long requests in progress are waited for at the end.
const drainRequests = 10 * time.Second

// Output is where Run prints the lines that are for the operator, not the log.
type Output struct{ Out, Err io.Writer }

// Run runs the roles of the settings until ctx ends or one of them fails.
func Run(ctx context.Context, cfg Config, log *slog.Logger, out Output) (err error) {
	var l net.Listener
	if cfg.hasRole("api") { // first, since a port in use is the most frequent error
		if l, err = net.Listen("tcp", cfg.Listen); err != nil {
			return fmt.Errorf("cannot listen on %s: %w", cfg.Listen, err)
		}
		defer l.Close()
	}

	// The parts outlive ctx: they are closed in order after the last request.
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()

	a, err := Open(life, cfg, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()

	if err := admin.CreateFirstOwner(ctx, a.Store, PasswordPolicy, cfg.SetupEmail, cfg.SetupPassword); err != nil {
		return err
	}
	if err := a.startJobs(life); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.stopJobs()) }()

	a.startFetching(life)

	if err := a.serveControl(life, ctx, publicAddress(a.Config, l)); err != nil {
		return err
	}
	if l == nil {
		fmt.Fprintf(out.Out, "Tidings works on %s\n", cfg.Roles)
		return a.waitForEnd(ctx, nil)
	}

	return a.serveHTTP(ctx, out, l)
}

// serveHTTP answers requests until ctx ends.
func (a *App) serveHTTP(ctx context.Context, out Output, l net.Listener) error {
	token, err := a.setupToken(ctx, out)
	if err != nil {
		return err
	}
	if err := a.CheckSignUp(ctx); err != nil {
		return err
	}

	cfg, deps := a.apiConfig(token), a.apiDeps(web.Files())
	handler, err := api.New(ctx, cfg, deps)
	if err != nil {
		return err
	}

	srv := api.NewHTTPServer(handler, cfg, deps.Metrics)
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(api.StrictListener(l)) }()
	fmt.Fprintf(out.Out, "Tidings is ready at %s\n", publicAddress(a.Config, l))
	err = a.waitForEnd(ctx, failed)
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainRequests)
	defer cancel()

	if serr := srv.Shutdown(stop); serr != nil {
		a.log.Warn("requests were cut off", "error", serr)
		srv.Close()
	}

	return err
}

// setupToken returns the token that the first visitor needs from another machine.
// It is printed at start while there is no account.
func (a *App) setupToken(ctx context.Context, out Output) (string, error) {
	needed, err := a.Store.NeedsSetup(ctx)
	if err != nil || !needed {
		return "", err
	}
	if a.Config.SetupToken != "" {
		return a.Config.SetupToken, nil
	}
	token := rand.Text()
	fmt.Fprintf(out.Err, "First visit: open the address below on this machine, or from another one with the setup token %s\n", token)
	return token, nil
}

// waitForEnd returns nil when ctx ends, or an error when HTTP or the embedded
// storage fails.
func (a *App) waitForEnd(ctx context.Context, failed <-chan error) error {
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

// publicAddress is the URL to open in a browser.
func publicAddress(cfg Config, l net.Listener) string {
	if cfg.PublicURL != "" {
		return cfg.PublicURL
	}

	if l == nil { // a process without the role api
		return "http://" + cfg.Listen
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

// apiConfig maps the settings to those of the package api.
func (a *App) apiConfig(setupToken string) api.Config {
	return api.Config{
		PublicURL: a.Config.PublicURL, TrustedProxies: a.proxies, SetupToken: setupToken,
		OwnersOnly: a.Config.Workspaces == "owners", CanMail: a.mail != nil,
		MaxUpload: a.Config.MaxUpload, Quota: a.Config.Quota, Version: a.Config.Version, Log: a.log, Rules: a.Config.oidcRules(),
	}
}

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"tidings.example/tidings/admin"
	"tidings.example/tidings/media"
	"tidings.example/tidings/media/blob"
	"tidings.example/tidings/search"
	"tidings.example/tidings/store"
	"tidings.example/tidings/tidings"
	"tidings.example/tidings/transcribe"
)

// errUnwell makes `tidings doctor` exit with 1.
var errUnwell = errors.New("something the server needs is not right")

func doctorCommand(ctx context.Context, c *cli, args []string) error {
	asJSON := false
	var rest []string
	for _, arg := range args {
		if arg == "--json" || arg == "-json" {
			asJSON = true
		} else {
			rest = append(rest, arg)
		}
	}

	cfg, _, err := loadConfig("doctor", rest, c.getenv, c.err)
	if err != nil {
		return err
	}
	if err := cfg.absolute(); err != nil {
		return err
	}

	found := admin.Examine(ctx, cfg.checks()...)
	if asJSON {
		err = json.NewEncoder(c.out).Encode(found)
	} else {
		for _, f := range found {
			fmt.Fprintf(c.out, "%-5s %-10s %s\n", f.State, f.Name, f.Text)
		}
	}

	if admin.Failed(found) {
		return errors.Join(err, errUnwell)
	}

	return err
}

// checks examine everything the server needs.
func (c *config) checks() []admin.Check {
	return []admin.Check{
		admin.CheckServer(c.Data), admin.CheckDataDir(c.Data), admin.CheckDiskSpace(c.Data),
		admin.CheckProgram("ffmpeg", c.FFmpeg), admin.CheckProgram("ffprobe", c.FFprobe),
		admin.CheckText("sandbox", media.Confinement()),
		c.checkStorage(), c.checkSearch(), c.checkMail(), c.checkSignIn(), c.checkSpeech(), c.checkRoutes(),
	}
}

// checkStorage asks an outside S3; the embedded one needs only the folder.
func (c *config) checkStorage() admin.Check {
	if c.S3Endpoint == "" {
		return admin.CheckText("storage", "embedded, in "+c.Data)
	}
	return admin.CheckStorage(c.S3Endpoint, func(ctx context.Context) error {
		s, err := blob.New(c.bucket())
		if err != nil {
			return err
		}
		return s.Ready(ctx)
	})
}

// checkSearch asks a Meilisearch; the embedded engine needs only the folder.
func (c *config) checkSearch() admin.Check {
	if c.Search != "meilisearch" {
		return admin.CheckText("search", "embedded, in "+c.Data)
	}

	m, err := search.OpenMeilisearch(c.meilisearch(nil))
	if err != nil {
		return admin.CheckFailed("search", err)
	}

	return admin.CheckMeilisearch(c.MeiliURL, func(ctx context.Context) (string, error) {
		defer m.Close()
		return m.Examine(ctx)
	})
}

// checkMail signs in at the mail server. Without one, invitations are links.
func (c *config) checkMail() admin.Check {
	m, err := c.mailer()
	if err != nil {
		return admin.CheckFailed("mail", err)
	}
	if m == nil {
		return admin.CheckText("mail", "not set up: invitations are handed out as links")
	}
	return admin.CheckMail(m, c.SMTPFrom)
}

func (c *config) checkSignIn() admin.Check {
	p, err := c.provider()
	if err != nil {
		return admin.CheckFailed("oidc", err)
	}
	if p == nil {
		return func(context.Context) []admin.Finding { return nil }
	}
	return admin.CheckSignIn(admin.SignInConfig{
		Provider: p, Issuer: c.OIDCIssuer, SignUp: c.OIDCSignup, Domains: c.OIDCDomains, Workspace: c.OIDCWorkspace, PublicURL: c.PublicURL,
		HasWorkspace: func(ctx context.Context) (bool, error) {
			return store.HasWorkspace(ctx, c.Data, tidings.ID(c.OIDCWorkspace))
		},
	})
}

func (c *config) checkSpeech() admin.Check {
	var engines []tidings.SpeechEngine
	for _, e := range transcribe.OpenEngines(c.Settings) {
		engines = append(engines, e.Describe())
	}
	return admin.CheckSpeech(engines, c.Speech)
}

func (c *config) checkRoutes() admin.Check {
	routes, err := c.Routes()
	if err != nil {
		return admin.CheckFailed("routes", err)
	}

	return func(context.Context) (out []admin.Finding) {
		for _, r := range routes {
			out = append(out, admin.Finding{Name: "routes", State: "ok", Text: r.String()})
		}
		return out
	}
}

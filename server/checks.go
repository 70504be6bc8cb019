package server

import (
	"context"

	"tidings.example/tidings/admin"
	"tidings.example/tidings/media"
	"tidings.example/tidings/media/blob"
	"tidings.example/tidings/search"
	"tidings.example/tidings/store"
	"tidings.example/tidings/tidings"
	"tidings.example/tidings/transcribe"
)

// Checks are what `tidings doctor` examines.
func (c *Config) Checks() []admin.Check {
	return []admin.Check{
		admin.CheckServer(c.Data), admin.CheckDataDir(c.Data), admin.CheckDiskSpace(c.Data),
		admin.CheckProgram("ffmpeg", c.FFmpeg), admin.CheckProgram("ffprobe", c.FFprobe),
		admin.CheckText("sandbox", media.Confinement()),
		c.checkStorage(), c.checkSearch(), c.checkMail(), c.checkSignIn(), c.checkSpeech(), c.checkRoutes(),
	}
}

// checkStorage asks an outside S3; the embedded one needs only the folder.
func (c *Config) checkStorage() admin.Check {
	if c.S3Endpoint == "" {
		return admin.CheckText("storage", "embedded, in "+c.Data)
	}
	return admin.CheckStorage(c.S3Endpoint, func(ctx context.Context) error {
		s, err := blob.New(c.blobConfig())
		if err != nil {
			return err
		}
		return s.Ready(ctx)
	})
}

// checkSearch asks a Meilisearch; the embedded engine needs only the folder.
func (c *Config) checkSearch() admin.Check {
	if c.Search != "meilisearch" {
		return admin.CheckText("search", "embedded, in "+c.Data)
	}

	m, err := search.OpenMeilisearch(c.meilisearchConfig(nil))
	if err != nil {
		return admin.CheckFailed("search", err)
	}

	return admin.CheckMeilisearch(c.MeiliURL, func(ctx context.Context) (string, error) {
		defer m.Close()
		return m.Examine(ctx)
	})
}

// checkMail signs in at the mail server. Without one, invitations are links.
func (c *Config) checkMail() admin.Check {
	m, err := c.openMailer()
	if err != nil {
		return admin.CheckFailed("mail", err)
	}
	if m == nil {
		return admin.CheckText("mail", "not set up: invitations are handed out as links")
	}
	return admin.CheckMail(m, c.SMTPFrom)
}

func (c *Config) checkSignIn() admin.Check {
	p, err := c.oidcProvider()
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

func (c *Config) checkSpeech() admin.Check {
	var engines []tidings.SpeechEngine
	for _, e := range transcribe.OpenEngines(c.Settings) {
		engines = append(engines, e.Describe())
	}
	return admin.CheckSpeech(engines, c.Speech)
}

func (c *Config) checkRoutes() admin.Check {
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

package server

import (
	"context"
	"net/http"
	"time"

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
		admin.CheckServer(c.Data), admin.CheckDataDir(c.Data), admin.CheckDiskSpace(c.Data, c.MinFree, measureFreeSpace),
		admin.CheckProgram("ffmpeg", c.FFmpeg), admin.CheckProgram("ffprobe", c.FFprobe),
		admin.CheckText("sandbox", media.Confinement()),
		c.checkDatabase(), admin.CheckObjects(c.dataChecks()),
		c.checkStorage(), c.checkSearch(), c.checkEmbeddings(), c.checkMail(), c.checkSignIn(), c.checkClock(), c.checkSpeech(), admin.CheckSpeechFiles(c.fetchState), c.checkRoutes(), admin.CheckTranscripts(c.dataChecks()),
	}
}

// dataChecks read the database without a lock, also while a server runs.
func (c *Config) dataChecks() admin.DataChecks {
	return admin.DataChecks{
		QuickCheck: func(ctx context.Context) (string, error) { return store.QuickCheck(ctx, c.Data) },
		Loss: func() (string, error) {
			l, err := store.ReadLoss(c.Data)
			if err != nil || l == nil {
				return "", err
			}
			return l.Text, nil
		},
		Damage: func(ctx context.Context, limit int) (int, []tidings.Damage, tidings.Scrub, error) {
			cfg, err := c.StoreConfig(nil)
			if err != nil {
				return 0, nil, tidings.Scrub{}, err
			}
			return store.KnownDamage(ctx, cfg, limit)
		},
		FailedTranscripts: func(ctx context.Context, limit int) (int, []tidings.FailedTranscript, error) {
			cfg, err := c.StoreConfig(nil)
			if err != nil {
				return 0, nil, err
			}
			return store.KnownFailedTranscripts(ctx, cfg, limit)
		},
		LossFile: store.LossPath(c.Data),
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
		return s.Examine(ctx)
	}, c.storageFix)
}

// checkSearch asks a Meilisearch; the embedded engine needs only the folder.
func (c *Config) checkSearch() admin.Check {
	if c.Search != "meilisearch" {
		return admin.CheckText("search", "embedded, in "+c.Data)
	}

	m, err := search.OpenMeilisearch(c.meilisearchConfig(nil))
	if err != nil {
		return admin.CheckFailed("search", "Set --meili-url to http://HOST:7700 or https://HOST, and --meili-key to a key of that server.", err)
	}

	return admin.CheckMeilisearch(c.MeiliURL, func(ctx context.Context) (string, error) {
		defer m.Close()
		return m.Examine(ctx)
	}, c.searchFix)
}

// checkMail signs in at the mail server. Without one, invitations are links.
func (c *Config) checkMail() admin.Check {
	m, err := c.openMailer()
	if err != nil {
		return admin.CheckFailed("mail", "Set --smtp-url to smtp://USER@HOST:587 or smtps://USER@HOST:465, --smtp-from to an address, and --smtp-password-file to a file that this user can read.", err)
	}
	if m == nil {
		return admin.CheckText("mail", "not set up: invitations are handed out as links")
	}
	if c.PublicURL == "" {
		return admin.CheckMailLinks(admin.CheckMail(m, c.SMTPFrom, c.mailFix))
	}
	return admin.CheckMail(m, c.SMTPFrom, c.mailFix)
}

func (c *Config) checkSignIn() admin.Check {
	p, err := c.oidcProvider()
	if err != nil {
		return admin.CheckFailed("oidc", "Set --oidc-issuer to the https:// URL that the provider writes in its discovery document, --oidc-client-id to the client registered there, and --oidc-client-secret-file to a file that this user can read.", err)
	}
	if p == nil {
		return func(context.Context) []admin.Finding { return nil }
	}
	return admin.CheckSignIn(admin.SignInConfig{
		Provider: p, Issuer: c.OIDCIssuer, SignUp: c.OIDCSignup, Domains: c.OIDCDomains, Workspace: c.OIDCWorkspace, PublicURL: c.PublicURL,
		HasWorkspace: func(ctx context.Context) (bool, error) {
			cfg, err := c.StoreConfig(nil)
			if err != nil {
				return false, err
			}
			return store.HasWorkspace(ctx, cfg, tidings.ID(c.OIDCWorkspace))
		},
	}, c.signInFix)
}

// checkClock compares our clock with those of the outside servers of the
// settings, which refuse what is signed at another time.
func (c *Config) checkClock() admin.Check {
	var checks []admin.Check
	for _, url := range c.outsideURLs() {
		checks = append(checks, admin.CheckClock(url, time.Now, func(ctx context.Context) (time.Time, error) { return serverTime(ctx, url) }))
	}

	return func(ctx context.Context) []admin.Finding { return admin.Examine(ctx, checks...) }
}

// outsideURLs are the URLs of the HTTP servers that this one depends on.
func (c *Config) outsideURLs() (out []string) {
	for _, url := range []string{c.S3Endpoint, c.MeiliURL, c.OIDCIssuer} {
		if url != "" {
			out = append(out, url)
		}
	}
	return out
}

// serverTime is the Date that an HTTP server answers with (RFC 9110, section
// 6.6.1), whatever else it answers.
func serverTime(ctx context.Context, url string) (time.Time, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()

	req, err := http.NewRequestWithContext(ctx, http.MethodHead, url, nil)
	if err != nil {
		return time.Time{}, err
	}

	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(req)
	if err != nil {
		return time.Time{}, err
	}
	defer res.Body.Close()

	return http.ParseTime(res.Header.Get("Date"))
}

func (c *Config) checkSpeech() admin.Check {
	var engines []tidings.SpeechEngine
	files := c.fetchState()
	for _, e := range transcribe.OpenEngines(c.Settings) {
		if described := e.Describe(); !c.isExpected(described, files) {
			engines = append(engines, described)
		}
	}
	return admin.CheckSpeech(engines, c.Speech, c.speechFix)
}

func (c *Config) checkRoutes() admin.Check {
	routes, err := c.Routes()
	if err != nil {
		return admin.CheckFailed("routes", "Correct --speech-route: LANGUAGE=ENGINE,ENGINE; the engines are those of tidings doctor's lines speech.", err)
	}

	return func(context.Context) (out []admin.Finding) {
		for _, r := range routes {
			out = append(out, admin.Finding{Name: "routes", State: "ok", Text: r.String()})
		}
		return out
	}
}

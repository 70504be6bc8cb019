package server

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"tidings.example/tidings/admin"
	"tidings.example/tidings/media/blob/embedded"
	"tidings.example/tidings/oidc/oidctest"
	"tidings.example/tidings/search/searchtest/fakemeili"
)

// brokenCase is something broken, with what `tidings doctor` has to say of it.
type brokenCase struct {
	change func(c *Config)
	check  string // name of the finding
	says   string // in its text
	fix    string // in its fix
}

// TestDoctorSaysHowToFix breaks everything that a check looks at, with real
// servers, and reads what to do about it.
func TestDoctorSaysHowToFix(t *testing.T) {
	cases := map[string]brokenCase{}
	addFolderCases(t, cases)
	addStorageCases(t, cases)
	addSearchCases(t, cases)
	addEmbeddingCases(cases)
	addMailCases(t, cases)
	addProviderCases(t, cases)
	addDatabaseCases(t, cases)
	var broken sync.Map // names of checks
	t.Run("broken", func(t *testing.T) {
		for name, c := range cases {
			t.Run(name, func(t *testing.T) {
				t.Parallel() // some wait for servers that do not answer
				cfg := soundConfig(t)
				c.change(&cfg)
				c.checkFindings(t, admin.Examine(t.Context(), cfg.Checks()...), &broken)
			})
		}
	})

	// Facts that cannot be wrong, and free space, which a test cannot take away.
	always := map[string]bool{"server": true, "sandbox": true, "disk": true}
	cfg := soundConfig(t)
	cfg.OIDCIssuer, cfg.OIDCClientID = oidctest.New(t).URL, "t"
	for _, f := range admin.Examine(t.Context(), cfg.Checks()...) {
		if _, ok := broken.Load(f.Name); !ok && !always[f.Name] {
			t.Errorf("nothing breaks what the check %s looks at: add a case", f.Name)
		}
	}
}

// checkFindings looks for the finding of the case, and notes which checks failed.
func (c brokenCase) checkFindings(t *testing.T, findings []admin.Finding, broken *sync.Map) {
	t.Helper()
	found := false
	for _, f := range findings {
		if f.State == "ok" {
			continue
		}
		broken.Store(f.Name, true)
		checkFix(t, f)
		found = found || f.Name == c.check && strings.Contains(f.Text, c.says) && strings.Contains(f.Fix, c.fix)
	}

	if !found {
		t.Errorf("no finding %s with %q and fix %q in %+v", c.check, c.says, c.fix, findings)
	}
}

var flagPattern = regexp.MustCompile(`--[a-z][a-z0-9-]*`)

// checkFix checks that a finding says what to do, in settings that exist.
func checkFix(t *testing.T, f admin.Finding) {
	t.Helper()
	if f.Fix == "" || f.Text == "" {
		t.Errorf("%+v does not say what is wrong and what to do", f)
	}

	flags := knownFlags()
	for _, flag := range flagPattern.FindAllString(f.Fix, -1) {
		if !flags[flag] {
			t.Errorf("the fix of %s names %s, which is no setting", f.Name, flag)
		}
	}
}

func knownFlags() map[string]bool {
	flags := map[string]bool{}
	for _, s := range new(Config).ListSettings() {
		flags["--"+s.Flag] = true
	}
	return flags
}

// soundConfig is the default settings on a new folder.
func soundConfig(t *testing.T) Config {
	t.Helper()
	cfg, err := Load(map[string]string{"data": t.TempDir()}, func(string) string { return "" }, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := cfg.ResolvePaths(); err != nil {
		t.Fatal(err)
	}
	return cfg
}

func addFolderCases(t *testing.T, cases map[string]brokenCase) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}

	cases["data folder below a file"] = brokenCase{func(c *Config) { c.Data = filepath.Join(file, "data") }, "data", "cannot be written", "--data"}
	cases["data folder not ours"] = brokenCase{func(c *Config) { c.Data = "/proc/tidings" }, "data", "/proc cannot be written", "chown"}
	cases["no ffmpeg"] = brokenCase{func(c *Config) { c.FFmpeg = "/nowhere/ffmpeg" }, "ffmpeg", "does not run", "--ffmpeg"}
	cases["no ffprobe"] = brokenCase{func(c *Config) { c.FFprobe = "false" }, "ffprobe", "does not run", "apt-get install ffmpeg"}
	cases["no speech model"] = brokenCase{func(c *Config) { c.Speech = filepath.Join(c.Data, "none") }, "speech", "not in", "scripts/fetch-speech.sh"}
	cases["no whisper model"] = brokenCase{func(c *Config) { c.Refine, c.Whisper = "whisper", "true" }, "speech", "model", "tidings models pull"}
	cases["no speech program"] = brokenCase{func(c *Config) { c.Refine, c.Command = "command", "/nowhere/speech {wav}" }, "speech", "/nowhere/speech", "--command"}
	cases["an unknown engine"] = brokenCase{func(c *Config) { c.SpeechRoute = "*=parrot" }, "routes", "parrot", "--speech-route"}
}

// addStorageCases breaks a real S3 server, which a proxy makes reachable by TCP.
func addStorageCases(t *testing.T, cases map[string]brokenCase) {
	srv, err := embedded.Start(t.Context(), embedded.Config{Dir: t.TempDir(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(func() { srv.Close() })

	behind := func(change func(r *http.Request)) string {
		s := httptest.NewServer(&httputil.ReverseProxy{Transport: srv.HTTPClient().Transport, Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host, r.Out.Host = "http", "embedded.invalid", r.In.Host
			change(r.Out)
		}})
		t.Cleanup(s.Close)
		return s.URL
	}

	use := func(endpoint string, change func(c *Config)) func(c *Config) {
		return func(c *Config) {
			c.S3Endpoint, c.S3Bucket, c.S3AccessKey, c.S3SecretKey = endpoint, "tidings", srv.Credentials.AccessKey, srv.Credentials.SecretKey
			change(c)
		}
	}

	right := behind(func(*http.Request) {})
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	secure.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	t.Cleanup(secure.Close)
	cases["S3 wrong access key"] = brokenCase{use(right, func(c *Config) { c.S3AccessKey = "another" }), "storage", right, "--s3-access-key"}
	cases["S3 wrong secret key"] = brokenCase{use(right, func(c *Config) { c.S3SecretKey = "another" }), "storage", "SignatureDoesNotMatch", "Set --s3-secret-key"}
	cases["S3 wrong bucket"] = brokenCase{use(right, func(c *Config) { c.S3Bucket = "another" }), "storage", "bucket is missing", "--s3-bucket"}
	cases["S3 wrong region"] = brokenCase{use(right, func(c *Config) { c.S3Region = "eu-west-7" }), "storage", right, "--s3-region"}
	cases["S3 not there"] = brokenCase{use("http://"+closedPort(t), func(*Config) {}), "storage", "does not answer", "--s3-endpoint"}
	cases["S3 certificate"] = brokenCase{use(secure.URL, func(*Config) {}), "storage", "certificate", "update-ca-certificates"}
	cases["S3 another time"] = brokenCase{use(behind(func(r *http.Request) {
		r.Header.Set("X-Amz-Date", time.Now().Add(-time.Hour).UTC().Format("20060102T150405Z"))
	}), func(*Config) {}), "storage", "RequestTimeTooSkewed", "clock"}
	cases["clock behind"] = brokenCase{use(withDate(t, 20*time.Minute), func(*Config) {}), "clock", "behind", "timedatectl"}
	cases["clock ahead"] = brokenCase{use(withDate(t, -time.Minute), func(*Config) {}), "clock", "ahead of", "timedatectl"}
}

// withDate is a server whose clock is ahead of ours.
func withDate(t *testing.T, ahead time.Duration) string {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", time.Now().Add(ahead).UTC().Format(http.TimeFormat))
		w.WriteHeader(http.StatusForbidden)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// closedPort is an address of this machine at which nobody listens.
func closedPort(t *testing.T) string {
	s := httptest.NewServer(http.NotFoundHandler())
	s.Close()
	u, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	return u.Host
}

func addSearchCases(t *testing.T, cases map[string]brokenCase) {
	meili := fakemeili.New(t)
	old := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"commitSha":"x","commitDate":"x","pkgVersion":"1.3.0"}`)
	}))
	t.Cleanup(old.Close)

	use := func(url, key string) func(c *Config) {
		return func(c *Config) { c.Search, c.MeiliURL, c.MeiliKey = "meilisearch", url, key }
	}
	cases["Meilisearch wrong key"] = brokenCase{use(meili.URL, "another key, as long as one has to be"), "search", "key", "--meili-key"}
	cases["Meilisearch not there"] = brokenCase{use("http://"+closedPort(t), fakemeili.MasterKey), "search", "does not answer", "--meili-url"}
	cases["Meilisearch too old"] = brokenCase{use(old.URL, fakemeili.MasterKey), "search", "too old", "Install"}
	cases["Meilisearch no URL"] = brokenCase{use("localhost", fakemeili.MasterKey), "search", "", "--meili-url"}
}

func addProviderCases(t *testing.T, cases map[string]brokenCase) {
	p, other, ahead := oidctest.New(t), oidctest.New(t), withDate(t, time.Hour)
	other.Say(map[string]any{"issuer": "https://id.example/realms/team"})
	use := func(issuer string, change func(c *Config)) func(c *Config) {
		return func(c *Config) {
			c.OIDCIssuer, c.OIDCClientID, c.OIDCSignup, c.OIDCDomains, c.PublicURL = issuer, "t", "member", "example.org", "https://tidings.example"
			change(c)
		}
	}

	same := func(*Config) {}
	cases["OIDC another issuer"] = brokenCase{use(other.URL, same), "oidc", other.URL, "Set --oidc-issuer to https://id.example/realms/team"}
	cases["OIDC not there"] = brokenCase{use("http://"+closedPort(t), same), "oidc", "cannot be reached", "--oidc-issuer"}
	cases["OIDC no discovery"] = brokenCase{use(p.URL+"/realms/none", same), "oidc", "404", "/.well-known/openid-configuration"}
	cases["OIDC not https"] = brokenCase{use("http://id.example", same), "oidc", "https://", "--oidc-issuer"}
	cases["OIDC clock"] = brokenCase{use(ahead, same), "clock", "behind", "timedatectl"}
	cases["OIDC no secret file"] = brokenCase{use(p.URL, func(c *Config) { c.OIDCSecretFile = "/nowhere/secret" }), "oidc", "/nowhere/secret", "--oidc-client-secret-file"}
	cases["OIDC no public URL"] = brokenCase{use(p.URL, func(c *Config) { c.PublicURL = "" }), "oidc", "public URL", "--public-url"}
	cases["OIDC anybody"] = brokenCase{use(p.URL, func(c *Config) { c.OIDCDomains = "" }), "oidc", "anybody", "--oidc-allowed-domains"}
	cases["OIDC no workspace"] = brokenCase{use(p.URL, func(c *Config) { c.OIDCWorkspace, c.Data = "01ARYZ6S41TSV4RRFFQ69G5FAV", database(t) }), "oidc", "no workspace", "tidings workspace list"}
}

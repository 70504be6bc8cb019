package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/BurntSushi/toml"

	"tidings.example/tidings/transcribe"
)

// config is every setting of the server. A flag wins over its TIDINGS_*
// environment variable, which wins over tidings.toml, which wins over the
// default written here. The name in the toml tag is also the flag's (with
// dashes) and the variable's (upper case).
type config struct {
	transcribe.Settings // of the speech engines

	Listen         string        `toml:"listen" default:"localhost:8080" help:"address to serve HTTP on"`
	Data           string        `toml:"data" default:"data" help:"folder for database, objects, index and speech model"`
	PublicURL      string        `toml:"public_url" help:"the URL people reach the server by; empty = from the request"`
	TrustedProxies string        `toml:"trusted_proxies" help:"comma list of networks whose X-Forwarded-For is believed"`
	LogLevel       string        `toml:"log_level" default:"info" help:"debug, info, warn or error"`
	Roles          string        `toml:"roles" default:"api,transcode,transcribe,index" help:"what this process does"`
	TranscodeSlots int           `toml:"transcode_slots" default:"2" help:"clips transcoded at once"`
	ModelMirror    string        `toml:"model_mirror" help:"https folder that is asked for models first, by the names of their files"`
	FFmpeg         string        `toml:"ffmpeg" default:"ffmpeg" help:"the ffmpeg program"`
	FFprobe        string        `toml:"ffprobe" default:"ffprobe" help:"the ffprobe program"`
	S3Endpoint     string        `toml:"s3_endpoint" help:"URL of an S3 server; empty = the embedded one"`
	S3Region       string        `toml:"s3_region" default:"us-east-1" help:"region of the bucket"`
	S3Bucket       string        `toml:"s3_bucket" default:"tidings" help:"bucket for all objects"`
	S3AccessKey    string        `toml:"s3_access_key" secret:"true" help:"access key"`
	S3SecretKey    string        `toml:"s3_secret_key" secret:"true" help:"secret key"`
	S3PathStyle    bool          `toml:"s3_path_style" default:"true" help:"bucket in the path instead of the host name"`
	S3Checksums    string        `toml:"s3_checksums" default:"when_supported" help:"when_supported or when_required"`
	Fsync          bool          `toml:"fsync" default:"true" help:"embedded storage: flush to the disk before answering"`
	MaxUpload      int64         `toml:"max_upload_bytes" default:"21474836480" help:"largest original, in bytes"`
	Quota          int64         `toml:"workspace_quota_bytes" default:"0" help:"bytes of originals a workspace may hold; 0 = no limit"`
	UploadIdle     time.Duration `toml:"upload_idle" default:"60s" help:"an upload silent for this long is shown as at risk"`
	UploadSeal     time.Duration `toml:"upload_seal" default:"15m" help:"an upload silent for this long is sealed from what came"`
	SetupToken     string        `toml:"setup_token" secret:"true" help:"one-time token for the first visit from another host; empty = made at start"`
	SetupEmail     string        `toml:"setup_email" help:"create the first owner at start"`
	SetupPassword  string        `toml:"setup_password" secret:"true" help:"password of the first owner"`
	Search         string        `toml:"search" default:"embedded" help:"embedded or meilisearch"`
	MeiliURL       string        `toml:"meili_url" help:"URL of Meilisearch, such as http://localhost:7700"`
	MeiliKey       string        `toml:"meili_key" secret:"true" help:"master key or admin key of Meilisearch"`
	SMTPURL        string        `toml:"smtp_url" secret:"true" help:"mail server, smtp://user:password@host:587 or smtps://…:465; empty = invitations by link only"`
	SMTPPassFile   string        `toml:"smtp_password_file" help:"file with its password"`
	SMTPFrom       string        `toml:"smtp_from" help:"sender of mail, such as Tidings <tidings@example.org>"`
	Workspaces     string        `toml:"workspaces" default:"anyone" help:"who may make workspaces: anyone who is signed in, or owners of one"`
	OIDCIssuer     string        `toml:"oidc_issuer" help:"URL of an OpenID provider people may sign in by; empty = none"`
	OIDCClientID   string        `toml:"oidc_client_id" help:"the name it knows this server by"`
	OIDCSecret     string        `toml:"oidc_client_secret" secret:"true" help:"and the secret"`
	OIDCSecretFile string        `toml:"oidc_client_secret_file" help:"file with the secret"`
	OIDCName       string        `toml:"oidc_name" help:"what people call it; empty = its host name"`
	OIDCDomains    string        `toml:"oidc_allowed_domains" help:"comma list of domains whose confirmed addresses may sign in by it; empty = any"`
	OIDCSignup     string        `toml:"oidc_signup" default:"off" help:"role with which unknown people may join by it: off, guest, member or admin"`
	OIDCWorkspace  string        `toml:"oidc_workspace" help:"id of the workspace they join; empty = the oldest"`
	OIDCLink       bool          `toml:"oidc_link_by_email" default:"false" help:"let it open a local account that has the address it has confirmed"`
}

// setting is one field of config with its names.
type setting struct {
	field  reflect.StructField
	value  reflect.Value
	flag   string
	env    string
	secret bool
}

func (c *config) settings() []setting { return settingsOf(reflect.ValueOf(c).Elem()) }

// settingsOf are the fields of a struct that have a toml tag, with those of its
// embedded structs.
func settingsOf(v reflect.Value) []setting {
	var out []setting
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if f.Anonymous {
			out = append(out, settingsOf(v.Field(i))...)
			continue
		}

		name := f.Tag.Get("toml")
		if name == "" {
			continue
		}

		out = append(out, setting{
			field: f, value: v.Field(i), secret: f.Tag.Get("secret") == "true",
			flag: strings.ReplaceAll(name, "_", "-"), env: "TIDINGS_" + strings.ToUpper(name),
		})
	}

	return out
}

func (s setting) set(text string) error {
	switch s.value.Interface().(type) {
	case string:
		s.value.SetString(text)
	case time.Duration:
		d, err := time.ParseDuration(text)
		if err != nil {
			return fmt.Errorf("%q is not a duration such as 90s or 15m", text)
		}
		s.value.SetInt(int64(d))
	case bool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return fmt.Errorf("%q is not true or false", text)
		}
		s.value.SetBool(b)
	default:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || s.value.OverflowInt(n) {
			return fmt.Errorf("%q is not a whole number", text)
		}
		s.value.SetInt(n)
	}
	return nil
}

// loadConfig reads the settings of a subcommand from its arguments, the
// environment and tidings.toml, and returns what is left of the arguments.
// All mistakes are reported together.
func loadConfig(name string, args []string, getenv func(string) string, usage io.Writer) (config, []string, error) {
	var c config
	flags := flag.NewFlagSet("tidings "+name, flag.ContinueOnError)
	flags.SetOutput(usage)
	file := flags.String("config", "", "settings file (default tidings.toml, if there is one)")
	given := map[string]string{}
	all := c.settings()
	for _, s := range all {
		help := fmt.Sprintf("%s (%s)", s.field.Tag.Get("help"), s.env)
		record := func(text string) error { given[s.flag] = text; return nil }
		if s.value.Kind() == reflect.Bool {
			flags.BoolFunc(s.flag, help, record)
		} else {
			flags.Func(s.flag, help, record)
		}
	}

	if err := flags.Parse(args); err != nil {
		return c, nil, err
	}

	fromFile, err := readTOML(*file)
	if err != nil {
		return c, nil, err
	}
	if err := c.fill(all, given, getenv, fromFile); err != nil {
		return c, nil, err
	}

	return c, flags.Args(), c.validate()
}

// fill gives each setting its value from the strongest source that has one.
func (c *config) fill(all []setting, flags map[string]string, getenv func(string) string, file map[string]any) error {
	var errs []error
	for _, s := range all {
		text, from := s.field.Tag.Get("default"), "default"
		if v, ok := file[s.field.Tag.Get("toml")]; ok {
			text, from = fmt.Sprint(v), "tidings.toml"
		}

		if v := getenv(s.env); v != "" {
			text, from = v, s.env
		}

		if v, ok := flags[s.flag]; ok {
			text, from = v, "--"+s.flag
		}

		if text == "" {
			continue
		}

		if err := s.set(text); err != nil {
			errs = append(errs, fmt.Errorf("%s (from %s): %w", s.flag, from, err))
		}
	}

	known := map[string]bool{}
	for _, s := range all {
		known[s.field.Tag.Get("toml")] = true
	}

	for key := range file {
		if !known[key] {
			errs = append(errs, fmt.Errorf("tidings.toml: %q is not a setting", key))
		}
	}

	return errors.Join(errs...)
}

func readTOML(path string) (map[string]any, error) {
	name := path
	if name == "" {
		name = "tidings.toml"
	}

	out := map[string]any{}
	_, err := toml.DecodeFile(name, &out)
	if errors.Is(err, os.ErrNotExist) && path == "" {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}

	return out, nil
}

func (c *config) validate() error {
	var errs []error
	bad := func(name, format string, args ...any) {
		errs = append(errs, fmt.Errorf("%s: %s", name, fmt.Sprintf(format, args...)))
	}
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		bad("listen", "%q is not host:port", c.Listen)
	}

	if c.Search != "embedded" && c.Search != "meilisearch" {
		bad("search", "%q is neither embedded nor meilisearch", c.Search)
	}

	if c.Search == "meilisearch" && (c.MeiliURL == "" || c.MeiliKey == "") {
		bad("meili-url and meili-key", "are needed when search is meilisearch")
	}

	if c.S3Endpoint != "" && (c.S3AccessKey == "" || c.S3SecretKey == "") {
		bad("s3-access-key and s3-secret-key", "are needed with an outside s3-endpoint")
	}

	if c.TranscodeSlots < 1 || c.TranscodeSlots > 64 {
		bad("transcode-slots", "%d is not between 1 and 64", c.TranscodeSlots)
	}

	for _, role := range strings.Split(c.Roles, ",") {
		switch strings.TrimSpace(role) {
		case "api", "transcode", "transcribe", "index":
		default:
			bad("roles", "%q is not one of api, transcode, transcribe, index", role)
		}
	}

	c.Settings.Validate(bad)
	if c.ModelMirror != "" && !strings.HasPrefix(c.ModelMirror, "https://") {
		bad("model-mirror", "%q is not an https address", c.ModelMirror)
	}

	c.validateOIDC(bad)
	c.validateMail(bad)
	if c.UploadSeal < c.UploadIdle || c.UploadIdle <= 0 {
		bad("upload-seal", "must be longer than upload-idle, which must be positive")
	}

	if (c.SetupEmail == "") != (c.SetupPassword == "") {
		bad("setup-email and setup-password", "go together")
	}

	return errors.Join(errs...)
}

// absolute makes folder settings independent of the working directory.
func (c *config) absolute() (err error) {
	if c.Data, err = filepath.Abs(c.Data); err != nil {
		return err
	}

	if c.Speech == "" {
		c.Speech = speechFolder(c.Data)
	}

	if c.Speech, err = filepath.Abs(c.Speech); err != nil {
		return err
	}

	if c.Models == "" {
		c.Models = filepath.Join(c.Data, "models")
	}

	c.TempDir = filepath.Join(c.Data, "tmp")
	c.Models, err = filepath.Abs(c.Models)

	return err
}

// speechFolder is where the speech engine is unless a setting says otherwise:
// in the data folder, or beside the program, where `make build` puts it.
func speechFolder(data string) string {
	inData := filepath.Join(data, "speech")
	self, err := os.Executable()
	if _, missing := os.Stat(inData); missing == nil || err != nil {
		return inData
	}
	beside := filepath.Join(filepath.Dir(self), "speech")
	if _, err := os.Stat(beside); err != nil {
		return inData
	}
	return beside
}

func (c *config) has(role string) bool {
	for _, r := range strings.Split(c.Roles, ",") {
		if strings.TrimSpace(r) == role {
			return true
		}
	}
	return false
}

// print writes the effective settings as TOML with secrets masked.
func (c *config) print(w io.Writer) {
	lines := make([]string, 0, 32)
	for _, s := range c.settings() {
		text := fmt.Sprint(s.value.Interface())
		if s.secret && text != "" {
			text = "********"
		}

		if k := s.value.Kind(); k == reflect.String || s.field.Type == reflect.TypeFor[time.Duration]() {
			text = strconv.Quote(text)
		}

		lines = append(lines, s.field.Tag.Get("toml")+" = "+text)
	}

	sort.Strings(lines)
	fmt.Fprintln(w, strings.Join(lines, "\n"))
}

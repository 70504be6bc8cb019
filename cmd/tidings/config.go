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
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/BurntSushi/toml"

	"tidings.example/tidings/admin"
	"tidings.example/tidings/transcribe"
)

// config is every setting of the server. A flag wins over its TIDINGS_*
// environment variable, which wins over tidings.toml, which wins over the
// default written here. The name in the toml tag is also the flag's (with
// dashes) and the variable's (upper case).
type config struct {
	Listen         string        `toml:"listen" default:"localhost:8080" help:"address to serve HTTP on"`
	Data           string        `toml:"data" default:"data" help:"folder for database, objects, index and speech model"`
	PublicURL      string        `toml:"public_url" help:"the URL people reach the server by; empty = from the request"`
	TrustedProxies string        `toml:"trusted_proxies" help:"comma list of networks whose X-Forwarded-For is believed"`
	LogLevel       string        `toml:"log_level" default:"info" help:"debug, info, warn or error"`
	Roles          string        `toml:"roles" default:"api,transcode,transcribe,index" help:"what this process does"`
	Speech         string        `toml:"speech" help:"folder of the speech engine and model; empty = DATA/speech, or speech beside the program"`
	SpeechWorkers  int           `toml:"speech_workers" default:"2" help:"speech windows decoded at once"`
	TranscodeSlots int           `toml:"transcode_slots" default:"2" help:"clips transcoded at once"`
	SpeechSlots    int           `toml:"speech_slots" default:"2" help:"clips transcribed at once"`
	Refine         string        `toml:"refine" help:"engine that writes transcripts again, better: whisper, openai, command or worker; empty = none"`
	SpeechRoute    string        `toml:"speech_route" help:"which engines by language, such as de=openai,command; *=whisper,vosk; empty = refine for all"`
	Whisper        string        `toml:"whisper" help:"whisper-cli of whisper.cpp; empty = on the PATH, or whisper/whisper-cli beside the program"`
	WhisperModel   string        `toml:"whisper_model" default:"base-q8_0" help:"its model: a name of tidings models list, or a path"`
	WhisperThreads int           `toml:"whisper_threads" default:"0" help:"its threads; 0 = as many as there are free cores"`
	WorkerWait     time.Duration `toml:"worker_wait" default:"30s" help:"how long a clip that goes to a worker waits for one, before the next engine is asked"`
	WorkerLease    time.Duration `toml:"worker_lease" default:"25s" help:"how long a worker that is not heard of keeps a clip"`
	Models         string        `toml:"models" help:"folder of downloaded models; empty = DATA/models"`
	ModelMirror    string        `toml:"model_mirror" help:"https folder that is asked for models first, by the names of their files"`
	RefineSlots    int           `toml:"refine_slots" default:"1" help:"clips refined at once"`
	SpeechLanguage string        `toml:"speech_language" help:"language of speech (BCP 47) where nobody chose one; empty = the engine decides"`
	OpenAIURL      string        `toml:"openai_url" help:"base of an OpenAI-compatible API, such as http://localhost:8000/v1"`
	OpenAIModel    string        `toml:"openai_model" default:"whisper-1" help:"model to ask it for"`
	OpenAIKey      string        `toml:"openai_key" secret:"true" help:"its key"`
	OpenAIKeyFile  string        `toml:"openai_key_file" help:"file with its key"`
	OpenAIPiece    time.Duration `toml:"openai_piece" default:"30s" help:"longest stretch of speech sent at once, 30s to 10m"`
	OpenAIRequests int           `toml:"openai_requests" default:"1" help:"requests at once for one clip"`
	OpenAITimeout  time.Duration `toml:"openai_timeout" default:"5m" help:"how long one request may take"`
	Command        string        `toml:"command" help:"speech program and its arguments, with {wav}, {out} and {language} filled in"`
	CommandModel   string        `toml:"command_model" help:"name of its model, shown with transcripts"`
	CommandPiece   time.Duration `toml:"command_piece" default:"5m" help:"longest stretch of speech it is given at once, 30s to 10m"`
	CommandTimeout time.Duration `toml:"command_timeout" default:"15m" help:"how long one run may take"`
	CommandMemory  int64         `toml:"command_memory_bytes" default:"8589934592" help:"its address space; 0 = no limit, as programs on a GPU need"`
	CommandRuns    int           `toml:"command_runs" default:"1" help:"runs at once, for all clips"`
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

func (c *config) settings() []setting {
	v := reflect.ValueOf(c).Elem()
	out := make([]setting, v.NumField())
	for i := range out {
		f := v.Type().Field(i)
		name := f.Tag.Get("toml")
		out[i] = setting{
			field: f, value: v.Field(i), secret: f.Tag.Get("secret") == "true",
			flag: strings.ReplaceAll(name, "_", "-"), env: "TIDINGS_" + strings.ToUpper(name),
		}
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

	for _, n := range []struct {
		name  string
		value int
	}{{"speech-workers", c.SpeechWorkers}, {"transcode-slots", c.TranscodeSlots}, {"speech-slots", c.SpeechSlots},
		{"refine-slots", c.RefineSlots}, {"openai-requests", c.OpenAIRequests}, {"command-runs", c.CommandRuns}} {
		if n.value < 1 || n.value > 64 {
			bad(n.name, "%d is not between 1 and 64", n.value)
		}
	}

	for _, role := range strings.Split(c.Roles, ",") {
		switch strings.TrimSpace(role) {
		case "api", "transcode", "transcribe", "index":
		default:
			bad("roles", "%q is not one of api, transcode, transcribe, index", role)
		}
	}

	c.validateSpeech(bad)
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

// validateSpeech checks the settings of speech engines.
func (c *config) validateSpeech(bad func(name, format string, args ...any)) {
	switch {
	case c.Refine != "" && !slices.Contains(transcribe.RefineEngines, c.Refine):
		bad("refine", "%q is not one of %s", c.Refine, strings.Join(transcribe.RefineEngines, ", "))
	case c.usesEngine("openai") && c.OpenAIURL == "":
		bad("openai-url", "is needed when clips go to openai")
	case c.usesEngine("command") && c.Command == "":
		bad("command", "is needed when clips go to command")
	}

	if _, err := c.routes(); err != nil {
		bad("speech-route", "%s", strings.TrimPrefix(admin.DescribeError(err), "speech-route: "))
	}

	if c.ModelMirror != "" && !strings.HasPrefix(c.ModelMirror, "https://") {
		bad("model-mirror", "%q is not an https address", c.ModelMirror)
	}

	if c.WorkerWait <= 0 || c.WorkerLease < time.Second {
		bad("worker-wait and worker-lease", "must be positive, the latter at least 1s")
	}

	if c.WhisperThreads < 0 || c.WhisperThreads > 256 {
		bad("whisper-threads", "%d is not between 0 and 256", c.WhisperThreads)
	}

	if c.OpenAIKey != "" && c.OpenAIKeyFile != "" {
		bad("openai-key and openai-key-file", "exclude each other")
	}

	for name, d := range map[string]time.Duration{"openai-piece": c.OpenAIPiece, "command-piece": c.CommandPiece} {
		if d < 30*time.Second || d > 10*time.Minute {
			bad(name, "%v is not between 30s and 10m", d)
		}
	}

	if c.OpenAITimeout <= 0 || c.CommandTimeout <= 0 || c.CommandMemory < 0 {
		bad("openai-timeout, command-timeout and command-memory-bytes", "must be positive")
	}
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

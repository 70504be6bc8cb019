package server

import (
	"strings"
	"time"

	"tidings.example/tidings/transcribe"
)

// Config is the settings of a process. A flag wins over its TIDINGS_*
// environment variable, which wins over tidings.toml, which wins over the
// default written here. The name in the toml tag is also the flag's (with
// dashes) and the variable's (upper case).
type Config struct {
	transcribe.Settings `group:"speech"`

	Version string // of the program; not a setting

	Listen         string        `toml:"listen" group:"server" default:"localhost:8080" help:"address to serve HTTP on"`
	Data           string        `toml:"data" group:"server" default:"data" help:"folder for database, objects, index and speech model"`
	Database       string        `toml:"database" group:"server" secret:"true" help:"PostgreSQL, postgres://USER:PASSWORD@HOST:5432/NAME; empty = SQLite in the data folder"`
	DatabaseFile   string        `toml:"database_file" group:"server" help:"file with that address"`
	DatabaseConns  int           `toml:"database_connections" group:"server" default:"16" help:"connections to PostgreSQL, at most"`
	PublicURL      string        `toml:"public_url" group:"server" help:"the URL people reach the server by; empty = from the request"`
	TrustedProxies string        `toml:"trusted_proxies" group:"server" help:"comma list of networks whose X-Forwarded-For, X-Forwarded-Proto and Forwarded are believed"`
	LogLevel       string        `toml:"log_level" group:"server" default:"info" help:"debug, info, warn or error"`
	Roles          string        `toml:"roles" group:"server" default:"api,transcode,transcribe,index" help:"what this process does"`
	TranscodeSlots int           `toml:"transcode_slots" group:"media" default:"2" help:"clips transcoded at once"`
	ModelMirror    string        `toml:"model_mirror" group:"speech" help:"https folder that is asked for models first, by the names of their files"`
	FetchModels    bool          `toml:"fetch_models" group:"speech" default:"true" help:"download what the default engine needs in the background"`
	FFmpeg         string        `toml:"ffmpeg" group:"media" default:"ffmpeg" help:"the ffmpeg program"`
	FFprobe        string        `toml:"ffprobe" group:"media" default:"ffprobe" help:"the ffprobe program"`
	S3Endpoint     string        `toml:"s3_endpoint" group:"storage" help:"URL of an S3 server; empty = the embedded one"`
	S3Region       string        `toml:"s3_region" group:"storage" default:"us-east-1" help:"region of the bucket"`
	S3Bucket       string        `toml:"s3_bucket" group:"storage" default:"tidings" help:"bucket for all objects"`
	S3AccessKey    string        `toml:"s3_access_key" group:"storage" secret:"true" help:"access key"`
	S3SecretKey    string        `toml:"s3_secret_key" group:"storage" secret:"true" help:"secret key"`
	S3PathStyle    bool          `toml:"s3_path_style" group:"storage" default:"true" help:"bucket in the path instead of the host name"`
	S3Checksums    string        `toml:"s3_checksums" group:"storage" default:"when_supported" help:"when_supported or when_required"`
	Fsync          bool          `toml:"fsync" group:"storage" default:"true" help:"embedded storage: flush to the disk before answering"`
	ScrubInterval  time.Duration `toml:"scrub_interval" group:"storage" default:"720h" help:"all objects are read and checked this often, in the background; 0 = never"`
	ScrubRate      int           `toml:"scrub_rate" group:"storage" default:"4" help:"MB a second that this reads at most"`
	MaxUpload      int64         `toml:"max_upload_bytes" group:"limits" default:"21474836480" help:"largest original, in bytes"`
	Quota          int64         `toml:"workspace_quota_bytes" group:"limits" default:"0" help:"bytes of originals a workspace may hold; 0 = no limit"`
	MinFree        int64         `toml:"min_free_bytes" group:"limits" default:"1073741824" help:"free space of the data folder's disk, in bytes, below which no new recording begins; 0 = none"`
	UploadIdle     time.Duration `toml:"upload_idle" group:"limits" default:"60s" help:"an upload silent for this long is shown as at risk"`
	UploadSeal     time.Duration `toml:"upload_seal" group:"limits" default:"15m" help:"an upload silent for this long is sealed from what came"`
	UploadStart    time.Duration `toml:"upload_start" group:"limits" default:"24h" help:"a clip whose upload has not begun after this time goes to the trash"`
	SetupToken     string        `toml:"setup_token" group:"sign-in" secret:"true" help:"one-time token for the first visit from another host; empty = made at start"`
	SetupEmail     string        `toml:"setup_email" group:"sign-in" help:"create the first owner at start"`
	SetupPassword  string        `toml:"setup_password" group:"sign-in" secret:"true" help:"password of the first owner"`
	Search         string        `toml:"search" group:"search" default:"embedded" help:"embedded or meilisearch"`
	MeiliURL       string        `toml:"meili_url" group:"search" help:"URL of Meilisearch, such as http://localhost:7700"`
	MeiliKey       string        `toml:"meili_key" group:"search" secret:"true" help:"master key or admin key of Meilisearch"`
	Embeddings     string        `toml:"embeddings" group:"search" default:"auto" help:"search by meaning behind that by words: auto = by embeddings_url, else by the model all-minilm-l6-v2 once it is there; off"`
	EmbedURL       string        `toml:"embeddings_url" group:"search" help:"base of an OpenAI-compatible API for embeddings, such as http://localhost:11434/v1"`
	EmbedModel     string        `toml:"embeddings_model" group:"search" help:"model to ask it for"`
	EmbedKey       string        `toml:"embeddings_key" group:"search" secret:"true" help:"its key"`
	EmbedKeyFile   string        `toml:"embeddings_key_file" group:"search" help:"file with its key"`
	EmbedQuery     string        `toml:"embeddings_query_prefix" group:"search" help:"what the model expects before a query, such as \"query: \""`
	EmbedPassage   string        `toml:"embeddings_passage_prefix" group:"search" help:"what the model expects before a passage, such as \"passage: \""`
	EmbedLeast     int           `toml:"embeddings_min_percent" group:"search" default:"0" help:"similarity in percent below which nothing of the endpoint is shown; 0 = all"`
	SMTPURL        string        `toml:"smtp_url" group:"mail" secret:"true" help:"mail server, smtp://user:password@host:587 or smtps://…:465; empty = invitations by link only"`
	SMTPPassFile   string        `toml:"smtp_password_file" group:"mail" help:"file with its password"`
	SMTPFrom       string        `toml:"smtp_from" group:"mail" help:"sender of mail, such as Tidings <tidings@example.org>"`
	Workspaces     string        `toml:"workspaces" group:"sign-in" default:"anyone" help:"who may make workspaces: anyone who is signed in, or owners of one"`
	OIDCIssuer     string        `toml:"oidc_issuer" group:"sign-in" help:"URL of an OpenID provider people may sign in by; empty = none"`
	OIDCClientID   string        `toml:"oidc_client_id" group:"sign-in" help:"the name it knows this server by"`
	OIDCSecret     string        `toml:"oidc_client_secret" group:"sign-in" secret:"true" help:"and the secret"`
	OIDCSecretFile string        `toml:"oidc_client_secret_file" group:"sign-in" help:"file with the secret"`
	OIDCName       string        `toml:"oidc_name" group:"sign-in" help:"what people call it; empty = its host name"`
	OIDCDomains    string        `toml:"oidc_allowed_domains" group:"sign-in" help:"comma list of domains whose confirmed addresses may sign in by it; empty = any"`
	OIDCSignup     string        `toml:"oidc_signup" group:"sign-in" default:"off" help:"role with which unknown people may join by it: off, guest, member or admin"`
	OIDCWorkspace  string        `toml:"oidc_workspace" group:"sign-in" help:"id of the workspace they join; empty = the oldest"`
	OIDCLink       bool          `toml:"oidc_link_by_email" group:"sign-in" default:"false" help:"let it open a local account that has the address it has confirmed"`
}

// hasRole reports whether the process has a role, one of Roles.
func (c *Config) hasRole(role string) bool {
	for _, r := range strings.Split(c.Roles, ",") {
		if strings.TrimSpace(r) == role {
			return true
		}
	}
	return false
}

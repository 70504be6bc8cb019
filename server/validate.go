package server

import (
	"errors"
	"fmt"
	"net"
	"strings"
)

func (c *Config) validateConfig() error {
	var errs []error
	bad := func(name, format string, args ...any) {
		errs = append(errs, fmt.Errorf("%s: %s", name, fmt.Sprintf(format, args...)))
	}
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		bad("listen", "%q is not host:port", c.Listen)
	}

	if c.Database != "" && c.DatabaseFile != "" {
		bad("database and database-file", "exclude each other")
	}

	if c.DatabaseConns < 4 || c.DatabaseConns > 1000 {
		bad("database-connections", "%d is not between 4 and 1000", c.DatabaseConns)
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

	if c.ScrubInterval < 0 {
		bad("scrub-interval", "%s is negative; 0 turns the scrub off", c.ScrubInterval)
	}

	if c.ScrubRate < 1 || c.ScrubRate > 10_000 {
		bad("scrub-rate", "%d is not between 1 and 10000 MB a second", c.ScrubRate)
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

	c.validateEmbeddings(bad)
	c.validateOIDC(bad)
	c.validateMail(bad)
	if c.UploadSeal < c.UploadIdle || c.UploadIdle <= 0 {
		bad("upload-seal", "must be longer than upload-idle, which must be positive")
	}

	if c.MinFree < 0 {
		bad("min-free-bytes", "%d is negative", c.MinFree)
	}

	if c.UploadStart < c.UploadSeal {
		bad("upload-start", "must not be shorter than upload-seal")
	}

	if (c.SetupEmail == "") != (c.SetupPassword == "") {
		bad("setup-email and setup-password", "go together")
	}

	return errors.Join(errs...)
}

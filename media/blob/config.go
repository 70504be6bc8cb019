package blob

import (
	"net/http"
	"net/url"
	"regexp"
	"time"

	"tidings.example/tidings/tidings"
)

// Values of Config.Checksums.
const (
	// ChecksumsWhenSupported adds a CRC32 to every write and checks it on
	// every read; the default.
	ChecksumsWhenSupported = "when_supported"
	// ChecksumsWhenRequired is for servers that refuse the newer checksum
	// headers (Cloudflare R2 and older MinIO, Ceph and Garage releases).
	ChecksumsWhenRequired = "when_required"
)

// Config is the location of the bucket.
type Config struct {
	Endpoint  string // http(s) URL without a path; "" = Amazon's own for the region
	Region    string // "" = us-east-1
	Bucket    string
	AccessKey string
	SecretKey string
	PathStyle bool   // http://host/bucket/key instead of http://bucket.host/key
	Checksums string // "" = when_supported

	HTTPClient *http.Client  // nil = Transport(true), which honours HTTP_PROXY
	Timeout    time.Duration // until a response begins, and between reads of its body; 0 = 30 s
}

// bucketName is Amazon's "General purpose bucket naming rules".
var bucketName = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)

// Validate reports all mistakes at once, by the names of the settings.
func (c Config) Validate() error {
	bad := map[string]string{}
	if c.Endpoint != "" {
		u, err := url.Parse(c.Endpoint)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.User != nil {
			bad["s3_endpoint"] = "A URL like https://s3.example.com, without a path, user or query."
		}
	}

	if !bucketName.MatchString(c.Bucket) {
		bad["s3_bucket"] = "3 to 63 characters: a-z, 0-9, dot and dash, beginning and ending with a letter or digit."
	}

	if c.AccessKey == "" {
		bad["s3_access_key"] = "It is missing."
	}

	if c.SecretKey == "" {
		bad["s3_secret_key"] = "It is missing."
	}

	switch c.Checksums {
	case "", ChecksumsWhenSupported, ChecksumsWhenRequired:
	default:
		bad["s3_checksums"] = "One of when_supported, when_required."
	}

	if c.Timeout < 0 {
		bad["s3_timeout"] = "It may not be negative."
	}

	if len(bad) > 0 {
		return &tidings.Error{Kind: tidings.KindInvalid, Msg: "The storage settings are not right.", Fields: bad}
	}

	return nil
}

func (c Config) withDefaults() Config {
	if c.Region == "" {
		c.Region = "us-east-1"
	}

	if c.Checksums == "" {
		c.Checksums = ChecksumsWhenSupported
	}

	if c.Timeout == 0 {
		c.Timeout = 30 * time.Second
	}

	if c.HTTPClient == nil {
		c.HTTPClient = &http.Client{Transport: Transport(true)}
	}

	return c
}

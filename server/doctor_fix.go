package server

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/textproto"
	"strings"

	"tidings.example/tidings/media/blob"
	"tidings.example/tidings/oidc"
	"tidings.example/tidings/tidings"
	"tidings.example/tidings/transcribe"
)

// isCertificateError reports whether a server's certificate was not trusted.
func isCertificateError(err error) bool {
	var certificate *tls.CertificateVerificationError
	return errors.As(err, &certificate)
}

// certificateFix tells how to trust a server of an own authority.
const certificateFix = "its certificate is not trusted: let it have one of a public authority and for this host name, or install your own authority here (on Debian: /usr/local/share/ca-certificates and update-ca-certificates)."

func (c *Config) storageFix(err error) string {
	switch blob.ErrorCode(err) {
	case "InvalidAccessKeyId", "XAdminUserNotFound":
		return "Set --s3-access-key to a key of this server; it does not know the one in the settings."
	case "SignatureDoesNotMatch":
		return "Set --s3-secret-key to the secret of the access key, without spaces; if it is right, --s3-path-style and a proxy that changes the host are next."
	case "RequestTimeTooSkewed", "RequestExpired":
		return "Set this machine's clock by a time server (timedatectl set-ntp true): the storage refuses requests from another time."
	case "AccessDenied", "AllAccessDisabled", "AccountProblem":
		return fmt.Sprintf("Let the key of --s3-access-key list, read, write and delete objects of the bucket %s, or set another key.", c.S3Bucket)
	case "NoSuchBucket", "NotFound":
		return fmt.Sprintf("Set --s3-bucket to the bucket that is there; %s is created by tidings serve at its start, if the key may create buckets.", c.S3Bucket)
	case "AuthorizationHeaderMalformed", "PermanentRedirect", "IllegalLocationConstraintException":
		return fmt.Sprintf("Set --s3-region to the region of the bucket; now it is %s.", c.S3Region)
	}

	if isCertificateError(err) {
		return "For --s3-endpoint, " + certificateFix
	}
	if tidings.KindOf(err) == tidings.KindInvalid {
		return "Correct the settings --s3-endpoint, --s3-bucket, --s3-access-key and --s3-secret-key."
	}

	return "Start the storage, or set --s3-endpoint to the URL it is reached by from this machine, such as https://s3.example:9000 (scheme and port, no bucket)."
}

func (c *Config) searchFix(err error) string {
	sentence := tidings.Sentence(err)
	switch {
	case isCertificateError(err):
		return "For --meili-url, " + certificateFix
	case strings.Contains(sentence, "key"): // the sentences of search.Meilisearch about keys
		return "Start Meilisearch with a master key, and set --meili-key to it or to its admin key (GET /keys at Meilisearch lists them)."
	case strings.Contains(sentence, "ersion") || strings.Contains(sentence, "too old"):
		return "Install a version of Meilisearch that docs/search.md names, then run tidings reindex."
	case strings.Contains(sentence, "room"):
		return "Free space on the disk of Meilisearch."
	}

	return "Start Meilisearch, or set --meili-url to the URL it is reached by from this machine; until then everything but search works. With --search embedded no other server is needed."
}

func (c *Config) mailFix(err error) string {
	var reply *textproto.Error
	var record tls.RecordHeaderError
	var authority x509.UnknownAuthorityError
	text := err.Error()
	switch {
	case isCertificateError(err) || errors.As(err, &authority):
		return "For --smtp-url, " + certificateFix
	case errors.As(err, &record):
		return "Set --smtp-url to smtp://…:587 (TLS after the greeting) instead of smtps://…:465 (TLS from the start): the server does not begin with TLS."
	case strings.Contains(text, "STARTTLS"):
		return "The server offers no TLS on this port: set --smtp-url to smtps://…:465, or use a mail server that has STARTTLS. Passwords are never sent without it."
	case errors.As(err, &reply) && (reply.Code == 535 || reply.Code == 534 || reply.Code == 530) || strings.Contains(text, "AUTH"):
		return "Set the user in --smtp-url and the password in --smtp-password-file as the mail server knows them; many providers want a password made for apps."
	case errors.As(err, &reply):
		return "The mail server refuses this machine: look at its log, allow this address to send there, or set --smtp-url to another server."
	}

	return "Set --smtp-url to a host and port that this machine can reach (587 for smtp://, 465 for smtps://); many networks block outgoing mail."
}

func (c *Config) signInFix(err error) string {
	if issuer, ok := oidc.OtherIssuer(err); ok {
		return fmt.Sprintf("Set --oidc-issuer to %s, exactly as the provider writes it (also a slash at its end).", issuer)
	}

	switch text := err.Error(); {
	case isCertificateError(err):
		return "For --oidc-issuer, " + certificateFix
	case strings.Contains(text, "404"):
		return "Set --oidc-issuer to the URL before /.well-known/openid-configuration: there is none at this one (docs/operations.md shows those of well-known providers)."
	}

	return "Start the provider, or set --oidc-issuer to the URL it is reached by from this machine; until then people sign in by password or passkey."
}

// speechFix tells how to install what an engine lacks.
func (c *Config) speechFix(e tidings.SpeechEngine) string {
	switch e.Name {
	case transcribe.EngineVosk:
		return fmt.Sprintf("Run scripts/fetch-speech.sh %s, or set --speech to the folder that has the engine and its model.", c.Speech)
	case "whisper":
		return "Install whisper-cli (make whisper) or set --whisper to it, and fetch the model of --whisper-model: tidings models pull NAME."
	case "command":
		return "Install the program that --command names, or set that to the path of another."
	case "worker":
		return "Start a worker on another machine: tidings worker (docs/transcription.md)."
	}
	return "Correct the settings of the engine: docs/transcription.md lists them, tidings config prints those in effect."
}

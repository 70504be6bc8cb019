package postgres

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io/fs"
	"strings"

	"tidings.example/tidings/tidings"
)

// markAddressError says what of an address cannot be read. Its text does not show
// the password.
func markAddressError(err error) error {
	var file *fs.PathError
	if errors.As(err, &file) {
		return tidings.Wrap(err, tidings.KindInvalid, "The file %s, which the setting database names, cannot be read.", file.Path)
	}
	if strings.Contains(err.Error(), "configure TLS") {
		return tidings.Wrap(err, tidings.KindInvalid, "The setting database has a value of sslmode, sslrootcert, sslcert or sslkey that cannot be used.")
	}
	return tidings.Wrap(err, tidings.KindInvalid, "The setting database is not the address of a PostgreSQL database, such as postgres://tidings@db.example.org:5432/tidings.")
}

// markConnectError says why there is no connection. What may pass by itself counts
// as lost, so that it is tried again for a while.
func markConnectError(err error) error {
	switch code := Code(err); {
	case code == codeTooMany:
		return tidings.Wrap(err, tidings.KindUnavailable, "The database has no connection left for this server. Nothing was changed; try again in a moment.")
	case code == codeNoDatabase:
		return tidings.Wrap(err, tidings.KindUnavailable, "There is no database of the name in the setting database.")
	case strings.HasPrefix(code, classAuthentication):
		return tidings.Wrap(err, tidings.KindUnavailable, "The database refuses the user or the password in the setting database.")
	case isUntrusted(err):
		return tidings.Wrap(err, tidings.KindUnavailable, "The certificate of the database server is not trusted: sslrootcert in the setting database names the authority that signed it, the host has to be one that it was made for, and it must not have expired.")
	case strings.Contains(err.Error(), "server refused TLS"): // pgconn has no error of its own for it
		return tidings.Wrap(err, tidings.KindUnavailable, "The database server has no TLS, which sslmode in the setting database asks for.")
	}
	return tidings.Wrap(errors.Join(errLost, err), tidings.KindUnavailable, "The database does not answer now. Nothing was changed; try again in a moment.")
}

// isUntrusted reports whether a certificate was refused. (With sslmode=verify-ca
// pgconn checks it outside of the handshake.)
func isUntrusted(err error) bool {
	var inHandshake *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	return errors.As(err, &inHandshake) || errors.As(err, &authority)
}

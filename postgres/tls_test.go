package postgres_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tidings.example/tidings/postgres"
	"tidings.example/tidings/postgres/postgrestest"
	"tidings.example/tidings/tidings"
)

// makeCertificate is a certificate for an address that signs itself, and its key, in
// PEM; path is a file with the certificate.
func makeCertificate(t *testing.T, address string) (certificate, key []byte, path string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}

	now := time.Now()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour),
		IPAddresses: []net.IP{net.ParseIP(address)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}

	certificate = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	path = filepath.Join(t.TempDir(), "root.crt")
	if err := os.WriteFile(path, certificate, 0o600); err != nil {
		t.Fatal(err)
	}
	return certificate, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}), path
}

// TestTLS: the parameters of an address decide how far a server is trusted; what is
// wrong with it or with them is said in a sentence.
func TestTLS(t *testing.T) {
	named := fmt.Sprintf("127.57.%d.%d", os.Getpid()>>8&0xff, os.Getpid()&0xff) // no other server listens there
	other := strings.Replace(named, "127.57", "127.58", 1)
	certificate, key, root := makeCertificate(t, named)
	_, _, stranger := makeCertificate(t, named)

	s := postgrestest.New(t)
	s.ListenTLS(t, certificate, key, named, other)
	url := s.NewDatabase(t)
	for name, c := range map[string]struct {
		parameters string
		kind       tidings.Kind
		says       string // by the error, or of the connection
	}{
		"the right root":         {"host=" + named + " sslmode=verify-full sslrootcert=" + root, "", "TLSv1.3"},
		"the right root, CA":     {"host=" + other + " sslmode=verify-ca sslrootcert=" + root, "", "TLSv1.3"},
		"nothing asked for":      {"host=" + named, "", "TLSv1.3"},
		"no TLS asked for":       {"host=" + named + " sslmode=disable", "", "not encrypted"},
		"a socket":               {"", "", "kB"},
		"no root":                {"host=" + named + " sslmode=verify-full", tidings.KindUnavailable, "not trusted"},
		"a stranger's root":      {"host=" + named + " sslmode=verify-full sslrootcert=" + stranger, tidings.KindUnavailable, "not trusted"},
		"a stranger's root, CA":  {"host=" + named + " sslmode=verify-ca sslrootcert=" + stranger, tidings.KindUnavailable, "not trusted"},
		"another host":           {"host=" + other + " sslmode=verify-full sslrootcert=" + root, tidings.KindUnavailable, "not trusted"},
		"a server without TLS":   {s.NewProxy(t).Address("") + " sslmode=require", tidings.KindUnavailable, "has no TLS"},
		"no such root":           {"host=" + named + " sslmode=verify-full sslrootcert=/none/root.crt", tidings.KindInvalid, "/none/root.crt"},
		"a root of another kind": {"host=" + named + " sslmode=verify-full sslrootcert=/etc/hostname", tidings.KindInvalid, "sslrootcert"},
		"no such mode":           {"host=" + named + " sslmode=perhaps", tidings.KindInvalid, "sslmode"},
	} {
		text, err := describeServer(t, url+" password=secret "+c.parameters)
		if err != nil {
			text = tidings.Sentence(err)
		}
		if tidings.KindOf(err) != c.kind || !strings.Contains(text, c.says) || err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %q, %v", name, text, err)
		}
	}
}

func describeServer(t *testing.T, url string) (text string, err error) {
	t.Helper()
	db, err := postgres.Open(t.Context(), postgres.Config{URL: url, StartTimeout: 1})
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, db.Close()) }()

	if err := db.WaitUntilReady(t.Context(), slog.New(slog.DiscardHandler)); err != nil {
		return "", err
	}
	return db.Describe(t.Context())
}

// TestOldServer: a server that is too old is refused by the number of its version.
func TestOldServer(t *testing.T) {
	for version, fits := range map[int]bool{130022: false, 140000: true, 180001: true} {
		err := postgres.CheckVersion(version)
		if (err == nil) != fits || err != nil && !strings.Contains(tidings.Sentence(err), "PostgreSQL 13; version 14 or a newer one") {
			t.Errorf("%d: %v", version, err)
		}
	}
}

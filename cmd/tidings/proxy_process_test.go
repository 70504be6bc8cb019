package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// proxyHost is the name that clients of the proxies use; it is also the one in
// docs/operations.md.
const proxyHost = "tidings.example"

// proxyKind is a proxy with one configuration. Those that docs/operations.md
// has are taken from there, so that its claims are tested.
type proxyKind struct {
	name    string
	program string
	ready   string // what the program logs once it listens
	bare    bool   // without headers, as its makers ship it
	// command writes the configuration into dir and returns the arguments.
	command func(t *testing.T, p *proxyProcess, upstream string) []string
}

var proxyKinds = []proxyKind{
	{name: "nginx as documented", program: "nginx", ready: "using the \"epoll\" event method", command: documentedNginx},
	{name: "nginx with a bare proxy_pass", program: "nginx", ready: "using the \"epoll\" event method", bare: true, command: bareNginx},
	{name: "Caddy", program: "caddy", ready: "serving initial configuration", command: documentedCaddy},
	{name: "HAProxy", program: "haproxy", ready: "Loading success", command: documentedHAProxy},
}

// proxyProcess is a proxy in front of a server, with TLS on a port of loopback.
type proxyProcess struct {
	proxyKind
	t    *testing.T
	dir  string
	addr string
	cert string // PEM file with certificate and key
	log  *lockedBuffer
}

// startProxy runs a proxy until the test ends and waits until it listens.
func startProxy(t *testing.T, kind proxyKind, upstream string) *proxyProcess {
	t.Helper()
	program := proxyProgram(t, kind.program)
	p := &proxyProcess{proxyKind: kind, t: t, dir: t.TempDir(), addr: freeAddr(t), log: &lockedBuffer{}}
	p.cert = filepath.Join(p.dir, "tidings.pem")
	writeCertificate(t, p.cert)

	cmd := exec.Command(program, kind.command(t, p, strings.TrimPrefix(upstream, "http://"))...)
	cmd.Env = append(os.Environ(), "HOME="+p.dir, "XDG_DATA_HOME="+p.dir, "XDG_CONFIG_HOME="+p.dir)
	logged := &lineWatch{lockedBuffer: p.log, text: kind.ready, seen: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = logged, logged
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}

	ended := make(chan struct{})
	go func() {
		cmd.Wait()
		close(ended)
	}()

	t.Cleanup(func() {
		cmd.Process.Signal(os.Interrupt)
		select {
		case <-ended:
		case <-time.After(10 * time.Second):
			cmd.Process.Kill()
			<-ended
		}
	})
	select {
	case <-logged.seen:
	case <-ended:
		t.Fatalf("%s ended\n%s", kind.name, p.log)
	case <-time.After(time.Minute):
		t.Fatalf("%s does not start\n%s", kind.name, p.log)
	}

	return p
}

// proxyProgram finds a proxy's program, which Debian keeps outside of the PATH
// of ordinary users. `make test` installs it.
func proxyProgram(t *testing.T, name string) string {
	t.Helper()
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	path, err := exec.LookPath("/usr/sbin/" + name)
	if err != nil {
		t.Fatalf("%s is not installed: run scripts/need.sh %s", name, name)
	}
	return path
}

// lineWatch closes seen when a text has been written.
type lineWatch struct {
	*lockedBuffer
	text string
	seen chan struct{}
	done bool
}

func (w *lineWatch) Write(p []byte) (int, error) {
	n, err := w.lockedBuffer.Write(p)
	if !w.done && strings.Contains(w.String(), w.text) {
		w.done = true
		close(w.seen)
	}
	return n, err
}

// freeAddr is an address of loopback that nobody listens on.
func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// documentedBlock is the one configuration of a language in docs/operations.md.
func documentedBlock(t *testing.T, language string) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile("(?s)```"+language+"\n(.*?)```").FindAllStringSubmatch(string(text), -1)
	if len(found) != 1 {
		t.Fatalf("docs/operations.md has %d blocks of %s", len(found), language)
	}
	return found[0][1]
}

// replaceOnce replaces what a documented configuration has exactly once.
func replaceOnce(t *testing.T, text, old, with string) string {
	t.Helper()
	if strings.Count(text, old) != 1 {
		t.Fatalf("not once %q in\n%s", old, text)
	}
	return strings.Replace(text, old, with, 1)
}

func documentedNginx(t *testing.T, p *proxyProcess, upstream string) []string {
	return p.nginx(replaceOnce(t, documentedBlock(t, "nginx"), "127.0.0.1:8080", upstream))
}

func bareNginx(_ *testing.T, p *proxyProcess, upstream string) []string {
	return p.nginx("location / { proxy_pass http://" + upstream + "; }")
}

// nginx puts a location into a server with TLS and HTTP/2.
func (p *proxyProcess) nginx(location string) []string {
	user := ""
	if os.Getuid() == 0 {
		user = "user root;" // or its worker could not enter the test's folder
	}

	return []string{"-e", "stderr", "-p", p.dir, "-c", p.writeConfig(fmt.Sprintf(`
daemon off; master_process off; pid nginx.pid; error_log stderr notice; %s
events {}
http {
	access_log off;
	client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
	server {
		listen %s ssl http2;
		server_name %s;
		ssl_certificate %s; ssl_certificate_key %[4]s;
		%[5]s
	}
}`, user, p.addr, proxyHost, p.cert, location))}
}

// documentedCaddy is Caddy with its own certificate authority instead of a
// public one.
func documentedCaddy(t *testing.T, p *proxyProcess, upstream string) []string {
	_, port, _ := net.SplitHostPort(p.addr)
	_, plainPort, _ := net.SplitHostPort(freeAddr(t))
	site := replaceOnce(t, documentedBlock(t, "caddyfile"), "127.0.0.1:8080", upstream)
	cert := fmt.Sprintf("{\n\ttls %s %s", p.cert, p.cert)
	return []string{"run", "--adapter", "caddyfile", "--config", p.writeConfig(fmt.Sprintf(
		"{\n\tadmin off\n\thttp_port %s\n\thttps_port %s\n\tdefault_bind 127.0.0.1\n}\n%s", plainPort, port, replaceOnce(t, site, "{", cert)))}
}

func documentedHAProxy(t *testing.T, p *proxyProcess, upstream string) []string {
	config := replaceOnce(t, documentedBlock(t, "haproxy"), "127.0.0.1:8080", upstream)
	config = replaceOnce(t, config, ":443", p.addr)
	return []string{"-W", "-db", "-f", p.writeConfig(replaceOnce(t, config, "/etc/haproxy/tidings.pem", p.cert))}
}

func (p *proxyProcess) writeConfig(text string) string {
	p.t.Helper()
	name := filepath.Join(p.dir, "proxy.conf")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		p.t.Fatal(err)
	}
	return name
}

// writeCertificate writes a certificate for proxyHost and its key.
func writeCertificate(t *testing.T, name string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}

	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: proxyHost}, DNSNames: []string{proxyHost},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}

	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}

	text := append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})...)
	if err := os.WriteFile(name, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

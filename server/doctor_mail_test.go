package server

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// addMailCases breaks the connection to a mail server.
func addMailCases(t *testing.T, cases map[string]brokenCase) {
	use := func(url string) func(c *Config) {
		return func(c *Config) { c.SMTPURL, c.SMTPFrom = url, "Tidings <tidings@example.org>" }
	}

	plain := listenMail(t, nil, "220 mail.example.org ESMTP")
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	t.Cleanup(secure.Close)
	selfSigned := listenMail(t, secure.TLS, "220 mail.example.org ESMTP")

	cases["SMTP not there"] = brokenCase{use("smtp://" + closedPort(t)), "mail", "refused", "--smtp-url"}
	cases["SMTP refuses us"] = brokenCase{use("smtp://" + listenMail(t, nil, "554 5.7.1 not from there")), "mail", "554", "allow this address"}
	cases["SMTP wrong password"] = brokenCase{use("smtp://ana:wrong@" + plain), "mail", "535", "--smtp-password-file"}
	cases["SMTP without TLS"] = brokenCase{use("smtps://" + plain), "mail", "TLS", "smtp://"}
	cases["SMTP certificate"] = brokenCase{use("smtps://" + selfSigned), "mail", "certificate", "update-ca-certificates"}
	cases["SMTP no password file"] = brokenCase{func(c *Config) { use("smtp://" + plain)(c); c.SMTPPassFile = "/nowhere/password" }, "mail", "/nowhere/password", "--smtp-password-file"}
	cases["SMTP no port"] = brokenCase{use("smtp://localhost:99999"), "mail", "port", "--smtp-url"}

	open := listenMail(t, nil, "220 mail.example.org ESMTP")
	cases["SMTP without public URL"] = brokenCase{use("smtp://" + open), "mail", "forgotten passwords", "--public-url"}
	_, port, _ := net.SplitHostPort(plain) // at 0.0.0.0 it is this machine, too, but needs TLS
	cases["SMTP without STARTTLS"] = brokenCase{use("smtp://ana:secret@" + "0.0.0.0:" + port), "mail", "STARTTLS", "smtps://"}
}

// listenMail is a mail server that refuses every password.
func listenMail(t *testing.T, c *tls.Config, greeting string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(func() { l.Close() })

	if c != nil {
		l = tls.NewListener(l, c)
	}

	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go serveMail(conn, greeting)
		}
	}()

	return l.Addr().String()
}

func serveMail(conn net.Conn, greeting string) {
	defer conn.Close()

	r := bufio.NewReader(conn)
	fmt.Fprintf(conn, "%s\r\n", greeting)
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}

		switch strings.ToUpper(strings.Fields(line + " x")[0]) {
		case "EHLO":
			fmt.Fprint(conn, "250-mail.example.org\r\n250 AUTH PLAIN LOGIN\r\n")
		case "AUTH":
			fmt.Fprint(conn, "535 5.7.8 wrong user or password\r\n")
		case "QUIT":
			fmt.Fprint(conn, "221 bye\r\n")
			return
		default:
			fmt.Fprint(conn, "250 ok\r\n")
		}
	}
}

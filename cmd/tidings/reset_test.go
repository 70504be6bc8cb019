package main

import (
	"net/http"
	"strings"
	"testing"
)

// TestResetLinkOfTheOperator: the command prints a link of the running server,
// or of the settings when none runs, and the link sets the password.
func TestResetLinkOfTheOperator(t *testing.T) {
	s := startServer(t, t.TempDir(), "--roles", "api").signIn()
	out, err := runCommand(t, "user", "reset-link", "--email", ownerEmail, "--data", s.data)
	link, _, _ := strings.Cut(out, "\n")
	token, ok := strings.CutPrefix(link, s.base+"/reset/")
	if err != nil || !ok {
		t.Fatalf("%v\n%s", err, out)
	}

	if res, b := s.request(http.MethodGet, "/reset/"+token, nil, nil); res.StatusCode != http.StatusOK {
		t.Errorf("the page: %s %s", res.Status, b)
	}

	s.callAPI(http.MethodPost, "/api/v1/password/reset", map[string]any{"token": token, "new_password": "a lantern on the pier"}, nil)
	if res, _ := s.request(http.MethodGet, "/api/v1/me", nil, nil); res.StatusCode != http.StatusUnauthorized {
		t.Errorf("still signed in: %s", res.Status)
	}

	s.kill()
	if out, err := runCommand(t, "user", "reset-link", "--email", ownerEmail, "--data", s.data, "--public-url", "https://tidings.example"); err != nil || !strings.HasPrefix(out, "https://tidings.example/reset/") {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestKilledBeforeTheResetMail kills the server after it has acknowledged a
// request, and once more while the mail server has the mail and has not
// answered: the mail comes, and is not sent again once it was taken.
func TestKilledBeforeTheResetMail(t *testing.T) {
	mail := newMailSink(t)
	address := freeAddr(t)
	flags := []string{"--roles", "api", "--listen", address, "--public-url", "http://" + address, "--smtp-url", "smtp://" + mail.Addr().String(), "--smtp-from", "Tidings <tidings@example.org>"}
	s := startServer(t, t.TempDir(), flags...).signIn()
	s.token = s.createToken("admin")
	hold := make(chan struct{})
	mail.holdAnswers(hold)
	s.callAPI(http.MethodPost, "/api/v1/password/forgot", map[string]any{"email": ownerEmail}, nil)
	s.kill()
	s = s.restart(flags...)
	if to := mail.nextMail(t); to != ownerEmail { // its text is there, its row does not know
		t.Fatal(to)
	}

	s.kill()
	close(hold)
	mail.holdAnswers(nil)
	s = s.restart(flags...)
	if to := mail.nextMail(t); to != ownerEmail {
		t.Fatal(to)
	}

	s.callAPI(http.MethodPost, "/api/v1/workspaces/"+s.ws+"/invites", map[string]any{"email": "bo@example.org", "role": "member"}, nil)
	if to := mail.nextMail(t); to != "bo@example.org" {
		t.Errorf("the mail to %s was sent again", to)
	}
}

package main

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// mailSink is an SMTP server (RFC 5321) that accepts all mail. While hold is set,
// the DATA of a mail is answered only after hold is closed.
type mailSink struct {
	net.Listener
	mu   sync.Mutex
	hold chan struct{}
	came chan string // the recipients of mails, once their text is there
}

func newMailSink(t *testing.T) *mailSink {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}

	s := &mailSink{Listener: l, came: make(chan string, 100)}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go s.serveConn(c)
		}
	}()

	return s
}

// holdAnswers delays the answers to the next mails until hold is closed.
func (s *mailSink) holdAnswers(hold chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hold = hold
}

func (s *mailSink) serveConn(c net.Conn) {
	defer c.Close()

	r := bufio.NewReader(c)
	say := func(text string) { fmt.Fprintf(c, "%s\r\n", text) }
	say("220 mail.example.org ESMTP")
	to := ""
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}

		switch verb := strings.ToUpper(strings.Fields(line + " x")[0]); verb {
		case "RCPT":
			to = strings.Trim(strings.SplitN(strings.TrimSpace(line), ":", 2)[1], "<> ")
			say("250 ok")
		case "DATA":
			say("354 go on")

			for line != ".\r\n" {
				if line, err = r.ReadString('\n'); err != nil {
					return
				}
			}

			s.mu.Lock()
			hold := s.hold
			s.mu.Unlock()
			s.came <- to

			if hold != nil {
				<-hold
			}

			say("250 taken")
		case "QUIT":
			say("221 bye")
			return
		default:
			say("250 ok")
		}
	}
}

// nextMail returns the recipients of the next mail.
func (s *mailSink) nextMail(t *testing.T) string {
	t.Helper()
	select {
	case to := <-s.came:
		return to
	case <-time.After(patient):
		t.Fatal("no mail came")
		return ""
	}
}

// TestKilledBeforeTheMail kills the server after it has acknowledged invitations:
// while the mail server has received the first mail and not answered, and once
// more. No mail is lost, and each kill repeats at most the mail being sent.
func TestKilledBeforeTheMail(t *testing.T) {
	mail := newMailSink(t)
	flags := []string{"--roles", "api", "--smtp-url", "smtp://" + mail.Addr().String(), "--smtp-from", "Tidings <tidings@example.org>"}
	s := startServer(t, t.TempDir(), flags...).signIn()
	s.token = s.createToken("admin")
	hold := make(chan struct{})
	mail.holdAnswers(hold)
	got := map[string]int{}
	invite := func(who string) {
		s.callAPI(http.MethodPost, "/api/v1/workspaces/"+s.ws+"/invites", map[string]any{"email": who + "@example.org", "role": "member"}, nil)
	}

	const many = 10
	for i := range many {
		invite(fmt.Sprint("p", i))
	}

	first := mail.nextMail(t) // its text is there, its row does not know
	got[first]++
	invite("late")
	s.kill()
	close(hold)
	mail.holdAnswers(nil)
	s = s.restart(flags...)

	for len(got) < many+1 || got[first] < 2 {
		got[mail.nextMail(t)]++
	}

	// The next process sends "last" after all mails whose rows are not marked as sent.
	invite("last")
	s.kill()
	s.restart(flags...)

	for got["last@example.org"] == 0 {
		got[mail.nextMail(t)]++
	}

	twice := 0
	for who, n := range got {
		if n > 1 {
			twice++
		}
		if n > 2 {
			t.Errorf("%d mails to %s", n, who)
		}
	}

	if len(got) != many+2 || got[first] != 2 || twice > 2 {
		t.Errorf("mails: %v", got)
	}
}

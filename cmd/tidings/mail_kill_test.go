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

// sink is an SMTP server (RFC 5321) that takes all mail. An unset hold lets
// mail through; else the text of a mail is answered only once it is closed.
type sink struct {
	net.Listener
	mu   sync.Mutex
	hold chan struct{}
	came chan string // the recipients of mails, once their text is there
}

func newSink(t *testing.T) *sink {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}

	s := &sink{Listener: l, came: make(chan string, 100)}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go s.serve(c)
		}
	}()

	return s
}

// holding makes the sink keep the next mails' senders waiting.
func (s *sink) holding(hold chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hold = hold
}

func (s *sink) serve(c net.Conn) {
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

// next is to whom the next mail goes.
func (s *sink) next(t *testing.T) string {
	t.Helper()
	select {
	case to := <-s.came:
		return to
	case <-time.After(patient):
		t.Fatal("no mail came")
		return ""
	}
}

// TestKilledBeforeTheMail kills the server after it has answered that people
// are invited: while the mail server has the text of the first mail but has
// not said so, and once more. No mail is lost, and each kill doubles at most
// the one that was under way.
func TestKilledBeforeTheMail(t *testing.T) {
	mail := newSink(t)
	flags := []string{"--roles", "api", "--smtp-url", "smtp://" + mail.Addr().String(), "--smtp-from", "Tidings <tidings@example.org>"}
	s := startServer(t, t.TempDir(), flags...).signIn()
	out, err := invoke(t, "token", "create", "--user", ownerEmail, "--scope", "admin", "--data", s.data)
	if err != nil {
		t.Fatalf("token create: %v %s", err, out)
	}

	s.token = strings.TrimSpace(out)
	hold := make(chan struct{})
	mail.holding(hold)
	got := map[string]int{}
	invite := func(who string) {
		s.call(http.MethodPost, "/api/v1/workspaces/"+s.ws+"/invites", map[string]any{"email": who + "@example.org", "role": "member"}, nil)
	}

	const many = 10
	for i := range many {
		invite(fmt.Sprint("p", i))
	}

	first := mail.next(t) // its text is there, its row does not know
	got[first]++
	invite("late")
	s.kill()
	close(hold)
	mail.holding(nil)
	s = s.again(flags...)

	for len(got) < many+1 || got[first] < 2 {
		got[mail.next(t)]++
	}

	// Whoever starts next sends "last" after everything whose row does not know.
	invite("last")
	s.kill()
	s.again(flags...)

	for got["last@example.org"] == 0 {
		got[mail.next(t)]++
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

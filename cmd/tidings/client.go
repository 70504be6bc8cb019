package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"tidings.example/tidings/client"
	"tidings.example/tidings/media"
	"tidings.example/tidings/tidings"
)

// newClient is a client of the server that TIDINGS_URL names, as the person of
// TIDINGS_TOKEN.
func newClient(getenv func(string) string) (*client.Client, error) {
	token := getenv("TIDINGS_TOKEN")
	if token == "" {
		return nil, errors.New("TIDINGS_TOKEN is not set; make a token with `tidings token create --user EMAIL` or on the settings page")
	}
	return client.New(client.Config{URL: getenv("TIDINGS_URL"), Token: token, Sniff: media.Sniff}), nil
}

func searchCommand(ctx context.Context, c *cli, args []string) error {
	if len(args) == 0 {
		return errors.New("what should be found? usage: tidings search WORDS")
	}

	cl, err := newClient(c.getenv)
	if err != nil {
		return err
	}

	hits, err := cl.Search(ctx, strings.Join(args, " "))
	if err != nil {
		return err
	}

	if len(hits) == 0 {
		fmt.Fprintln(c.out, "Nothing found.")
	}

	for _, h := range hits {
		fmt.Fprintln(c.out, h.Clip.Title)
		for _, m := range h.Moments {
			fmt.Fprintf(c.out, "  %s  %s\n         %s%s\n", m.Time(), m.Text(), cl.URL(), m.URL)
		}
	}

	return nil
}

// sentence is the text of an error for a person.
func sentence(err error) string {
	if tidings.KindOf(err) != tidings.KindInternal {
		return tidings.Sentence(err)
	}
	return err.Error()
}

package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tidings.example/tidings/client"
	"tidings.example/tidings/media"
)

// newClient returns a client of the server that TIDINGS_URL names, which acts
// as the person of TIDINGS_TOKEN.
func newClient(getenv func(string) string) (*client.Client, error) {
	token := getenv("TIDINGS_TOKEN")
	if token == "" {
		return nil, errors.New("TIDINGS_TOKEN is not set; make a token with `tidings token create --user EMAIL` or on the settings page")
	}
	return client.New(client.Config{URL: getenv("TIDINGS_URL"), Token: token, Sniff: media.Sniff}), nil
}

const clientHelp = "TIDINGS_URL names the server (default http://localhost:8080), TIDINGS_TOKEN is an API token."

func newSearchCommand(c *cli) *cobra.Command {
	return &cobra.Command{
		Use: "search WORDS", GroupID: groupClips, DisableFlagsInUseLine: true,
		Short:              "find the second at which something was said",
		Long:               "Find the second at which something was said. " + clientHelp,
		Example:            "  tidings search quarterly figures\n  tidings search launch -draft",
		DisableFlagParsing: true, // -word excludes a word from the search
		RunE: func(cmd *cobra.Command, words []string) error {
			if len(words) == 0 {
				return usageErrorf("what should be found? usage: tidings search WORDS")
			}
			if isHelpFlag(words[0]) {
				return cmd.Help()
			}
			return searchClips(cmd.Context(), c, words)
		},
	}
}

func searchClips(ctx context.Context, c *cli, words []string) error {
	cl, err := newClient(c.getenv)
	if err != nil {
		return err
	}

	hits, err := cl.Search(ctx, strings.Join(words, " "))
	if err != nil {
		return err
	}

	if len(hits) == 0 {
		fmt.Fprintln(c.out, "Nothing found.")
	}

	for _, h := range hits {
		note := ""
		if h.Match == "meaning" {
			note = " (similar in meaning)"
		}

		fmt.Fprintln(c.out, h.Clip.Title+note)
		for _, m := range h.Moments {
			fmt.Fprintf(c.out, "  %s  %s\n         %s%s\n", m.Time(), m.Text(), cl.URL(), m.URL)
		}
	}

	return nil
}

// pushFlags are the flags of `tidings push`.
type pushFlags struct {
	title, channel string
	watch          string        // the folder to watch; "" = push files
	every          time.Duration // between two reads of the folder
}

func newPushCommand(c *cli) *cobra.Command {
	var p pushFlags
	cmd := &cobra.Command{
		Use: "push FILE… | --watch DIR [flags]", GroupID: groupClips,
		Short: "upload files, or what appears in a folder, as clips",
		Long: "Upload files, or what appears in a folder, as clips. Captions beside a file (.vtt, .srt) become its transcript. " +
			clientHelp,
		Example: "  tidings push demo.mp4 --title \"Demo of Friday\"\n  tidings push --watch ~/Recordings --channel design",
	}

	flags := cmd.Flags()
	flags.StringVar(&p.title, "title", "", "title of the clip (default: the file's name)")
	flags.StringVar(&p.channel, "channel", "", "name or id of the channel to put it in")
	flags.StringVar(&p.watch, "watch", "", "folder to upload all recordings from, those to come too, until stopped")
	flags.DurationVar(&p.every, "every", 3*time.Second, "with --watch: a file is complete when it has not changed for that long")

	cmd.RunE = func(cmd *cobra.Command, files []string) error {
		if err := p.checkFlagsFit(files, flags.Changed); err != nil {
			return err
		}

		cl, err := newClient(c.getenv)
		if err != nil {
			return err
		}
		if p.watch != "" {
			return cl.Watch(cmd.Context(), client.WatchConfig{Dir: p.watch, Channel: p.channel, Every: p.every, Out: c.out, Log: c.err})
		}

		return cl.Push(cmd.Context(), client.PushConfig{Files: files, Title: p.title, Channel: p.channel, Out: c.out, Log: c.err})
	}

	return cmd
}

// checkFlagsFit refuses flags that do not go together; given reports whether a flag is
// on the command line.
func (p *pushFlags) checkFlagsFit(files []string, given func(flag string) bool) error {
	switch {
	case given("watch") && len(files) > 0:
		return usageErrorf("FILE… and --watch do not go together: push the files by themselves, or put them into the folder")
	case given("watch") && given("title"):
		return usageErrorf("--title does not go with --watch: each clip gets the name of its file")
	case given("watch") && p.watch == "":
		return usageErrorf("which folder? usage: tidings push --watch DIR")
	case given("every") && !given("watch"):
		return usageErrorf("--every goes with --watch only")
	case p.every < 10*time.Millisecond || p.every > time.Hour:
		return usageErrorf("--every is between 10ms and 1h")
	case !given("watch") && len(files) == 0:
		return usageErrorf("which file? usage: tidings push FILE…, or tidings push --watch DIR")
	}
	return nil
}

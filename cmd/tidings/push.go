package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"tidings.example/tidings/media"
	"tidings.example/tidings/tidings"
)

// pushOptions are the flags and arguments of `tidings push`.
type pushOptions struct {
	files          []string
	title, channel string
	watch          string        // the folder to watch; "" = push files
	every          time.Duration // between two looks at it
}

func pushCommand(ctx context.Context, c *cli, args []string) error {
	o, err := parsePush(c, args)
	if err != nil {
		return err
	}

	cl, err := newClient(c.getenv)
	if err != nil {
		return err
	}
	if o.watch != "" {
		return watchFolder(ctx, c, cl, o)
	}

	to, err := cl.place(ctx, o.channel)
	if err != nil {
		return err
	}

	for _, name := range o.files {
		if err := pushFile(ctx, c, cl, to, o.title, name); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}

	return nil
}

func parsePush(c *cli, args []string) (o pushOptions, err error) {
	flags := flag.NewFlagSet("tidings push", flag.ContinueOnError)
	flags.SetOutput(c.err)
	flags.StringVar(&o.title, "title", "", "title of the clip (default: the file's name)")
	flags.StringVar(&o.channel, "channel", "", "name or id of the channel to put it in")
	flags.StringVar(&o.watch, "watch", "", "folder to upload all recordings from, those to come too, until stopped")
	flags.DurationVar(&o.every, "every", 3*time.Second, "with --watch: a file is complete when it has not changed for that long")
	if o.files, err = parseMixed(flags, args); err != nil {
		return o, err
	}

	set := map[string]bool{}
	flags.Visit(func(f *flag.Flag) { set[f.Name] = true })
	switch {
	case set["watch"] && len(o.files) > 0:
		return o, errors.New("FILE… and --watch do not go together: push the files by themselves, or put them into the folder")
	case set["watch"] && set["title"]:
		return o, errors.New("--title does not go with --watch: each clip gets the name of its file")
	case set["watch"] && o.watch == "":
		return o, errors.New("which folder? usage: tidings push --watch DIR")
	case set["every"] && !set["watch"]:
		return o, errors.New("--every goes with --watch only")
	case o.every < 10*time.Millisecond || o.every > time.Hour:
		return o, errors.New("--every is between 10ms and 1h")
	case !set["watch"] && len(o.files) == 0:
		return o, errors.New("which file? usage: tidings push FILE…, or tidings push --watch DIR")
	}

	return o, nil
}

// parseMixed parses flags wherever they stand among the arguments.
func parseMixed(flags *flag.FlagSet, args []string) (rest []string, err error) {
	for {
		if err := flags.Parse(args); err != nil {
			return nil, err
		}
		if args = flags.Args(); len(args) == 0 {
			return rest, nil
		}
		rest, args = append(rest, args[0]), args[1:]
	}
}

func pushFile(ctx context.Context, c *cli, cl *client, to place, title, name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()

	info, err := f.Stat()
	if err != nil {
		return err
	}
	if err := checkRecording(f); err != nil {
		return err
	}

	if title == "" {
		title = titleOf(name)
	}

	clip, err := cl.newClip(ctx, to, title, "")
	if err != nil {
		return err
	}

	location, err := cl.createUpload(ctx, clip.ID, filepath.Base(name), info.Size())
	if err != nil {
		return err
	}
	if err := cl.sendAll(ctx, c.err, location, f, 0, info.Size()); err != nil {
		return err
	}

	fmt.Fprintln(c.out, clip.ShareURL)
	captions, err := cl.pushCaptions(ctx, clip.ID, name)
	if err != nil {
		return fmt.Errorf("%s: %w", captions, err)
	}

	if captions != "" {
		fmt.Fprintf(c.err, "its transcript is %s\n", captions)
	}

	return nil
}

// checkRecording refuses a file that is none before anything is made of it.
func checkRecording(f io.ReadSeeker) error {
	head := make([]byte, 32<<10)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return err
	}
	if err := media.Sniff(head[:n]); err != nil {
		return err
	}
	_, err = f.Seek(0, io.SeekStart)
	return err
}

// titleOf is the title of a file's clip: its name without the ending.
func titleOf(name string) string { return strings.TrimSuffix(filepath.Base(name), filepath.Ext(name)) }

// newClipAnswer is what push needs of a clip.
type newClipAnswer struct {
	ID       string `json:"id"`
	ShareURL string `json:"share_url"`
}

// newClip makes the clip of a file. The same key makes the same clip again
// for a day; "" is no key.
func (c *client) newClip(ctx context.Context, to place, title, key string) (clip newClipAnswer, err error) {
	in := map[string]any{"workspace_id": to.WorkspaceID, "kind": tidings.ClipFile, "title": title}
	if to.ChannelID != "" {
		in["channel_id"], in["visibility"] = to.ChannelID, tidings.VisibilityChannel
	}
	err = c.callOnce(ctx, http.MethodPost, "/api/v1/clips", key, in, &clip)
	return clip, err
}

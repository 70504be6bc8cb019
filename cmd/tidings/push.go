package main

import (
	"context"
	"errors"
	"flag"
	"time"

	"tidings.example/tidings/client"
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
		return cl.Watch(ctx, client.WatchConfig{Dir: o.watch, Channel: o.channel, Every: o.every, Out: c.out, Log: c.err})
	}

	return cl.Push(ctx, client.PushConfig{Files: o.files, Title: o.title, Channel: o.channel, Out: c.out, Log: c.err})
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

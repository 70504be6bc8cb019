package main

import (
	"context"
	"encoding/base64"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"tidings"
)

// pushChunk is the size of one tus PATCH, in bytes.
const pushChunk = 8 << 20

func pushCommand(ctx context.Context, c *cli, args []string) error {
	flags := flag.NewFlagSet("tidings push", flag.ContinueOnError)
	flags.SetOutput(c.err)
	title := flags.String("title", "", "title of the clip (default: the file's name)")
	channel := flags.String("channel", "", "name or id of the channel to put it in")
	files, err := parseMixed(flags, args)
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return errors.New("which file? usage: tidings push FILE…")
	}
	cl, err := newClient(c.getenv)
	if err != nil {
		return err
	}
	to, err := cl.place(ctx, *channel)
	if err != nil {
		return err
	}
	for _, name := range files {
		if err := pushFile(ctx, c, cl, to, *title, name); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
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
	if title == "" {
		title = strings.TrimSuffix(filepath.Base(name), filepath.Ext(name))
	}
	in := map[string]any{"workspace_id": to.WorkspaceID, "kind": tidings.ClipFile, "title": title}
	if to.ChannelID != "" {
		in["channel_id"], in["visibility"] = to.ChannelID, tidings.VisibilityChannel
	}
	var clip struct {
		ID       string `json:"id"`
		ShareURL string `json:"share_url"`
	}
	if err := cl.call(ctx, http.MethodPost, "/api/v1/clips", in, &clip); err != nil {
		return err
	}
	location, err := cl.createUpload(ctx, clip.ID, filepath.Base(name), info.Size())
	if err != nil {
		return err
	}
	if err := cl.sendAll(ctx, c.err, location, f, info.Size()); err != nil {
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

// createUpload starts a tus upload of known length and returns its URL.
func (c *client) createUpload(ctx context.Context, clipID, filename string, size int64) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+"/api/v1/uploads", nil)
	if err != nil {
		return "", err
	}
	b64 := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	req.Header.Set("Tus-Resumable", "1.0.0")
	req.Header.Set("Upload-Length", strconv.FormatInt(size, 10))
	req.Header.Set("Upload-Metadata", "clip_id "+b64(clipID)+",filename "+b64(filename))
	res, err := c.do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	at, err := res.Location()
	if err != nil {
		return "", err
	}
	return at.String(), nil
}

// sendAll sends r from the offset the server has; after a broken connection
// it asks again, up to ten times without progress.
func (c *client) sendAll(ctx context.Context, progress io.Writer, location string, r io.ReadSeeker, size int64) error {
	var offset int64
	for failures := 0; offset < size; {
		next, err := c.sendChunk(ctx, location, r, offset, min(pushChunk, size-offset))
		if err == nil {
			offset, failures = next, 0
			fmt.Fprintf(progress, "%3d %%\n", offset*100/size)
			continue
		}
		if k := tidings.KindOf(err); k != tidings.KindInternal && k != tidings.KindUnavailable && k != tidings.KindConflict || failures == 10 {
			return err
		}
		failures++
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Duration(failures) * 500 * time.Millisecond):
		}
		if at, err := c.offset(ctx, location); err == nil {
			offset = at
		}
	}
	return nil
}

func (c *client) sendChunk(ctx context.Context, location string, r io.ReadSeeker, offset, n int64) (int64, error) {
	if _, err := r.Seek(offset, io.SeekStart); err != nil {
		return 0, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPatch, location, io.LimitReader(r, n))
	if err != nil {
		return 0, err
	}
	req.ContentLength = n
	req.Header.Set("Tus-Resumable", "1.0.0")
	req.Header.Set("Content-Type", "application/offset+octet-stream")
	req.Header.Set("Upload-Offset", strconv.FormatInt(offset, 10))
	res, err := c.do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	return strconv.ParseInt(res.Header.Get("Upload-Offset"), 10, 64)
}

func (c *client) offset(ctx context.Context, location string) (int64, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, location, nil)
	if err != nil {
		return 0, err
	}
	req.Header.Set("Tus-Resumable", "1.0.0")
	res, err := c.do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	return strconv.ParseInt(res.Header.Get("Upload-Offset"), 10, 64)
}

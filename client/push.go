package client

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"tidings.example/tidings/tidings"
)

// PushConfig says what to push and where to.
type PushConfig struct {
	Files   []string
	Title   string // of the clips; "" = each file's name
	Channel string // name or id; "" = everyone in the caller's first workspace

	Out io.Writer // a line with the link of each clip
	Log io.Writer // progress and remarks
}

// Push uploads files as clips, one after the other.
func (c *Client) Push(ctx context.Context, p PushConfig) error {
	to, err := c.resolveDestination(ctx, p.Channel)
	if err != nil {
		return err
	}

	for _, name := range p.Files {
		if err := c.pushFile(ctx, p, to, name); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}

	return nil
}

// pushFile uploads one file and its captions.
func (c *Client) pushFile(ctx context.Context, p PushConfig, to destination, name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()

	info, err := f.Stat()
	if err != nil {
		return err
	}
	if err := c.checkRecording(f); err != nil {
		return err
	}

	clip, err := c.createClip(ctx, to, cmp.Or(p.Title, fileTitle(name)), "")
	if err != nil {
		return err
	}

	location, err := c.createUpload(ctx, clip.ID, filepath.Base(name), info.Size())
	if err != nil {
		return err
	}
	if err := c.sendChunks(ctx, p.Log, location, f, 0, info.Size()); err != nil {
		return err
	}

	fmt.Fprintln(p.Out, clip.ShareURL)
	captions, err := c.pushCaptions(ctx, clip.ID, name)
	if err != nil {
		return fmt.Errorf("%s: %w", captions, err)
	}

	if captions != "" {
		fmt.Fprintf(p.Log, "its transcript is %s\n", captions)
	}

	return nil
}

// checkRecording returns an error for a file that is no recording, and rewinds f.
func (c *Client) checkRecording(f io.ReadSeeker) error {
	head := make([]byte, 32<<10)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return err
	}
	if err := c.sniff(head[:n]); err != nil {
		return err
	}
	_, err = f.Seek(0, io.SeekStart)
	return err
}

// fileTitle is the title of a file's clip: its name without the extension.
func fileTitle(name string) string {
	return strings.TrimSuffix(filepath.Base(name), filepath.Ext(name))
}

// createdClip is what pushing needs of a created clip.
type createdClip struct {
	ID       string `json:"id"`
	ShareURL string `json:"share_url"`
}

// createClip creates the clip of a file. Repeated with the same Idempotency-Key
// within a day, it returns the same clip; "" = no key.
func (c *Client) createClip(ctx context.Context, to destination, title, key string) (clip createdClip, err error) {
	in := map[string]any{"workspace_id": to.WorkspaceID, "kind": tidings.ClipFile, "title": title}
	if to.ChannelID != "" {
		in["channel_id"], in["visibility"] = to.ChannelID, tidings.VisibilityChannel
	}
	err = c.callIdempotent(ctx, http.MethodPost, "/api/v1/clips", key, in, &clip)
	return clip, err
}

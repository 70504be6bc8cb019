package client

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
)

// captionFormats are the extensions of captions files beside a pushed file, in
// order of preference, and their media types.
var captionFormats = []struct{ ext, contentType string }{{".vtt", "text/vtt"}, {".srt", "application/x-subrip"}}

// pushCaptions sends FILE.vtt or FILE.srt beside the pushed file, if there is
// one, as the transcript of its clip, and returns its name; "" for none.
func (c *Client) pushCaptions(ctx context.Context, clipID, name string) (string, error) {
	stem := strings.TrimSuffix(name, filepath.Ext(name))
	for _, t := range captionFormats {
		f, err := os.Open(stem + t.ext)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return stem + t.ext, err
		}
		defer f.Close()

		req, err := http.NewRequestWithContext(ctx, http.MethodPut, c.base+"/api/v1/clips/"+clipID+"/transcript", f)
		if err != nil {
			return f.Name(), err
		}

		req.Header.Set("Content-Type", t.contentType)
		res, err := c.sendRequest(req)
		if err != nil {
			return f.Name(), fmt.Errorf("the clip is there, its captions are not: %w", err)
		}
		return f.Name(), res.Body.Close()
	}

	return "", nil
}

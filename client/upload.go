package client

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"tidings.example/tidings/tidings"
)

// A tus PATCH has maxChunkSize bytes, or fewer where a proxy refuses that many,
// but never less than minChunkSize.
const (
	maxChunkSize = 8 << 20
	minChunkSize = 64 << 10
)

// chunkTimeout is how long one PATCH may take; it ends requests on dead
// connections. The server keeps the bytes that have arrived.
const chunkTimeout = 10 * time.Minute

// createUpload starts a tus upload of known length and returns its URL.
func (c *Client) createUpload(ctx context.Context, clipID, filename string, size int64) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()

	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+"/api/v1/uploads", nil)
	if err != nil {
		return "", err
	}

	b64 := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	req.Header.Set("Tus-Resumable", "1.0.0")
	req.Header.Set("Upload-Length", strconv.FormatInt(size, 10))
	req.Header.Set("Upload-Metadata", "clip_id "+b64(clipID)+",filename "+b64(filename))
	res, err := c.sendRequest(req)
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

// sendChunks sends the bytes of r from offset to size. After a failure it asks the
// server for its offset and continues there; it gives up after ten failures
// without progress. Chunks that a proxy refuses as too large are sent in halves.
func (c *Client) sendChunks(ctx context.Context, progress io.Writer, location string, r io.ReaderAt, offset, size int64) error {
	for failures := 0; offset < size; {
		most := max(minChunkSize, c.chunkSize.Load()>>failures) // a proxy may refuse a size without saying so
		n := min(most, size-offset)
		next, err := c.sendChunk(ctx, location, r, offset, n)
		if errors.Is(err, errProxyLimit) && n > minChunkSize {
			c.halveChunkSize(progress, n)
			continue
		}
		if err == nil {
			if failures > 1 {
				c.chunkSize.Store(most)
			}
			offset, failures = next, 0
			fmt.Fprintf(progress, "%3d %%\n", offset*100/size)
			continue
		}
		switch tidings.KindOf(err) {
		case tidings.KindInternal, tidings.KindUnavailable, tidings.KindStorageFull, tidings.KindConflict:
			if failures < 10 {
				break
			}
			return err
		default:
			return err
		}

		failures++
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Duration(failures) * 500 * time.Millisecond):
		}

		if at, err := c.uploadOffset(ctx, location); err == nil {
			offset = at
		}
	}
	return nil
}

// halveChunkSize is called when a proxy has refused n bytes; other uploads of
// this client begin with what is left.
func (c *Client) halveChunkSize(progress io.Writer, n int64) {
	smaller := max(minChunkSize, n/2)
	if size := c.chunkSize.Load(); size > smaller && c.chunkSize.CompareAndSwap(size, smaller) {
		fmt.Fprintf(progress, "the proxy in front of the server refuses %d KB in one request: sending smaller parts\n", n>>10)
	}
}

// sendChunk sends n bytes of r and returns the offset the server acknowledges.
// The transport may read on after an early answer, such as 413, while the next
// chunk is sent: each has a reader of its own.
func (c *Client) sendChunk(ctx context.Context, location string, r io.ReaderAt, offset, n int64) (int64, error) {
	chunk := io.NewSectionReader(r, offset, n)
	if _, err := chunk.ReadAt(make([]byte, 1), 0); err != nil { // within a request it would count as an error of the connection
		return 0, err
	}

	ctx, cancel := context.WithTimeout(ctx, chunkTimeout)
	defer cancel()

	req, err := http.NewRequestWithContext(ctx, http.MethodPatch, location, chunk)
	if err != nil {
		return 0, err
	}

	req.ContentLength = n
	req.Header.Set("Tus-Resumable", "1.0.0")
	req.Header.Set("Content-Type", "application/offset+octet-stream")
	req.Header.Set("Upload-Offset", strconv.FormatInt(offset, 10))
	res, err := c.sendRequest(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()

	return strconv.ParseInt(res.Header.Get("Upload-Offset"), 10, 64)
}

// uploadOffset is how many bytes of an upload the server has.
func (c *Client) uploadOffset(ctx context.Context, location string) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()

	req, err := http.NewRequestWithContext(ctx, http.MethodHead, location, nil)
	if err != nil {
		return 0, err
	}

	req.Header.Set("Tus-Resumable", "1.0.0")
	res, err := c.sendRequest(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()

	return strconv.ParseInt(res.Header.Get("Upload-Offset"), 10, 64)
}

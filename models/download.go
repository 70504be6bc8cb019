package models

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"tidings.example/tidings/tidings"
)

// Fetcher sends requests; *http.Client is one.
type Fetcher interface {
	Do(*http.Request) (*http.Response, error)
}

// maxTries is how often a download is tried without progress.
const maxTries = 4

// newHTTPSClient is a client for HTTPS only, through the proxy of HTTPS_PROXY;
// SSL_CERT_FILE and SSL_CERT_DIR add certificates.
func newHTTPSClient() *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, DialContext: (&net.Dialer{Timeout: 15 * time.Second}).DialContext,
			TLSHandshakeTimeout: 15 * time.Second, ResponseHeaderTimeout: time.Minute, ForceAttemptHTTP2: true,
		},
		CheckRedirect: OnlyHTTPS,
	}
}

// OnlyHTTPS is a redirect policy: at most ten redirects, none to plain HTTP.
func OnlyHTTPS(req *http.Request, via []*http.Request) error {
	if len(via) >= 10 {
		return errors.New("too many redirects")
	}
	if req.URL.Scheme != "https" {
		return errors.New("a redirect leads away from https")
	}
	return nil
}

// download is the download of one file from one URL.
type download struct {
	cfg        Config
	address    string
	path       string
	size       int64 // bytes, from the table
	onProgress func(done, total int64)
}

// fetchRest fetches the rest of the file. The bytes received before a failure are kept
// for the next try; a source that cannot have the file is given up at once.
func (d *download) fetchRest(ctx context.Context) error {
	if !strings.HasPrefix(d.address, "https://") {
		return tidings.Errorf(tidings.KindInvalid, "%s is not an https address.", d.address)
	}

	pause := d.cfg.Pause
	for tries := 0; ; {
		had := d.bytesOnDisk()
		if had == d.size {
			return nil
		}

		err := d.requestRest(ctx, had)
		switch now := d.bytesOnDisk(); {
		case err == nil && now == d.size:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.As(err, new(*permanentError)):
			return err
		case now > had:
			tries, pause = 0, d.cfg.Pause
		default:
			if tries++; tries >= maxTries {
				return errors.Join(tidings.Errorf(tidings.KindUnavailable, "The download does not go on at %d of %d bytes.", now, d.size), err)
			}
		}

		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}

		pause = min(2*pause, 30*time.Second)
	}
}

func (d *download) bytesOnDisk() int64 {
	info, err := os.Stat(d.path)
	if err != nil {
		return 0
	}
	return info.Size()
}

// permanentError is a response for which a retry is useless.
type permanentError struct{ error }

// Unwrap gives errors.As the cause.
func (h *permanentError) Unwrap() error { return h.error }

// requestRest makes one request for the missing bytes.
func (d *download) requestRest(ctx context.Context, from int64) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)

	idle := time.AfterFunc(d.cfg.Idle, func() { cancel(errors.New("nothing came for too long")) })
	defer idle.Stop()

	req, err := http.NewRequestWithContext(ctx, http.MethodGet, d.address, nil)
	if err != nil {
		return &permanentError{err}
	}

	req.Header.Set("Accept-Encoding", "identity") // sizes and ranges must be those of the file itself
	if from > 0 {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", from))
	}

	res, err := d.cfg.Fetch.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()

	if from, err = d.checkResponse(res, from); err != nil {
		return err
	}

	return d.appendBody(ctx, idle, res.Body, from)
}

// checkResponse checks a response and returns the offset of its first byte.
func (d *download) checkResponse(res *http.Response, from int64) (int64, error) {
	switch code := res.StatusCode; {
	case code == http.StatusOK: // the whole file: the server does not support ranges
		if res.ContentLength >= 0 && res.ContentLength != d.size {
			return 0, &permanentError{tidings.Errorf(tidings.KindChecksum, "The file there has %d bytes, not %d.", res.ContentLength, d.size)}
		}
		return 0, nil
	case code == http.StatusPartialContent:
		start, total, ok := contentRange(res.Header.Get("Content-Range"))
		if !ok || start != from || total != d.size {
			return 0, errors.Join(&permanentError{tidings.Errorf(tidings.KindChecksum, "The server sent other bytes than were asked for.")}, ignoreMissing(os.Remove(d.path)))
		}
		return from, nil
	case code == http.StatusRequestedRangeNotSatisfiable: // the kept bytes belong to another file
		return 0, errors.Join(fmt.Errorf("the server answered %s", res.Status), ignoreMissing(os.Remove(d.path)))
	case code == http.StatusTooManyRequests || code >= 500:
		return 0, tidings.Errorf(tidings.KindUnavailable, "The server answered %s.", res.Status)
	}
	return 0, &permanentError{tidings.Errorf(tidings.KindUnavailable, "The server answered %s.", res.Status)}
}

// contentRange parses "bytes 5-9/10".
func contentRange(text string) (start, total int64, ok bool) {
	text, ok = strings.CutPrefix(text, "bytes ")
	span, all, ok2 := strings.Cut(text, "/")
	first, _, ok3 := strings.Cut(span, "-")
	start, err := strconv.ParseInt(first, 10, 64)
	total, err2 := strconv.ParseInt(all, 10, 64)
	return start, total, ok && ok2 && ok3 && err == nil && err2 == nil
}

// appendBody appends a body to the file, which never grows beyond its size.
func (d *download) appendBody(ctx context.Context, idle *time.Timer, body io.Reader, from int64) (err error) {
	f, err := os.OpenFile(d.path, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return &permanentError{err}
	}
	defer func() { err = errors.Join(err, f.Close()) }()

	if err := f.Truncate(from); err != nil {
		return &permanentError{err}
	}
	if _, err := f.Seek(from, io.SeekStart); err != nil {
		return &permanentError{err}
	}

	buf := make([]byte, 128<<10)
	for at := from; ; {
		d.onProgress(at, d.size)
		n, rerr := body.Read(buf)
		if n > 0 {
			idle.Reset(d.cfg.Idle)
			if at += int64(n); at > d.size {
				return errors.Join(&permanentError{tidings.Errorf(tidings.KindChecksum, "The server sends more than %d bytes.", d.size)}, os.Remove(d.path))
			}
			if _, err := f.Write(buf[:n]); err != nil {
				return &permanentError{err}
			}
		}

		if errors.Is(rerr, io.EOF) {
			d.onProgress(at, d.size)
			return f.Sync()
		}
		if rerr != nil {
			if cause := context.Cause(ctx); cause != nil {
				return cause
			}
			return rerr
		}
	}
}

// joinURL appends a name to the URL of a folder.
func joinURL(folder, name string) string {
	return strings.TrimRight(folder, "/") + "/" + url.PathEscape(name)
}

package media

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"tidings.example/tidings/tidings"
)

// original is an opened original: where ffmpeg reads it from and what it
// contains.
type original struct {
	input
	container
	tracks []track
}

// openOriginal inspects the beginning of an original and decides what ffmpeg
// reads: a pipe that starts at byte 0, or, for a container whose index may come
// last, a private copy made once the original is complete.
func (m *Media) openOriginal(ctx context.Context, src io.Reader, dir string) (original, error) {
	o := original{input: input{dir: dir}}
	head, err := readHead(src, nil, sniffSize)
	if err != nil {
		return o, err
	}
	if o.container, err = detectContainer(head); err != nil {
		return o, err
	}

	if o.needsSeek {
		if err := o.spoolToFile(head, src); err != nil {
			return o, err
		}
		o.tracks, err = m.probeTracks(ctx, o.container, o.input)
	} else {
		o.tracks, head, err = m.probeGrowing(ctx, o.container, src, head, dir)
		o.reader = io.MultiReader(bytes.NewReader(head), src)
	}

	o.tracks = usableTracks(o.tracks)
	if err == nil && len(o.tracks) == 0 {
		err = unsupportedError("", nil)
	}

	return o, err
}

// probeGrowing probes the first bytes and, while they do not describe the tracks
// completely, more of them, up to maxHead.
func (m *Media) probeGrowing(ctx context.Context, c container, src io.Reader, head []byte, dir string) ([]track, []byte, error) {
	for {
		tracks, err := m.probeTracks(ctx, c, input{reader: bytes.NewReader(head), dir: dir})
		if err == nil && tracksComplete(tracks) || ctx.Err() != nil {
			return tracks, head, errors.Join(err, ctx.Err())
		}

		before := len(head)
		if before >= maxHead {
			return tracks, head, err
		}

		more, rerr := readHead(src, head, min(2*before, maxHead))
		if rerr != nil {
			return nil, head, rerr
		}
		if head = more; len(head) == before { // the source has ended
			return tracks, head, err
		}
	}
}

// readHead reads on from head until it has want bytes or src ends.
func readHead(src io.Reader, head []byte, want int) ([]byte, error) {
	b := make([]byte, max(want, len(head)))
	n := copy(b, head)
	more, err := io.ReadFull(src, b[n:])
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the original: %w", err)
	}
	return b[:n+more], nil
}

// spoolToFile copies the whole original into a private file of the job's folder.
func (o *original) spoolToFile(head []byte, src io.Reader) error {
	o.file = filepath.Join(o.dir, "original")
	f, err := os.OpenFile(o.file, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o640)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, io.MultiReader(bytes.NewReader(head), src))
	return errors.Join(err, f.Close())
}

// trackRows are the tracks in the form that the store keeps.
func trackRows(tracks []track) []tidings.Track {
	out := make([]tidings.Track, len(tracks))
	for i, t := range tracks {
		out[i] = t.Track
	}
	return out
}

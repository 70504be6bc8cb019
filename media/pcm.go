package media

import (
	"context"
	"errors"
	"fmt"
	"io"

	ff "github.com/u2takey/ffmpeg-go"

	"tidings"
)

// ErrNoAudio says that an original has no sound.
var ErrNoAudio = errors.New("the recording has no sound")

// PCM is the sound of an original, while it grows, as 16 kHz mono samples of
// 16 bits, little endian. It ends when the original does. ErrNoAudio when
// there is no sound track; other errors of the bytes are KindUnsupported.
// Close ends the decoder; src is read to the end or until then.
func (m *Media) PCM(ctx context.Context, src io.Reader) (io.ReadCloser, error) {
	dir, remove, err := m.tempDir()
	if err != nil {
		return nil, err
	}
	in, c, tracks, err := m.open(ctx, src, dir)
	if err == nil && planFor(tracks, true).audio == nil {
		err = ErrNoAudio
	}
	if err != nil {
		remove()
		return nil, err
	}
	p := planFor(tracks, true)
	ctx, cancel := context.WithCancel(ctx)
	r, w := io.Pipe()
	go func() {
		defer remove()
		_, err := m.run(ctx, process{program: m.ffmpeg, args: p.pcmArgs(c, in), stdin: in.reader, stdout: w, dir: dir})
		// A cut-off recording makes ffmpeg complain after it decoded what came.
		if err != nil && ctx.Err() == nil {
			m.cfg.Log.Info("sound ends with a complaint", "error", err)
			err = nil
		}
		w.CloseWithError(err)
	}()
	return &pcmReader{PipeReader: r, cancel: cancel}, nil
}

type pcmReader struct {
	*io.PipeReader
	cancel context.CancelFunc
}

// Close ends the decoder.
func (r *pcmReader) Close() error {
	r.cancel()
	return r.PipeReader.Close()
}

func (p plan) pcmArgs(c container, in input) []string {
	src := ff.Input(in.url(), ff.KwArgs{"f": c.format, "protocol_whitelist": in.protocols(), "format_whitelist": c.whitelist()})
	out := ff.Output([]*ff.Stream{src.Get(itoa(p.audio.Index))}, "pipe:1", pcmOptions())
	return append([]string{"-hide_banner", "-nostdin", "-v", "error", "-max_alloc", "268435456"}, ff.MergeOutputs(out).GetArgs()...)
}

// open looks at the beginning of an original and answers what ffmpeg may be
// given: a pipe that starts at byte 0, or, for a container whose index may
// come last, a private copy once the original is complete.
func (m *Media) open(ctx context.Context, src io.Reader, dir string) (input, container, []tidings.Track, error) {
	head, err := readHead(src, nil, sniffSize)
	if err != nil {
		return input{}, container{}, nil, err
	}
	c, err := sniff(head)
	if err != nil {
		return input{}, c, nil, err
	}
	if c.seeks {
		in, err := spool(head, src, dir)
		if err != nil {
			return in, c, nil, err
		}
		tracks, err := m.probe(ctx, c, in)
		return in, c, tracks, err
	}
	tracks, head, err := m.probeGrowing(ctx, c, src, head, dir)
	return input{reader: io.MultiReader(newBytes(head), src), dir: dir}, c, tracks, err
}

// probeGrowing probes the head and, while it does not say enough, more of it.
func (m *Media) probeGrowing(ctx context.Context, c container, src io.Reader, head []byte, dir string) ([]tidings.Track, []byte, error) {
	for {
		tracks, err := m.probe(ctx, c, input{reader: newBytes(head), dir: dir})
		if err == nil && settled(tracks) {
			return tracks, head, nil
		}
		if ctx.Err() != nil {
			return nil, head, ctx.Err()
		}
		before := len(head)
		if before >= maxHead {
			return usable(tracks), head, err
		}
		var rerr error
		if head, rerr = readHead(src, head, min(2*before, maxHead)); rerr != nil {
			return nil, head, rerr
		}
		if len(head) == before { // that was all there is
			return usable(tracks), head, err
		}
	}
}

// usable drops tracks of which even the whole head says too little.
func usable(tracks []tidings.Track) []tidings.Track {
	var out []tidings.Track
	for _, t := range tracks {
		if settled([]tidings.Track{t}) {
			out = append(out, t)
		}
	}
	return out
}

// maxHead bounds the bytes kept in memory before the streams are known.
const maxHead = 4 << 20

// readHead reads on from head until it has want bytes or src ends.
func readHead(src io.Reader, head []byte, want int) ([]byte, error) {
	b := make([]byte, want)
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

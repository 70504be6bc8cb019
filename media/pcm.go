package media

import (
	"context"
	"errors"
	"io"
)

// ErrNoAudio says that an original has no sound.
var ErrNoAudio = errors.New("the recording has no sound")

// PCM is the sound of an original, while it grows, as 16 kHz mono samples of 16
// bits, little endian. It ends when the original does, and where decoding of a
// damaged one ends, and waits for its reader, however slow; it fails when src does. ErrNoAudio when there is no audio
// track; other errors of the bytes are KindUnsupported. Close ends the decoder.
//
// What it returns has a method ChannelLevels.
func (m *Media) PCM(ctx context.Context, src io.Reader) (io.ReadCloser, error) {
	dir, remove, err := m.tempDir()
	if err != nil {
		return nil, err
	}

	o, err := m.openOriginal(ctx, src, dir)
	p := planFor(o.tracks, m.cfg.Ladder)
	if err == nil && p.audio == nil {
		err = ErrNoAudio
	}

	if err != nil {
		remove()
		return nil, err
	}

	ctx, cancel := context.WithCancel(ctx)
	r, w := io.Pipe()
	out := &pcmReader{PipeReader: r, cancel: cancel, ended: make(chan struct{})}
	go func() {
		defer close(out.ended)
		defer remove()

		// Sound that nobody takes must not keep a process that is to end.
		stop := context.AfterFunc(ctx, func() { w.CloseWithError(ctx.Err()) })
		defer stop()

		decode := process{program: m.ffmpeg, args: p.pcmArgs(o), stdin: o.reader, stdout: w, dir: dir}
		if p.hasTwoChannels() {
			decode.outputs = append(decode.outputs, out.levels.readSamples)
		}

		_, err := m.runProcess(ctx, decode)
		if err != nil && isFFmpegFault(ctx, err) {
			m.cfg.Log.Info("sound ends with a complaint", "error", err)
			err = nil
		}

		w.CloseWithError(err)
	}()

	return out, nil
}

type pcmReader struct {
	*io.PipeReader
	cancel context.CancelFunc
	ended  chan struct{}
	levels channelLevels
}

// ChannelLevels are the levels of a track with two channels, left and right, of
// every 50 ms so far, in dB below full scale; none of any other track. At the end
// of the samples they are complete.
func (r *pcmReader) ChannelLevels() [][2]uint8 { return r.levels.measured() }

// Close ends the decoder and waits until its process has exited.
func (r *pcmReader) Close() error {
	r.cancel()
	err := r.PipeReader.Close()
	<-r.ended
	return err
}

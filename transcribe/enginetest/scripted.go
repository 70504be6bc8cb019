package enginetest

import (
	"bufio"
	"context"
	"errors"
	"io"

	"tidings.example/tidings/tidings"
	"tidings.example/tidings/transcribe"
)

// Scripted is an engine with a fixed script: it emits each of Segments once the
// sound has reached its end, whatever the sound is.
type Scripted struct {
	Segments []tidings.TranscriptSegment
	// Fail, if not nil, is the error of the transcription after Segments.
	Fail error
	// Capabilities is the result of Caps.
	Capabilities transcribe.Caps
}

// Name implements transcribe.Engine.
func (*Scripted) Name() string { return "scripted" }

// Model implements transcribe.Engine.
func (*Scripted) Model() string { return "script/1" }

// Caps implements transcribe.Engine.
func (s *Scripted) Caps() transcribe.Caps { return s.Capabilities }

// Transcribe implements transcribe.Engine.
func (s *Scripted) Transcribe(ctx context.Context, pcm io.Reader, _ transcribe.Options, sink func(tidings.TranscriptSegment) error) error {
	in := bufio.NewReader(pcm)
	var at int64 // bytes
	for _, seg := range s.Segments {
		n, err := io.CopyN(io.Discard, in, seg.EndMS*transcribe.Rate/1000*2-at)
		at += n

		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if err := errors.Join(ctx.Err(), sink(seg)); err != nil {
			return err
		}
	}

	if s.Fail != nil {
		return s.Fail
	}

	_, err := io.Copy(io.Discard, in)
	return errors.Join(err, ctx.Err())
}

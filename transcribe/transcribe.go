package transcribe

import (
	"context"
	"io"
	"log/slog"
	"sync/atomic"
	"time"

	"tidings"
)

// Rows is what this room needs of the store. Writes of a run that lost its
// lease are KindConflict.
type Rows interface {
	// StartTranscript opens a transcript beside any older one.
	StartTranscript(ctx context.Context, run tidings.StepRun, t tidings.Transcript) (tidings.ID, error)
	// AddTranscriptSegments appends utterances and tells everybody.
	AddTranscriptSegments(ctx context.Context, run tidings.StepRun, id tidings.ID, segs []tidings.TranscriptSegment) error
	// FinishTranscript ends transcript and step in one transaction. The new
	// transcript replaces the older one whole, unless a person edited that.
	FinishTranscript(ctx context.Context, run tidings.StepRun, id tidings.ID, language string) error
	StepProgress(ctx context.Context, run tidings.StepRun, p float64) error
	UploadByClip(ctx context.Context, clip tidings.ID) (tidings.Upload, error)
}

// Source is the growing original.
type Source interface {
	// Follow reads from byte 0, waits for what is not there yet and ends at the seal.
	Follow(ctx context.Context, clip tidings.ID) (io.ReadCloser, error)
}

// Config wires the room.
type Config struct {
	Rows   Rows
	Source Source
	// PCM decodes the original as it comes to samples as engines want them. It
	// fails when src does; KindUnsupported or KindInvalid when the bytes are at
	// fault.
	PCM func(ctx context.Context, src io.Reader) (io.ReadCloser, error)
	// NoAudio tells PCM's answer to an original without sound.
	NoAudio func(error) bool
	Engine  Engine       // nil = none
	Missing error        // why there is no engine
	Log     *slog.Logger // nil = discard
}

// Transcriber runs the step transcribe. It may run for many clips at once.
type Transcriber struct{ cfg Config }

// New wires a Transcriber.
func New(cfg Config) *Transcriber {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Transcriber{cfg}
}

// Transcribe is the step transcribe: it follows the original of a clip from
// its first byte and writes down what is said while it is said. Each utterance
// is a row, and an event, the moment it is final; what is left to do at the
// end of a recording does not depend on its length. Silence, noise and an
// original without sound make a finished transcript without segments.
//
// Errors of the bytes, and a missing engine, are of a kind that no retry
// helps. Any other error may be tried again: the next run starts a transcript
// of its own. A run that lost its lease ends with KindConflict and has changed
// nothing since.
func (t *Transcriber) Transcribe(ctx context.Context, run tidings.StepRun) error {
	if t.cfg.Engine == nil {
		return tidings.Wrap(t.cfg.Missing, tidings.KindUnsupported, "This server has no speech engine, so the clip has no transcript. It can be made once an engine is installed.")
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	src, err := t.cfg.Source.Follow(ctx, run.ClipID)
	if err != nil {
		return err
	}
	m := &meter{r: src}
	pcm, err := t.cfg.PCM(ctx, m)
	if err != nil {
		src.Close()
		if t.cfg.NoAudio != nil && t.cfg.NoAudio(err) {
			return t.silent(ctx, run)
		}
		return err
	}
	s := &sound{Reader: pcm, pcm: pcm, src: src, cancel: cancel}
	defer s.Close()
	return t.listen(ctx, run, m, s)
}

// listen runs the engine and keeps its words.
func (t *Transcriber) listen(ctx context.Context, run tidings.StepRun, m *meter, s *sound) error {
	start := time.Now()
	k, err := t.keep(ctx, run)
	if err != nil {
		return err
	}
	stop := t.progress(ctx, run, m)
	err = t.cfg.Engine.Transcribe(ctx, s, Options{}, k.add)
	stop()
	if err != nil {
		return err
	}
	if err := k.finish(); err != nil {
		return err
	}
	t.cfg.Log.Info("clip transcribed", "clip", run.ClipID, "engine", t.cfg.Engine.Name(), "segments", k.next, "words", k.words, "took", time.Since(start).Round(time.Millisecond))
	return nil
}

// silent makes the transcript of an original without sound.
func (t *Transcriber) silent(ctx context.Context, run tidings.StepRun) error {
	k, err := t.keep(ctx, run)
	if err != nil {
		return err
	}
	t.cfg.Log.Info("clip has no sound to transcribe", "clip", run.ClipID)
	return k.finish()
}

// sound is the samples of a clip; closing it ends everything they come from.
type sound struct {
	io.Reader
	pcm, src io.Closer
	cancel   context.CancelFunc
}

// Close may be called more than once, and while a Read waits.
func (s *sound) Close() error {
	s.cancel()
	s.src.Close() // before the decoder, which may be reading from it
	return s.pcm.Close()
}

// meter counts the bytes of the original that have been read.
type meter struct {
	r io.Reader
	n atomic.Int64
}

// Read implements io.Reader.
func (m *meter) Read(p []byte) (int, error) {
	n, err := m.r.Read(p)
	m.n.Add(int64(n))
	return n, err
}

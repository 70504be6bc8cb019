package transcribe

import (
	"cmp"
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"tidings.example/tidings/tidings"
)

// Rows is what this package needs of the store. Writes of a run that lost its
// lease are KindConflict.
type Rows interface {
	// StartTranscript opens a transcript beside any older one.
	StartTranscript(ctx context.Context, run tidings.StepRun, t tidings.Transcript) (tidings.ID, error)
	// AddTranscriptSegments appends segments and publishes an event.
	AddTranscriptSegments(ctx context.Context, run tidings.StepRun, id tidings.ID, segs []tidings.TranscriptSegment) error
	// FinishTranscript ends transcript and step in one transaction. The new
	// transcript replaces the older one, unless a user has edited that. Turns, if
	// there are any, replace its segments, unless a user has edited these.
	FinishTranscript(ctx context.Context, run tidings.StepRun, id tidings.ID, language string, turns ...tidings.TranscriptSegment) error
	// ResumeTranscript ends the step with the visible transcript if that is
	// finished, and reports whether it is.
	ResumeTranscript(ctx context.Context, run tidings.StepRun) (finished bool, err error)
	// RefineTranscript replaces the visible transcript, after the step has ended,
	// unless a user has edited it.
	RefineTranscript(ctx context.Context, run tidings.StepRun, t tidings.Transcript) (replaced bool, err error)
	// ReplaceTranscript replaces the visible transcript and ends the step, when a
	// user has requested that.
	ReplaceTranscript(ctx context.Context, run tidings.StepRun, t tidings.Transcript) (replaced bool, err error)
	// TranscriptRequest is the pending request of a user; KindNotFound = none.
	TranscriptRequest(ctx context.Context, clip tidings.ID) (tidings.TranscriptRequest, error)
	Transcript(ctx context.Context, clip tidings.ID) (tidings.Transcript, error)
	Clip(ctx context.Context, clip tidings.ID) (tidings.Clip, error)
	// SetRefinement stores when the transcript that a run writes is refined.
	SetRefinement(ctx context.Context, run tidings.StepRun, when tidings.Refinement) error
	StepProgress(ctx context.Context, run tidings.StepRun, p float64) error
	UploadByClip(ctx context.Context, clip tidings.ID) (tidings.Upload, error)
}

// Source is the growing original.
type Source interface {
	// Follow reads from byte 0, waits for bytes that have not arrived yet, and ends at the seal.
	Follow(ctx context.Context, clip tidings.ID) (io.ReadCloser, error)
}

// Config is what New needs.
type Config struct {
	Rows   Rows
	Pieces PieceRows
	Source Source
	// PCM decodes the growing original to samples of Rate. It fails when src
	// does; KindUnsupported or KindInvalid when the bytes cannot be decoded. A
	// method ChannelLevels() [][2]uint8 of what it returns gives the levels of the
	// left and right channel of every 50 ms, in dB below full scale.
	PCM func(ctx context.Context, src io.Reader) (io.ReadCloser, error)
	// NoAudio reports whether an error of PCM means an original without sound.
	NoAudio func(error) bool
	Engine  Engine // transcribes while the clip is recorded, once it is Ready; nil = none
	// Others are all other engines. Routes say which of them refine the
	// transcripts of which clips, or write them from the start where Engine
	// cannot; the first matching route counts.
	Others []Engine
	Routes []Route
	// RefineSlots is how many clips are refined at once (0 = 1); others get
	// ErrBusy, so that they do not delay drafts.
	RefineSlots int
	Language    string // BCP 47, for clips without a chosen one; "" = the engine decides
	// Glossary returns the glossary of a workspace; nil = there are none.
	Glossary func(ctx context.Context, ws tidings.ID) (tidings.Glossary, error)
	Log      *slog.Logger // nil = discard
}

// Transcriber runs the step transcribe. It may run for many clips at once.
type Transcriber struct {
	cfg         Config
	refineSlots chan struct{} // semaphore: one element for each refinement in progress
}

// New makes a Transcriber.
func New(cfg Config) *Transcriber {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Transcriber{cfg, make(chan struct{}, max(1, cfg.RefineSlots))}
}

// Transcribe is the step transcribe: it follows the original of a clip from its
// first byte and transcribes it while it is recorded. Each utterance is a row,
// and an event, the moment it is final; the work left at the end of a recording
// does not depend on its length. Silence, noise and an original without sound
// make a finished transcript without segments.
//
// Errors of the bytes, and a missing engine, are of a kind that is not retried.
// Any other error may be retried: the next run starts a transcript of its own. A
// run that lost its lease ends with KindConflict and has changed nothing since.
//
// With refining engines the run continues after the step is done and refines the
// transcript; an error then concerns the refinement alone. An engine that works in
// windows begins with that while the clip is recorded. A run that finds a
// finished transcript begins there: the previous run was killed or failed during
// refinement. When a user has requested a new transcript, the old one stays
// until the new one is finished.
func (t *Transcriber) Transcribe(ctx context.Context, run tidings.StepRun) error {
	p, err := t.planTranscript(ctx, run.ClipID)
	switch {
	case err != nil:
		return err
	case len(p.replace) > 0:
		return t.replaceTranscript(ctx, run, p)
	case len(p.live) == 0:
		return t.noEngine(p.opt.Language)
	case len(p.refine) == 0:
		return t.writeDraft(ctx, run, p, nil)
	}

	finished, err := t.cfg.Rows.ResumeTranscript(ctx, run)
	if err != nil {
		return err
	}

	var c *concurrentRefinement
	if !finished {
		c = t.startConcurrentRefinement(ctx, run, p)
		defer c.abandon()

		err := t.writeDraft(ctx, run, p, c)
		if c.endDraft(); err != nil {
			return err
		}
	}

	return t.refineTranscript(ctx, run, p, c)
}

// noEngine is the error for a clip that no engine of this server can transcribe.
func (t *Transcriber) noEngine(language string) error {
	missing, known := errors.New("no engine in the settings"), []string(nil)
	for _, e := range t.cfg.allEngines() {
		err := Ready(e)
		if err == nil {
			known = append(known, strings.Join(append([]string{e.Name(), e.Model() + ":"}, e.Caps().Languages...), " "))
		}
		missing = err
	}
	if len(known) > 0 {
		return tidings.Errorf(tidings.KindUnsupported, "No speech engine of this server understands the clip's language (%s), so the clip has no transcript (%s). It can be made once a model for that language is installed.",
			cmp.Or(language, "not known"), strings.Join(known, "; "))
	}
	return tidings.Wrap(missing, tidings.KindUnsupported, "This server has no speech engine, so the clip has no transcript. It can be made once an engine is installed.")
}

// writeDraft makes the transcript live and ends the step. The clip is refined by
// c meanwhile, unless that is nil.
func (t *Transcriber) writeDraft(ctx context.Context, run tidings.StepRun, p transcriptPlan, c *concurrentRefinement) error {
	return t.tryEngines(ctx, run.ClipID, p.live, func(e Engine) error {
		s, err := t.openAudio(ctx, run.ClipID)
		if err != nil {
			if t.cfg.NoAudio != nil && t.cfg.NoAudio(err) {
				return t.finishSilent(ctx, run, e)
			}
			return &pipelineError{err}
		}
		defer s.Close()

		c.followDraft(s)
		return t.runEngine(ctx, run, e, p.opt, s, c.refinement())
	})
}

// openAudio starts decoding a clip.
func (t *Transcriber) openAudio(ctx context.Context, clip tidings.ID) (*clipAudio, error) {
	ctx, cancel := context.WithCancel(ctx)
	src, err := t.cfg.Source.Follow(ctx, clip)
	if err != nil {
		cancel()
		return nil, err
	}

	m := &byteCounter{r: src}
	pcm, err := t.cfg.PCM(ctx, m)
	if err != nil {
		cancel()
		src.Close()
		return nil, err
	}

	return &clipAudio{Reader: pcm, meter: m, pcm: pcm, src: src, cancel: cancel}, nil
}

// runEngine runs an engine and stores its words.
func (t *Transcriber) runEngine(ctx context.Context, run tidings.StepRun, e Engine, opt Options, s *clipAudio, when tidings.Refinement) error {
	start := time.Now()
	k, err := t.openWriter(ctx, run, e, when)
	if err != nil {
		return &pipelineError{err}
	}

	opt.OnLanguage, opt.Vocabulary, opt.Pieces = k.addLanguageVotes, k.vocabulary, clipPieces{t, run.ClipID, e}
	opt.Live = t.isRecording(ctx, run.ClipID)
	stop := t.reportProgress(ctx, run, s.meter)
	err = e.Transcribe(ctx, s, opt, k.addSegment)
	stop()

	if err := s.attributeError(k.storeErr, err); err != nil {
		return err
	}
	if err := k.finishTranscript(s.channelLevels()); err != nil {
		return &pipelineError{err}
	}

	t.cfg.Log.Info("clip transcribed", "clip", run.ClipID, "engine", e.Name(), "segments", k.nextSeq, "words", k.words, "took", time.Since(start).Round(time.Millisecond))
	return nil
}

// isRecording reports whether more of the original is to come.
func (t *Transcriber) isRecording(ctx context.Context, clip tidings.ID) bool {
	u, err := t.cfg.Rows.UploadByClip(ctx, clip)
	return err == nil && u.SealedAt == nil && !u.Aborted
}

// finishSilent makes the transcript of an original without sound.
func (t *Transcriber) finishSilent(ctx context.Context, run tidings.StepRun, e Engine) error {
	k, err := t.openWriter(ctx, run, e, "")
	if err == nil {
		t.cfg.Log.Info("clip has no sound to transcribe", "clip", run.ClipID)
		err = k.finishTranscript(nil)
	}
	if err != nil {
		return &pipelineError{err}
	}
	return nil
}

// clipAudio is the samples of a clip; closing it ends the decoder and the
// source.
type clipAudio struct {
	io.Reader
	meter    *byteCounter // bytes of the original
	pcm, src io.Closer
	cancel   context.CancelFunc
	pcmRead  atomic.Int64                  // bytes of sound
	readErr  atomic.Pointer[pipelineError] // the first read error
}

// Read implements io.Reader.
func (s *clipAudio) Read(p []byte) (int, error) {
	n, err := s.Reader.Read(p)
	s.pcmRead.Add(int64(n))
	if err != nil && err != io.EOF {
		s.readErr.CompareAndSwap(nil, &pipelineError{err})
	}
	return n, err
}

// channelLevels are the levels of both channels of a clip that has been read to
// its end; none if it has not two.
func (s *clipAudio) channelLevels() [][2]uint8 {
	if c, ok := s.pcm.(interface{ ChannelLevels() [][2]uint8 }); ok {
		return c.ChannelLevels()
	}
	return nil
}

// attributeError attributes the error of an engine: to the rows, to the sound,
// or to the engine itself.
func (s *clipAudio) attributeError(rows, err error) error {
	switch readErr := s.readErr.Load(); {
	case err == nil:
		return nil
	case rows != nil:
		return &pipelineError{err}
	case readErr != nil:
		return &pipelineError{err}
	}
	return err
}

// Close may be called more than once, and while a Read blocks.
func (s *clipAudio) Close() error {
	s.cancel()
	s.src.Close() // before the decoder, which may be reading from it
	return s.pcm.Close()
}

// byteCounter counts the bytes of the original that have been read.
type byteCounter struct {
	r io.Reader
	n atomic.Int64
}

// Read implements io.Reader.
func (m *byteCounter) Read(p []byte) (int, error) {
	n, err := m.r.Read(p)
	m.n.Add(int64(n))
	return n, err
}

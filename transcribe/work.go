package transcribe

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"tidings.example/tidings/tidings"
)

// work is one transcription by a worker.
type work struct {
	pcm     io.Reader
	opt     Options
	claimed chan struct{}

	// Set by claimWork.
	id, holder string
	engine     tidings.SpeechEngine

	lastRenewal   atomic.Int64 // last request of its worker, Unix ns
	bytesSent     atomic.Int64 // bytes of sound
	audioStarted  atomic.Bool  // the sound is being sent, or was sent
	audioComplete atomic.Bool  // all of it was sent

	batches chan workBatch // to the caller of Transcribe
	ended   chan struct{}  // closed when the caller of Transcribe has returned
	once    sync.Once

	mu        sync.Mutex // held while segments are taken, to keep their order
	lastEndMS int64      // end of the last segment
	segments  int
}

// workBatch is a batch of segments, or the end.
type workBatch struct {
	segs      []tidings.TranscriptSegment
	languages map[string]int
	err       error
	last      bool
	result    chan error // the sink's error
}

func newWork(r *Remote, pcm io.Reader, opt Options) *work {
	return &work{pcm: pcm, opt: opt, claimed: make(chan struct{}), batches: make(chan workBatch), ended: make(chan struct{})}
}

func (w *work) renewLease() { w.lastRenewal.Store(time.Now().UnixNano()) }

// closeWork marks the work as ended for its worker, and ends the stream of
// sound.
func (w *work) closeWork() {
	w.once.Do(func() {
		close(w.ended)
		if c, ok := w.pcm.(io.Closer); ok {
			c.Close()
		}
	})
}

// forwardBatches passes segments to sink until the worker is done or lost, or
// ctx ends.
func (w *work) forwardBatches(ctx context.Context, lease time.Duration, sink func(tidings.TranscriptSegment) error) error {
	look := time.NewTicker(lease / 10)
	defer look.Stop()

	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-look.C:
			if time.Since(time.Unix(0, w.lastRenewal.Load())) > lease {
				return lostWorkError()
			}
		case s := <-w.batches:
			var err error
			for _, seg := range s.segs {
				if err = sink(seg); err != nil {
					break
				}
			}

			s.result <- err

			if err == nil && s.last && s.err == nil && w.opt.OnLanguage != nil {
				for language, n := range s.languages {
					w.opt.OnLanguage(language, n)
				}
			}

			if err != nil || s.last {
				return errors.Join(err, s.err)
			}
		}
	}
}

// sendBatch passes a batch to forwardBatches and waits until it is handled.
func (w *work) sendBatch(s workBatch) error {
	s.result = make(chan error, 1)
	select {
	case w.batches <- s:
	case <-w.ended:
		return tidings.Errorf(tidings.KindGone, "Nobody waits for this work any more.")
	}
	if err := <-s.result; err != nil {
		return tidings.Wrap(err, tidings.KindGone, "This work could not be kept.")
	}
	return nil
}

// finishWithError ends the work with an error, unless it has ended.
func (w *work) finishWithError(err error) {
	if terr := w.sendBatch(workBatch{err: err, last: true}); terr != nil {
		return // it had ended already
	}
}

// streamAudio sends the sound as it is decoded.
func (w *work) streamAudio(ctx context.Context, out io.Writer) error {
	if !w.audioStarted.CompareAndSwap(false, true) {
		return tidings.Errorf(tidings.KindConflict, "The sound is sent once.")
	}

	stop := context.AfterFunc(ctx, func() { w.finishWithError(lostWorkError()) }) // the worker has closed the connection
	defer stop()

	buf := make([]byte, 32<<10)
	for {
		n, err := w.pcm.Read(buf)
		if n > 0 {
			// Counted before it is sent: its words may arrive at once.
			w.bytesSent.Add(int64(n))
			if _, werr := out.Write(buf[:n]); werr != nil {
				w.finishWithError(lostWorkError())
				return werr
			}
		}

		switch {
		case errors.Is(err, io.EOF):
			w.audioComplete.Store(true)
			return nil
		case err != nil:
			w.finishWithError(err)
			return err
		}
	}
}

// takeSegments checks segments and passes them on.
func (w *work) takeSegments(ctx context.Context, segs []tidings.TranscriptSegment) error {
	w.mu.Lock()
	defer w.mu.Unlock()

	// An engine may round up to its own step: 30 ms for Vosk, 20 for Whisper.
	const slack = 100
	at, end := w.lastEndMS, w.bytesSent.Load()/2*1000/Rate+slack

	if w.segments+len(segs) > tidings.MaxWorkSegments {
		return tidings.Invalid("segments", "There are more than %d.", tidings.MaxWorkSegments)
	}

	for i, s := range segs {
		if err := checkWorkSegment(i, s, at, end); err != nil {
			return err
		}
		at = s.EndMS
	}

	if err := w.sendBatch(workBatch{segs: segs}); err != nil {
		return err
	}

	w.lastEndMS, w.segments = at, w.segments+len(segs)
	return nil
}

// checkWorkSegment checks a segment that a worker sent; its times must be
// between from and to.
func checkWorkSegment(i int, s tidings.TranscriptSegment, from, to int64) error {
	bad := func(what string) error { return tidings.Invalid("segments", "Segment %d: %s.", i, what) }
	switch {
	case s.StartMS < from || s.EndMS < s.StartMS || s.EndMS > to:
		return bad("its times go back or lie outside of the sound that was sent")
	case strings.TrimSpace(s.Text) == "" || len(s.Text) > tidings.MaxWorkText || !utf8.ValidString(s.Text) || len(s.Speaker) > 200 || !utf8.ValidString(s.Speaker):
		return bad("no text, too much of it, or not UTF-8")
	case len(s.Words) > tidings.MaxWorkWords:
		return bad("too many words")
	}

	at, letters := s.StartMS, 0
	for _, w := range s.Words {
		letters += len(w.Text)
		if w.StartMS < at || w.EndMS < w.StartMS || w.EndMS > s.EndMS || w.Text == "" || !utf8.ValidString(w.Text) || w.P != nil && !(*w.P >= 0 && *w.P <= 1) {
			return bad("a word is empty, out of order or outside of its segment")
		}
		at = w.EndMS
	}

	if letters > len(s.Text) {
		return bad("its words are more than its text")
	}

	return nil
}

// completeWork ends the work without an error.
func (w *work) completeWork(languages map[string]int) error {
	if !w.audioComplete.Load() {
		return tidings.Errorf(tidings.KindConflict, "The sound has not been sent to its end.")
	}

	words := map[string]int{}
	for name, n := range languages {
		if code := languageCode(name); code != "" && n > 0 {
			words[code] += n
		}
	}

	w.mu.Lock() // after the last segments
	defer w.mu.Unlock()

	return w.sendBatch(workBatch{languages: words, last: true})
}

package transcribe

import (
	"context"
	"crypto/rand"
	"io"
	"sync"
	"time"

	"tidings.example/tidings/tidings"
)

// Defaults of RemoteConfig.
const (
	workerWait  = 30 * time.Second
	workerLease = 25 * time.Second
	workerSeen  = time.Minute // a worker counts as connected for so long after a request
)

// RemoteConfig is the configuration of Remote.
type RemoteConfig struct {
	Wait  time.Duration // how long a clip waits to be claimed; 0 = 30 s
	Lease time.Duration // how long a worker keeps it without a request; 0 = 25 s
}

// Remote is the engine worker: its work waits in a queue until a worker on
// another machine claims it, reads the sound and sends the words back. A worker
// that dies, is disconnected or loses its token loses the work, which is
// KindUnavailable: the caller transcribes again, by another worker or engine. So
// the fence of its words is that of the step.
type Remote struct {
	cfg RemoteConfig

	mu         sync.Mutex
	queue      []*work          // not claimed yet, oldest first
	claimed    map[string]*work // claimed, by id
	lastSeen   time.Time        // last request of a worker
	lastEngine tidings.SpeechEngine
	queueGrown chan struct{} // closed when the queue grows
}

// NewRemote makes a Remote without workers.
func NewRemote(c RemoteConfig) *Remote {
	if c.Wait == 0 {
		c.Wait = workerWait
	}
	if c.Lease == 0 {
		c.Lease = workerLease
	}
	return &Remote{cfg: c, claimed: map[string]*work{}, queueGrown: make(chan struct{})}
}

// Name implements Engine.
func (*Remote) Name() string { return "worker" }

// Model implements Engine: that of the worker which claimed last, if any.
func (r *Remote) Model() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.lastEngine.Name == "" {
		return "worker"
	}
	return r.lastEngine.Name + " " + r.lastEngine.Model
}

// Caps implements Engine.
func (*Remote) Caps() Caps { return Caps{WordTimes: true, Punctuation: true, Remote: true} }

// CheckWorkers is an error while no worker is connected.
func (r *Remote) CheckWorkers() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if time.Since(r.lastSeen) < workerSeen || len(r.claimed) > 0 {
		return nil
	}
	return tidings.Errorf(tidings.KindUnavailable, "No worker is connected.")
}

// Transcribe implements Engine.
func (r *Remote) Transcribe(ctx context.Context, pcm io.Reader, opt Options, sink func(tidings.TranscriptSegment) error) error {
	w := newWork(r, pcm, opt)
	r.enqueueWork(w)
	defer r.endWork(w)

	wait := time.NewTimer(r.cfg.Wait)
	defer wait.Stop()

	select {
	case <-w.claimed:
	case <-wait.C:
		if r.withdrawWork(w) {
			return tidings.Errorf(tidings.KindUnavailable, "No worker took the clip.")
		}
	case <-ctx.Done():
		return ctx.Err()
	}

	if opt.OnDelegate != nil {
		opt.OnDelegate(w.engine)
	}

	return w.forwardBatches(ctx, r.cfg.Lease, sink)
}

func (r *Remote) enqueueWork(w *work) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.queue = append(r.queue, w)
	close(r.queueGrown)
	r.queueGrown = make(chan struct{})
}

// withdrawWork takes work out of the queue; false when it has been claimed.
func (r *Remote) withdrawWork(w *work) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, other := range r.queue {
		if other == w {
			r.queue = append(r.queue[:i], r.queue[i+1:]...)
			return true
		}
	}
	return false
}

// endWork ends work: a worker that still holds it gets KindGone.
func (r *Remote) endWork(w *work) {
	r.withdrawWork(w)
	r.mu.Lock()
	delete(r.claimed, w.id)
	r.mu.Unlock()
	w.closeWork()
}

// Claim gives a worker the oldest work that its engine supports, after waiting
// for it up to wait. ok is false when there is none.
func (r *Remote) Claim(ctx context.Context, holder string, e tidings.SpeechEngine, wait time.Duration) (out tidings.Work, ok bool) {
	timer := time.NewTimer(wait)
	defer timer.Stop()

	for {
		w, more := r.claimWork(holder, e)
		if w != nil {
			return tidings.Work{ID: w.id, Language: w.opt.Language, Vocabulary: w.opt.Vocabulary, LeaseMS: r.cfg.Lease.Milliseconds()}, true
		}

		select {
		case <-more:
		case <-timer.C:
			return out, false
		case <-ctx.Done():
			return out, false
		}
	}
}

func (r *Remote) claimWork(holder string, e tidings.SpeechEngine) (*work, <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()

	r.lastSeen, r.lastEngine = time.Now(), e
	for i, w := range r.queue {
		if !speaksLanguage(e.Languages, w.opt.Language) {
			continue
		}

		r.queue = append(r.queue[:i], r.queue[i+1:]...)
		w.id, w.holder, w.engine = rand.Text(), holder, e
		r.claimed[w.id] = w
		w.renewLease()
		close(w.claimed)
		return w, nil
	}

	return nil, r.queueGrown
}

// findWork is the work that a worker holds; KindGone when it does not hold it
// any more.
func (r *Remote) findWork(holder, id string) (*work, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lastSeen = time.Now()
	w := r.claimed[id]
	if w == nil || w.holder != holder {
		return nil, tidings.Errorf(tidings.KindGone, "This work is not yours, or no longer.")
	}
	w.renewLease()
	return w, nil
}

// Renew keeps work for another lease.
func (r *Remote) Renew(holder, id string) error {
	_, err := r.findWork(holder, id)
	return err
}

// Audio writes the sound of work to out, once. An error on either side ends the
// work.
func (r *Remote) Audio(ctx context.Context, holder, id string, out io.Writer) error {
	w, err := r.findWork(holder, id)
	if err != nil {
		return err
	}
	return w.streamAudio(ctx, out)
}

// Segments takes transcript segments, in time order. KindInvalid, and none is
// taken, when one is impossible: times that go back or exceed the sound that was
// sent, too much text, no text.
func (r *Remote) Segments(ctx context.Context, holder, id string, segs []tidings.TranscriptSegment) error {
	w, err := r.findWork(holder, id)
	if err != nil {
		return err
	}
	return w.takeSegments(ctx, segs)
}

// Done completes work, with the number of words in each language. KindConflict
// before all sound was sent.
func (r *Remote) Done(holder, id string, languages map[string]int) error {
	w, err := r.findWork(holder, id)
	if err != nil {
		return err
	}
	return w.completeWork(languages)
}

// Fail gives work back for another worker. broken says that the sound cannot be
// decoded, by any worker.
func (r *Remote) Fail(holder, id string, broken bool) error {
	w, err := r.findWork(holder, id)
	if err != nil {
		return err
	}
	if broken {
		w.finishWithError(tidings.Errorf(tidings.KindUnsupported, "The sound of the clip cannot be understood by the speech engine."))
	} else {
		w.finishWithError(lostWorkError())
	}
	return nil
}

func lostWorkError() error {
	return tidings.Errorf(tidings.KindUnavailable, "The worker that had the clip is gone.")
}

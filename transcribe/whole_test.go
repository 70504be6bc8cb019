package transcribe_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"reflect"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"tidings.example/tidings/media"
	"tidings.example/tidings/sqlite"
	"tidings.example/tidings/tidings"
	"tidings.example/tidings/transcribe"
	"tidings.example/tidings/transcribe/captions"
	"tidings.example/tidings/transcribe/enginetest"
)

// shown is all that is made of a clip's transcript: what people read, the
// captions, and what is searched.
type shown struct {
	transcript          tidings.Transcript
	vtt, srt, txt, json string
	passages            []tidings.TranscriptSegment
	language            string
}

func (w *world) shown() (s shown) {
	w.t.Helper()
	s.transcript, _ = w.transcript()
	doc, err := w.Document(context.Background(), w.clip)
	if err != nil {
		w.t.Fatal(err)
	}
	t := s.transcript
	s.vtt, s.srt, s.txt, s.json = string(captions.VTT(t)), string(captions.SRT(t)), string(captions.TXT(t)), string(captions.JSON(t))
	s.passages, s.language = doc.Transcript, doc.Language
	return s
}

// fault is what befalls an engine in the middle of a clip.
type fault struct {
	t      *testing.T
	w      *world
	cancel context.CancelFunc
}

// midway is an engine to which something happens once it has said something.
type midway struct {
	transcribe.Engine
	then func() error // nil = it comes by itself
	said atomic.Int32 // utterances
	see  func()
}

// Name implements transcribe.Engine.
func (*midway) Name() string { return "faulty" }

// Transcribe implements transcribe.Engine.
func (m *midway) Transcribe(ctx context.Context, pcm io.Reader, opt transcribe.Options, sink func(tidings.TranscriptSegment) error) error {
	if opt.Detected == nil {
		opt.Detected = func(string, int) {}
	}
	return m.Engine.Transcribe(ctx, pcm, opt, func(seg tidings.TranscriptSegment) error {
		if err := sink(seg); err != nil {
			return err
		}
		if m.see(); m.said.Add(1) == 1 && m.then != nil {
			return m.then()
		}
		return nil
	})
}

// script3 says three things.
func script3() *enginetest.Scripted {
	return &enginetest.Scripted{Says: []tidings.TranscriptSegment{segment(0, "half"), segment(1000, "a"), segment(2000, "truth")}, Can: transcribe.Caps{Punctuation: true}}
}

// overHTTP is a server that hears the first piece and then has a fault.
func overHTTP(f fault, then http.HandlerFunc) *midway {
	var calls atomic.Int32
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, _, err := readForm(r); err != nil {
			f.t.Error(err)
		}

		if calls.Add(1) > 1 {
			then(w, r)
			return
		}

		io.WriteString(w, `{"text":"half","language":"english","duration":20,"segments":[{"start":0.5,"end":2,"text":" half"}],"words":[{"word":"half","start":0.5,"end":2}]}`)
	}))
	f.t.Cleanup(s.Close)
	e, err := transcribe.NewOpenAI(transcribe.OpenAIConfig{URL: s.URL + "/v1", Detector: detector(f.t), Pause: time.Millisecond, Timeout: 500 * time.Millisecond, Patience: 3 * time.Second})
	if err != nil {
		f.t.Fatal(err)
	}

	return &midway{Engine: e}
}

// elsewhere is a worker that says something after a second and is then lost.
func elsewhere(f fault, lose func(r *transcribe.Remote, id string) error) *midway {
	r := transcribe.NewRemote(transcribe.RemoteConfig{Wait: time.Minute})
	go func() {
		if work, ok := r.Claim(f.t.Context(), "me", tidings.SpeechEngine{Name: "e", Model: "m"}, time.Minute); ok {
			r.Audio(f.t.Context(), "me", work.ID, &listener{f, r, work.ID, lose, 0})
		}
	}()
	return &midway{Engine: r}
}

// listener is where a worker hears its sound.
type listener struct {
	fault
	r    *transcribe.Remote
	id   string
	lose func(r *transcribe.Remote, id string) error
	n    int
}

// Write implements io.Writer.
func (l *listener) Write(p []byte) (int, error) {
	before := l.n
	l.n += len(p)
	if second := 2 * transcribe.Rate; before <= second && l.n > second {
		if err := l.r.Segments(l.t.Context(), "me", l.id, []tidings.TranscriptSegment{segment(0, "half")}); err != nil {
			l.t.Error(err)
		}
		return len(p), l.lose(l.r, l.id)
	}
	return len(p), nil
}

// faults are all that can happen to an engine and to what it writes.
var faults = map[string]func(f fault) *midway{
	"engine process killed": func(f fault) *midway {
		e, pid := tracked(f.t)
		return &midway{Engine: e, then: func() error { return syscall.Kill(pid(), syscall.SIGKILL) }}
	},
	"server says 500": func(f fault) *midway {
		return overHTTP(f, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) })
	},
	"server says 429": func(f fault) *midway {
		return overHTTP(f, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "3600")
			w.WriteHeader(http.StatusTooManyRequests)
		})
	},
	"server is slow": func(f fault) *midway {
		return overHTTP(f, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	},
	"server is garbled": func(f fault) *midway {
		return overHTTP(f, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{"text":"hal`) })
	},
	"server hangs up": func(f fault) *midway {
		return overHTTP(f, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	},
	"program killed": func(f fault) *midway {
		return &midway{Engine: program(f.t, []string{script(f.t, f.t.TempDir(), `printf '{"text":"half"}'; kill -KILL $$`), "{wav}"})}
	},
	"worker gives up": func(f fault) *midway {
		return elsewhere(f, func(r *transcribe.Remote, id string) error { return r.Fail("me", id, false) })
	},
	"worker is lost": func(f fault) *midway {
		return elsewhere(f, func(*transcribe.Remote, string) error { return syscall.ECONNRESET })
	},
	"disk full": func(f fault) *midway {
		f.w.fill(true)
		return &midway{Engine: script3()}
	},
	"cancelled": func(f fault) *midway {
		return &midway{Engine: script3(), then: func() error { f.cancel(); return nil }}
	},
	"our process killed": func(f fault) *midway {
		return &midway{Engine: script3(), then: func() error { panic("killed") }}
	},
	"another engine asked": func(f fault) *midway {
		return &midway{Engine: script3(), then: func() error { f.w.again(tidings.TranscriptRequest{Engine: "second"}); return nil }}
	},
}

// fill lets the disk be full from the second utterance of a transcript on, in
// the middle of the transaction that writes it, or not any more.
func (w *world) fill(full bool) {
	w.t.Helper()
	db, err := sqlite.Open("file:" + filepath.Join(w.dir, "tidings.db"))
	if err != nil {
		w.t.Fatal(err)
	}
	defer db.Close()

	change := "DROP TRIGGER IF EXISTS full"
	if full {
		change = "CREATE TRIGGER full BEFORE INSERT ON transcript_segments WHEN NEW.seq > 0 BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
	}

	if _, err := db.ExecContext(context.Background(), change); err != nil {
		w.t.Fatal(err)
	}
}

// TestOldOrNew: whatever happens while a transcript is written again, people
// read, watch and search the old one, whole; the next run gives the new one,
// whole, and nothing of the old.
func TestOldOrNew(t *testing.T) {
	t.Parallel()
	long := webm(t, samples(t, "two_cities.wav")[:36*2*transcribe.Rate]) // two pieces for a server
	short := webm(t, samples(t, "lj050-0131.wav"))
	for name, befall := range faults {
		for _, asked := range []bool{false, true} {
			t.Run(map[bool]string{false: name + " while a draft is refined", true: name + " when asked again"}[asked], func(t *testing.T) {
				t.Parallel()
				said := short
				if strings.HasPrefix(name, "server") || strings.HasPrefix(name, "engine") {
					said = long
				}
				oldOrNew(t, said, befall, asked)
			})
		}
	}
}

func oldOrNew(t *testing.T, said []byte, befall func(fault) *midway, asked bool) {
	w := newWorld(t)
	w.source = whole(said)
	first := &drafter{&better{Scripted: enginetest.Scripted{Says: []tidings.TranscriptSegment{segment(0, "old"), segment(1000, "words")}}}}
	second := says("second", "new", nil)
	config := transcribe.Config{Rows: w, Source: w, PCM: w.media.PCM, Engine: first, Others: []transcribe.Engine{second}, NoAudio: func(err error) bool { return errors.Is(err, media.ErrNoAudio) }}
	if err := transcribe.New(config).Transcribe(t.Context(), w.lease()); err != nil {
		t.Fatal(err)
	}

	old := w.shown()
	if enginetest.Text(old.passages) != "old words" || !strings.Contains(old.vtt, "words") {
		t.Fatalf("%+v", old)
	}

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()

	faulty := befall(fault{t, w, cancel})
	same := func() {
		if now := w.shown(); !reflect.DeepEqual(now, old) {
			t.Errorf("%+v\nis shown in place of\n%+v", now, old)
		}
	}
	faulty.see = same
	config.Others = append(config.Others, faulty)
	var run tidings.StepRun
	if asked {
		run = w.again(tidings.TranscriptRequest{Engine: "faulty"})
	} else {
		config.Routes = []transcribe.Route{{Engines: []string{"faulty"}}}
		w.clock.pass(2 * tidings.LeaseTTL)
		run = w.lease()
	}

	if err := dies(func() error { return transcribe.New(config).Transcribe(ctx, run) }); err == nil {
		t.Error("no error")
	}

	same()
	w.fill(false)
	w.clock.pass(2 * tidings.LeaseTTL)
	if err := transcribe.New(config).Transcribe(t.Context(), w.again(tidings.TranscriptRequest{Engine: "second"})); err != nil {
		t.Fatal(err)
	}

	now := w.shown()
	if enginetest.Text(now.passages) != "new" || enginetest.Text(now.transcript.Segments) != "new" || now.transcript.Engine != "second" || now.transcript.Draft {
		t.Errorf("afterwards: %+v", now)
	}

	for _, text := range []string{now.vtt, now.srt, now.txt, now.json} {
		if text = strings.ToLower(text); !strings.Contains(text, "new") || strings.Contains(text, "old") || strings.Contains(text, "half") {
			t.Errorf("afterwards: %s", text)
		}
	}
}

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
	"tidings.example/tidings/store/storetest"
	"tidings.example/tidings/tidings"
	"tidings.example/tidings/transcribe"
	"tidings.example/tidings/transcribe/captions"
	"tidings.example/tidings/transcribe/enginetest"
)

// shownTranscript is everything derived from a clip's transcript: the text, the
// captions, and the search index.
type shownTranscript struct {
	transcript          tidings.Transcript
	vtt, srt, txt, json string
	passages            []tidings.TranscriptSegment
	language            string
}

func (w *fixture) readShown() (s shownTranscript) {
	w.t.Helper()
	s.transcript, _ = w.currentTranscript()
	doc, err := w.Document(context.Background(), w.clip)
	if err != nil {
		w.t.Fatal(err)
	}
	t := s.transcript
	s.vtt, s.srt, s.txt, s.json = string(captions.VTT(t)), string(captions.SRT(t)), string(captions.TXT(t)), string(captions.JSON(t))
	s.passages, s.language = doc.Transcript, doc.Language
	return s
}

// engineFault is what happens to an engine in the middle of a clip.
type engineFault struct {
	t      *testing.T
	w      *fixture
	cancel context.CancelFunc
}

// faultyEngine is an engine with a fault after its first utterance.
type faultyEngine struct {
	transcribe.Engine
	then       func() error // nil = without the help of the test
	utterances atomic.Int32 // utterances
	see        func()
}

// Name implements transcribe.Engine.
func (*faultyEngine) Name() string { return "faulty" }

// Transcribe implements transcribe.Engine.
func (m *faultyEngine) Transcribe(ctx context.Context, pcm io.Reader, opt transcribe.Options, sink func(tidings.TranscriptSegment) error) error {
	if opt.OnLanguage == nil {
		opt.OnLanguage = func(string, int) {}
	}
	return m.Engine.Transcribe(ctx, pcm, opt, func(seg tidings.TranscriptSegment) error {
		if err := sink(seg); err != nil {
			return err
		}
		if m.see(); m.utterances.Add(1) == 1 && m.then != nil {
			return m.then()
		}
		return nil
	})
}

// threeUtterances is an engine that emits three utterances.
func threeUtterances() *enginetest.Scripted {
	return &enginetest.Scripted{Segments: []tidings.TranscriptSegment{oneWordSegment(0, "half"), oneWordSegment(1000, "a"), oneWordSegment(2000, "truth")}, Capabilities: transcribe.Caps{Punctuation: true}}
}

// faultyHTTPEngine is a server that transcribes the first piece and then has a
// fault.
func faultyHTTPEngine(f engineFault, then http.HandlerFunc) *faultyEngine {
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
	e, err := transcribe.NewOpenAI(transcribe.OpenAIConfig{URL: s.URL + "/v1", Detector: requireDetector(f.t), Pause: time.Millisecond, Timeout: 500 * time.Millisecond, MaxWait: 3 * time.Second})
	if err != nil {
		f.t.Fatal(err)
	}

	return &faultyEngine{Engine: e}
}

// lostWorkerEngine is a worker that is lost after its first words.
func lostWorkerEngine(f engineFault, lose func(r *transcribe.Remote, id string) error) *faultyEngine {
	r := transcribe.NewRemote(transcribe.RemoteConfig{Wait: time.Minute})
	go func() {
		if work, ok := r.Claim(f.t.Context(), "me", tidings.SpeechEngine{Name: "e", Model: "m"}, time.Minute); ok {
			r.Audio(f.t.Context(), "me", work.ID, &audioListener{f, r, work.ID, lose, 0})
		}
	}()
	return &faultyEngine{Engine: r}
}

// audioListener is where a worker reads its sound.
type audioListener struct {
	engineFault
	r    *transcribe.Remote
	id   string
	lose func(r *transcribe.Remote, id string) error
	n    int
}

// Write implements io.Writer.
func (l *audioListener) Write(p []byte) (int, error) {
	before := l.n
	l.n += len(p)
	if second := 2 * transcribe.Rate; before <= second && l.n > second {
		if err := l.r.Segments(l.t.Context(), "me", l.id, []tidings.TranscriptSegment{oneWordSegment(0, "half")}); err != nil {
			l.t.Error(err)
		}
		return len(p), l.lose(l.r, l.id)
	}
	return len(p), nil
}

// faults are all faults of an engine and of what it writes to.
var faults = map[string]func(f engineFault) *faultyEngine{
	"engine process killed": func(f engineFault) *faultyEngine {
		e, pid := trackedEngine(f.t)
		return &faultyEngine{Engine: e, then: func() error { return syscall.Kill(pid(), syscall.SIGKILL) }}
	},
	"server says 500": func(f engineFault) *faultyEngine {
		return faultyHTTPEngine(f, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) })
	},
	"server says 429": func(f engineFault) *faultyEngine {
		return faultyHTTPEngine(f, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "3600")
			w.WriteHeader(http.StatusTooManyRequests)
		})
	},
	"server is slow": func(f engineFault) *faultyEngine {
		return faultyHTTPEngine(f, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	},
	"server is garbled": func(f engineFault) *faultyEngine {
		return faultyHTTPEngine(f, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{"text":"hal`) })
	},
	"server hangs up": func(f engineFault) *faultyEngine {
		return faultyHTTPEngine(f, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	},
	"program killed": func(f engineFault) *faultyEngine {
		return &faultyEngine{Engine: newTestCommand(f.t, []string{writeScript(f.t, f.t.TempDir(), `printf '{"text":"half"}'; kill -KILL $$`), "{wav}"})}
	},
	"worker gives up": func(f engineFault) *faultyEngine {
		return lostWorkerEngine(f, func(r *transcribe.Remote, id string) error { return r.Fail("me", id, false) })
	},
	"worker is lost": func(f engineFault) *faultyEngine {
		return lostWorkerEngine(f, func(*transcribe.Remote, string) error { return syscall.ECONNRESET })
	},
	"disk full": func(f engineFault) *faultyEngine {
		f.w.fillDisk(true)
		return &faultyEngine{Engine: threeUtterances()}
	},
	"cancelled": func(f engineFault) *faultyEngine {
		return &faultyEngine{Engine: threeUtterances(), then: func() error { f.cancel(); return nil }}
	},
	"our process killed": func(f engineFault) *faultyEngine {
		return &faultyEngine{Engine: threeUtterances(), then: func() error { panic("killed") }}
	},
	"another engine asked": func(f engineFault) *faultyEngine {
		return &faultyEngine{Engine: threeUtterances(), then: func() error { f.w.requestAgain(tidings.TranscriptRequest{Engine: "second"}); return nil }}
	},
}

// fillDisk makes the disk full from the second utterance of a transcript on, in
// the middle of the transaction that writes it, or undoes that.
func (w *fixture) fillDisk(full bool) {
	w.t.Helper()
	if storetest.OnPostgres() {
		w.fillPostgres(full)
		return
	}

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

// fillPostgres is fillDisk on PostgreSQL.
func (w *fixture) fillPostgres(full bool) {
	w.t.Helper()
	change := `DROP TRIGGER IF EXISTS full_disk ON transcript_segments`
	if full {
		change = `CREATE OR REPLACE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no space left'' USING ERRCODE = ''disk_full''; END';
			CREATE TRIGGER full_disk BEFORE INSERT ON transcript_segments FOR EACH ROW WHEN (NEW.seq > 0) EXECUTE FUNCTION full_disk()`
	}
	if _, err := w.DB().Exec(change); err != nil {
		w.t.Fatal(err)
	}
}

// TestOldOrNew: whatever happens during the replacement of a transcript, users
// read, watch and search the complete old one; the next run gives the complete
// new one, and nothing of the old remains.
func TestOldOrNew(t *testing.T) {
	t.Parallel()
	long := encodeWebM(t, readSamples(t, "two_cities.wav")[:36*2*transcribe.Rate]) // two pieces for a server
	short := encodeWebM(t, readSamples(t, "lj050-0131.wav"))
	for name, befall := range faults {
		for _, asked := range []bool{false, true} {
			t.Run(map[bool]string{false: name + " while a draft is refined", true: name + " when asked again"}[asked], func(t *testing.T) {
				t.Parallel()
				said := short
				if strings.HasPrefix(name, "server") || strings.HasPrefix(name, "engine") {
					said = long
				}
				checkOldOrNew(t, said, befall, asked)
			})
		}
	}
}

func checkOldOrNew(t *testing.T, said []byte, befall func(engineFault) *faultyEngine, asked bool) {
	w := newFixture(t)
	w.source = endedSource(said)
	first := &draftEngine{&betterEngine{Scripted: enginetest.Scripted{Segments: []tidings.TranscriptSegment{oneWordSegment(0, "old"), oneWordSegment(1000, "words")}}}}
	second := newNamedEngine("second", "new", nil)
	config := transcribe.Config{Rows: w, Pieces: w, Source: w, PCM: w.media.PCM, Engine: first, Others: []transcribe.Engine{second}, NoAudio: func(err error) bool { return errors.Is(err, media.ErrNoAudio) }}
	if err := transcribe.New(config).Transcribe(t.Context(), w.leaseStep()); err != nil {
		t.Fatal(err)
	}

	old := w.readShown()
	if enginetest.Text(old.passages) != "old words" || !strings.Contains(old.vtt, "words") {
		t.Fatalf("%+v", old)
	}

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()

	faulty := befall(engineFault{t, w, cancel})
	same := func() {
		if now := w.readShown(); !reflect.DeepEqual(now, old) {
			t.Errorf("%+v\nis shown in place of\n%+v", now, old)
		}
	}
	faulty.see = same
	config.Others = append(config.Others, faulty)
	var run tidings.StepRun
	if asked {
		run = w.requestAgain(tidings.TranscriptRequest{Engine: "faulty"})
	} else {
		config.Routes = []transcribe.Route{{Engines: []string{"faulty"}}}
		w.clock.advance(2 * tidings.LeaseTTL)
		run = w.leaseStep()
	}

	if err := simulateDeath(func() error { return transcribe.New(config).Transcribe(ctx, run) }); err == nil {
		t.Error("no error")
	}

	same()
	w.fillDisk(false)
	w.clock.advance(2 * tidings.LeaseTTL)
	if err := transcribe.New(config).Transcribe(t.Context(), w.requestAgain(tidings.TranscriptRequest{Engine: "second"})); err != nil {
		t.Fatal(err)
	}

	now := w.readShown()
	if enginetest.Text(now.passages) != "new" || enginetest.Text(now.transcript.Segments) != "new" || now.transcript.Engine != "second" || now.transcript.Draft {
		t.Errorf("afterwards: %+v", now)
	}

	for _, text := range []string{now.vtt, now.srt, now.txt, now.json} {
		if text = strings.ToLower(text); !strings.Contains(text, "new") || strings.Contains(text, "old") || strings.Contains(text, "half") {
			t.Errorf("afterwards: %s", text)
		}
	}
}

package tidings

import (
	"errors"
	"testing"
	"time"
)

// uploadStates are the states an upload can be in, each with 10 durable bytes
// and the fence 3.
func uploadStates() map[string]Upload {
	sealed := time.Unix(1, 0)
	states := map[string]Upload{
		"deferred":    {},
		"announced":   {Length: new(int64(20))},
		"filled":      {Length: new(int64(10))},
		"sealed":      {Length: new(int64(10)), SealedAt: &sealed},
		"ended early": {Length: new(int64(10)), SealedAt: &sealed, EndedEarly: true},
		"aborted":     {SealedAt: &sealed, Aborted: true},
	}
	for name, u := range states {
		u.Offset, u.Fence = 10, 3
		states[name] = u
	}
	return states
}

// TestUploadRules holds every rule to its answer in every state, in the order
// of the columns.
func TestUploadRules(t *testing.T) {
	rules := []struct {
		name  string
		check func(u Upload) error
		want  map[string]Kind // by state; "" = allowed
	}{
		{"append", func(u Upload) error { return u.CheckAppend(10) },
			map[string]Kind{"sealed": KindGone, "ended early": KindGone, "aborted": KindGone}},
		{"append elsewhere", func(u Upload) error { return u.CheckAppend(9) },
			map[string]Kind{"deferred": KindConflict, "announced": KindConflict, "filled": KindConflict, "sealed": KindGone, "ended early": KindGone, "aborted": KindGone}},
		{"newest fence", func(u Upload) error { return u.CheckFence(3) },
			map[string]Kind{"sealed": KindGone, "ended early": KindGone, "aborted": KindGone}},
		{"older fence", func(u Upload) error { return u.CheckFence(2) },
			map[string]Kind{"deferred": KindConflict, "announced": KindConflict, "filled": KindConflict, "sealed": KindGone, "ended early": KindGone, "aborted": KindGone}},
		{"resume", Upload.CheckResume, map[string]Kind{"ended early": KindGone, "aborted": KindGone}},
		{"read", Upload.CheckReadable, map[string]Kind{"aborted": KindGone}},
		{"compact", Upload.CheckSealed,
			map[string]Kind{"deferred": KindNotReady, "announced": KindNotReady, "filled": KindNotReady, "aborted": KindGone}},
		{"terminate", Upload.CheckTerminate, map[string]Kind{"sealed": KindGone, "ended early": KindGone}},
		{"continue", func(u Upload) error { return u.CheckContinue(time.Unix(60, 0)) },
			map[string]Kind{"deferred": KindConflict, "announced": KindConflict, "filled": KindConflict, "ended early": KindConflict, "aborted": KindGone}},
		{"continue too late", func(u Upload) error { return u.CheckContinue(time.Unix(2, 0).Add(ContinueWithin)) },
			map[string]Kind{"deferred": KindConflict, "announced": KindConflict, "filled": KindConflict, "sealed": KindGone, "ended early": KindConflict, "aborted": KindGone}},
		{"continue nothing", func(u Upload) error { u.Offset = 0; return u.CheckContinue(time.Unix(60, 0)) },
			map[string]Kind{"deferred": KindConflict, "announced": KindConflict, "filled": KindConflict, "sealed": KindConflict, "ended early": KindConflict, "aborted": KindGone}},
		{"length as it is", func(u Upload) error { return u.CheckLength(10) },
			map[string]Kind{"announced": KindConflict, "aborted": KindGone}},
		{"greater length", func(u Upload) error { return u.CheckLength(11) },
			map[string]Kind{"announced": KindConflict, "filled": KindConflict, "sealed": KindGone, "ended early": KindGone, "aborted": KindGone}},
		{"length below the offset", func(u Upload) error { return u.CheckLength(9) },
			map[string]Kind{"deferred": KindInvalid, "announced": KindConflict, "filled": KindConflict, "sealed": KindGone, "ended early": KindGone, "aborted": KindGone}},
	}

	for _, rule := range rules {
		for state, u := range uploadStates() {
			if got := KindOf(rule.check(u)); got != rule.want[state] {
				t.Errorf("%s, %s upload: kind %q, want %q", rule.name, state, got, rule.want[state])
			}
		}
	}

	for state, u := range uploadStates() {
		if u.Filled() != (state == "filled") {
			t.Errorf("Filled of an upload that is %s: %v", state, u.Filled())
		}
	}
}

// TestUploadSentences holds what clients are shown of an upload that has ended.
func TestUploadSentences(t *testing.T) {
	states := uploadStates()
	for state, want := range map[string]string{
		"sealed": "The upload is complete.", "ended early": "The upload has ended.", "aborted": "The upload was ended by its owner.",
	} {
		if got := Sentence(states[state].CheckOpen()); got != want {
			t.Errorf("%s: %q, want %q", state, got, want)
		}
	}

	if got := Sentence(states["announced"].CheckAppend(0)); got != "The upload stands at byte 10." {
		t.Errorf("%q", got)
	}
	if cause := errors.New("x"); !errors.Is(UploadTakenOver(cause), cause) || KindOf(UploadTakenOver(nil)) != KindConflict {
		t.Errorf("%v, %v", UploadTakenOver(cause), UploadTakenOver(nil))
	}
}

func TestUploadLimits(t *testing.T) {
	limits := UploadLimits{MaxBytes: 100, Quota: 150}
	for n, want := range map[int64]Kind{-1: KindInvalid, 0: "", 100: "", 101: KindTooLarge} {
		if got := KindOf(limits.CheckLength(n)); got != want {
			t.Errorf("length %d: kind %q, want %q", n, got, want)
		}
	}

	for _, c := range []struct {
		used, n int64
		limits  UploadLimits
		want    Kind
	}{{149, 1, limits, ""}, {150, 1, limits, KindQuota}, {150, 0, limits, ""}, {1000, 1000, UploadLimits{MaxBytes: 1}, ""}} {
		if got := KindOf(c.limits.CheckQuota(c.used, c.n)); got != c.want {
			t.Errorf("%d more bytes beside %d: kind %q, want %q", c.n, c.used, got, c.want)
		}
	}

	for used, want := range map[int64]Kind{149: "", 150: KindQuota} {
		if got := KindOf(limits.CheckContinue(Upload{Offset: 40, Length: new(int64(40))}, used)); got != want {
			t.Errorf("continue beside %d: kind %q, want %q", used, got, want)
		}
	}
	if got := KindOf(limits.CheckContinue(Upload{Offset: 100}, 100)); got != KindTooLarge {
		t.Errorf("continue at the largest size: kind %q", got)
	}

	for _, c := range []struct {
		name     string
		u        Upload
		used     int64
		want     int64
		tooLarge Kind
	}{
		{"nothing yet", Upload{}, 0, 100, KindTooLarge},
		{"some bytes", Upload{Offset: 40}, 40, 60, KindTooLarge},
		{"a full workspace", Upload{Offset: 40}, 140, 10, KindQuota},
		{"an overfull workspace", Upload{Offset: 40}, 160, 0, KindQuota},
		{"a length within the quota", Upload{Offset: 40, Length: new(int64(45))}, 140, 5, KindTooLarge},
		{"a length at the quota", Upload{Offset: 40, Length: new(int64(50))}, 140, 10, KindTooLarge},
		{"a length beyond the quota", Upload{Offset: 40, Length: new(int64(51))}, 140, 10, KindQuota},
	} {
		if n, err := limits.Remaining(c.u, c.used); n != c.want || KindOf(err) != c.tooLarge {
			t.Errorf("%s: %d bytes remain, then %v; want %d, then kind %q", c.name, n, err, c.want, c.tooLarge)
		}
	}
}

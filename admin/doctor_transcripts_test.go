package admin

import (
	"context"
	"errors"
	"strings"
	"testing"

	"tidings.example/tidings/tidings"
)

// TestCheckTranscripts: doctor names the transcriptions that were given up, why,
// and how to have them tried again.
func TestCheckTranscripts(t *testing.T) {
	failed := []tidings.FailedTranscript{{ClipID: "01A", Reason: "The engine is down."}, {ClipID: "01B", Reason: "No engine."}}
	for name, c := range map[string]struct {
		total int
		some  []tidings.FailedTranscript
		err   error
		want  []string
	}{
		"none":        {0, nil, nil, []string{"none was given up"}},
		"two":         {2, failed, nil, []string{"that of clip 01A was given up: The engine is down.", "that of clip 01B was given up: No engine."}},
		"many":        {9, failed, nil, []string{"clip 01A", "clip 01B", "7 more"}},
		"unreadable":  {0, nil, errors.New("locked"), []string{"cannot be read: locked"}},
		"no database": {0, nil, tidings.NotFound(), nil},
	} {
		out := CheckTranscripts(DataChecks{FailedTranscripts: func(context.Context, int) (int, []tidings.FailedTranscript, error) { return c.total, c.some, c.err }})(t.Context())
		if len(out) != len(c.want) {
			t.Errorf("%s: %+v", name, out)
			continue
		}
		for i, f := range out {
			if !strings.Contains(f.Text, c.want[i]) || c.total > 0 && f.Fix == "" {
				t.Errorf("%s: %+v, want %q", name, f, c.want[i])
			}
		}
	}
}

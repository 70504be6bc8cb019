package admin

import (
	"context"
	"strings"
	"time"

	"tidings.example/tidings/tidings"
)

// CheckSpeechFiles reports how far the files of the default speech engine are.
func CheckSpeechFiles(read func() tidings.FetchState) Check {
	return func(context.Context) []Finding {
		s := read()
		pull := "tidings models pull " + strings.Join(s.Missing, " ")
		switch {
		case !s.Needed:
			return nil
		case len(s.Missing) == 0:
			return reportOK("speech", "everything that better transcripts need is here")
		case !s.Enabled:
			return reportWarning("speech", "Run "+pull+", set --fetch-models, or set --refine none if drafts are enough.",
				"better transcripts need %s, which is not here, and --fetch-models is off", strings.Join(s.Missing, ", "))
		case s.Failure != "":
			return reportWarning("speech", "Run "+pull+" to see more, give --model-mirror an https folder that has the files, or set --refine none if drafts are enough.",
				"better transcripts wait for %s: %s tidings serve tries again at %s", strings.Join(s.Missing, ", "), s.Failure, s.RetryAt.Local().Format(time.DateTime))
		}
		return reportOK("speech", "better transcripts are on their way while tidings serve runs: %s of %s", FormatMegabytes(s.Done), FormatMegabytes(s.Total))
	}
}

package admin

import (
	"context"
	"time"
)

// CheckClock compares our clock with that of an outside server, which refuses
// requests and sign-ins from another time.
func CheckClock(server string, now func() time.Time, serverTime func(ctx context.Context) (time.Time, error)) Check {
	return func(ctx context.Context) []Finding {
		there, err := serverTime(ctx)
		if err != nil {
			return nil // the check of that server says why it does not answer
		}

		ahead := now().Sub(there).Round(time.Second)
		const fix = "Set the clock of the machine that is wrong by a time server (timedatectl set-ntp true; in virtual machines on their host), then run tidings doctor again."
		switch {
		case ahead.Abs() > wrongClock:
			return reportFailure("clock", fix, "this machine's clock is %v %s that of %s", ahead.Abs(), aheadOrBehind(ahead), server)
		case ahead.Abs() > driftingClock:
			return reportWarning("clock", fix, "this machine's clock is %v %s that of %s", ahead.Abs(), aheadOrBehind(ahead), server)
		}

		return reportOK("clock", "as that of %s", server)
	}
}

// Differences of clocks.
const (
	driftingClock = 30 * time.Second // no time server sets the clock
	wrongClock    = 4 * time.Minute  // providers refuse sign-ins from about 5, S3 requests from 15 minutes
)

func aheadOrBehind(d time.Duration) string {
	if d < 0 {
		return "behind"
	}
	return "ahead of"
}

package backup

import (
	"sync"
	"time"

	"tidings.example/tidings/tidings"
)

// reportInterval is the least time between two reports within one tenth of a
// phase.
const reportInterval = 100 * time.Millisecond

// progressCounter adds up the progress of concurrent copies and reports it.
type progressCounter struct {
	report func(tidings.Progress)

	mu         sync.Mutex
	progress   tidings.Progress
	reportedAt time.Time
}

// beginPhase starts a phase.
func (c *progressCounter) beginPhase(phase string, total int64, unit string) {
	c.mu.Lock()
	defer c.mu.Unlock()

	c.progress, c.reportedAt = tidings.Progress{Phase: phase, Total: total, Unit: unit}, time.Now()
	c.report(c.progress)
}

// countFinished counts n more and reports when a tenth is reached or the interval is over.
func (c *progressCounter) countFinished(n int64) {
	c.mu.Lock()
	defer c.mu.Unlock()

	tenth := int(c.progress.Fraction() * 10)
	c.progress.Done = min(c.progress.Done+n, c.progress.Total)
	if now := time.Now(); now.Sub(c.reportedAt) >= reportInterval || int(c.progress.Fraction()*10) != tenth {
		c.reportedAt = now
		c.report(c.progress)
	}
}

// Write counts the bytes of p.
func (c *progressCounter) Write(p []byte) (int, error) {
	c.countFinished(int64(len(p)))
	return len(p), nil
}

package jobs

import (
	"errors"
	"sync"

	"tidings.example/tidings/tidings"
)

// isOutage reports whether a run found something unavailable that it cannot wait
// for by itself.
func isOutage(err error) bool {
	var later *retryLater
	var never *permanentError
	var few *fewTries
	if errors.As(err, &later) || errors.As(err, &never) || errors.As(err, &few) {
		return false
	}
	return tidings.KindOf(err) == tidings.KindUnavailable
}

// outageCounter counts, for each step, the runs in a row that found something
// unavailable. River counts postponed runs of any reason, and a step is postponed
// every few seconds while others have its slot. A new process begins anew.
type outageCounter struct {
	mu   sync.Mutex
	runs map[tidings.StepJob]int
}

// countOutage returns how many runs in a row before this one found something
// unavailable, and counts this one.
func (o *outageCounter) countOutage(step tidings.StepJob, unavailable bool) int {
	o.mu.Lock()
	defer o.mu.Unlock()

	before := o.runs[step]
	if !unavailable {
		delete(o.runs, step)
		return 0
	}

	if o.runs == nil {
		o.runs = map[tidings.StepJob]int{}
	}
	o.runs[step] = before + 1
	return before
}

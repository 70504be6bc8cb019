package tidings

import "time"

// Step is one stage of a clip's life. Each may run twice without harm.
type Step string

// The steps, in the order in which they are shown.
const (
	StepUpload     Step = "upload"
	StepTranscode  Step = "transcode"
	StepTranscribe Step = "transcribe"
	StepIndex      Step = "index"
)

// StepState is where a step stands. docs/steps.md draws the diagram.
type StepState string

// Step states.
const (
	StepWaiting StepState = "waiting"
	StepRunning StepState = "running"
	StepDone    StepState = "done"
	StepFailed  StepState = "failed"
	StepSkipped StepState = "skipped"
)

// StepStatus is a step's state and how far it has come.
type StepStatus struct {
	State    StepState
	Progress float64 // 0–1
	Failure  string  // a sentence for people, when failed
}

// Steps is the standing of all steps of a clip.
type Steps struct{ Upload, Transcode, Transcribe, Index StepStatus }

// CanMove is the transition rule of a step: what may follow what. A step that
// is done, failed or skipped may be set to waiting again (a re-run).
func CanMove(from, to StepState) bool {
	switch from {
	case StepWaiting:
		return to == StepRunning || to == StepSkipped || to == StepFailed
	case StepRunning:
		return to == StepDone || to == StepFailed || to == StepSkipped || to == StepWaiting
	case StepDone, StepFailed, StepSkipped:
		return to == StepWaiting
	}
	return false
}

// ClipStateOf sums the steps up: a clip is recording until its upload ends,
// failed when it cannot be played, ready when it can, whether or not the
// transcript and the index have caught up.
func ClipStateOf(s Steps) ClipState {
	switch {
	case s.Upload.State == StepFailed || s.Transcode.State == StepFailed:
		return ClipFailed
	case s.Upload.State != StepDone:
		return ClipRecording
	case s.Transcode.State == StepDone || s.Transcode.State == StepSkipped:
		return ClipReady
	}
	return ClipProcessing
}

// StepRun is a lease on a step of a clip. Attempt is the fencing token: it is
// taken with the lease, stands in every key and row the run writes, and only
// the current attempt may be adopted.
type StepRun struct {
	ClipID     ID
	Step       Step
	Attempt    int64
	WorkerID   string
	LeaseUntil time.Time
}

// Lease times of a step run: a run that is not renewed for LeaseTTL belongs to
// the next worker.
const (
	LeaseTTL   = 25 * time.Second
	LeaseRenew = 8 * time.Second
)

// StepJob asks the queue to run a step of a clip. It is River's JobArgs by its
// Kind method.
type StepJob struct {
	ClipID ID   `json:"clip_id" river:"unique"`
	Step   Step `json:"step" river:"unique"`
}

// Kind is the stable name of the job in the queue.
func (StepJob) Kind() string { return "step" }

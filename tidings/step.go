package tidings

import "time"

// Step is a stage of processing a clip. Each may run twice without harm.
type Step string

// The steps, in the order in which they are shown.
const (
	StepUpload     Step = "upload"
	StepTranscode  Step = "transcode"
	StepTranscribe Step = "transcribe"
	StepIndex      Step = "index"
)

// StepState is the state of a step; docs/steps.md has the diagram.
type StepState string

// Step states.
const (
	StepWaiting StepState = "waiting"
	StepRunning StepState = "running"
	StepDone    StepState = "done"
	StepFailed  StepState = "failed"
	StepSkipped StepState = "skipped"
)

// StepStatus is a step's state and progress.
type StepStatus struct {
	State    StepState
	Progress float64 // 0–1
	Failure  string  // a sentence for people: why it failed, or what it waits for
}

// HasFailed reports whether the step has been given up: it has no output, or (a
// transcription that is done) only a draft that no engine could refine.
func (s StepStatus) HasFailed() bool {
	return s.State == StepFailed || s.State == StepDone && s.Failure != ""
}

// Steps holds the status of all steps of a clip.
type Steps struct{ Upload, Transcode, Transcribe, Index StepStatus }

// CanMove is the transition rule of a step. One that is done, failed or skipped
// may be set to waiting again (a re-run).
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

// ClipStateOf derives a clip's state: recording until its upload ends, failed
// when it cannot be played, ready when it can, whether or not the transcript and
// the index are done.
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

// ClipFailureOf is why a clip has failed; "" when it has not.
func ClipFailureOf(s Steps) string {
	for _, st := range []StepStatus{s.Upload, s.Transcode} {
		if st.State == StepFailed && st.Failure != "" {
			return st.Failure
		}
	}
	return ""
}

// StepRun is a lease on a step of a clip. Attempt is the fencing token: it is
// taken with the lease and is part of every key and row the run writes, and only
// the output of the current attempt is shown.
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

// StepJob is the queue's job that runs a step of a clip. It implements River's
// JobArgs.
type StepJob struct {
	ClipID ID   `json:"clip_id" river:"unique"`
	Step   Step `json:"step" river:"unique"`
}

// Kind is the stable name of the job in the queue.
func (StepJob) Kind() string { return "step" }

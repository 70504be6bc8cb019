package tidings

import "testing"

func TestCanMove(t *testing.T) {
	all := []StepState{StepWaiting, StepRunning, StepDone, StepFailed, StepSkipped}
	legal := map[[2]StepState]bool{
		{StepWaiting, StepRunning}: true, {StepWaiting, StepSkipped}: true, {StepWaiting, StepFailed}: true,
		{StepRunning, StepDone}: true, {StepRunning, StepFailed}: true, {StepRunning, StepSkipped}: true, {StepRunning, StepWaiting}: true,
		{StepDone, StepWaiting}: true, {StepFailed, StepWaiting}: true, {StepSkipped, StepWaiting}: true,
	}
	for _, from := range all {
		for _, to := range all {
			if got := CanMove(from, to); got != legal[[2]StepState{from, to}] {
				t.Errorf("CanMove(%s, %s) = %v", from, to, got)
			}
		}
	}

	if CanMove("", StepRunning) || CanMove("odd", StepWaiting) {
		t.Error("an unknown state may move")
	}
}

func TestClipStateOf(t *testing.T) {
	for _, c := range []struct {
		upload, transcode, transcribe StepState
		want                          ClipState
	}{
		{StepRunning, StepWaiting, StepWaiting, ClipRecording},
		{StepWaiting, StepWaiting, StepWaiting, ClipRecording},
		{StepRunning, StepRunning, StepRunning, ClipRecording},
		{StepDone, StepRunning, StepRunning, ClipProcessing},
		{StepDone, StepWaiting, StepDone, ClipProcessing},
		{StepDone, StepDone, StepRunning, ClipReady},
		{StepDone, StepDone, StepFailed, ClipReady},
		{StepDone, StepFailed, StepDone, ClipFailed},
		{StepRunning, StepFailed, StepWaiting, ClipFailed},
		{StepFailed, StepSkipped, StepSkipped, ClipFailed},
	} {
		s := Steps{Upload: StepStatus{State: c.upload}, Transcode: StepStatus{State: c.transcode}, Transcribe: StepStatus{State: c.transcribe}}
		if got := ClipStateOf(s); got != c.want {
			t.Errorf("upload %s, transcode %s, transcribe %s: %s, want %s", c.upload, c.transcode, c.transcribe, got, c.want)
		}
	}
}

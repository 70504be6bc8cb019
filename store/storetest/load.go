package storetest

import (
	"testing"

	"tidings.example/tidings/tidings"
)

// testLoad: waiting steps, clips for the index and due messages are counted.
func testLoad(t *testing.T, w *World) {
	before, err := w.Load(w.ctx)
	w.noError(err)
	equalSlices(t, "queues of an empty database", before.Queues, []tidings.QueueLoad{{Step: tidings.StepTranscode}, {Step: tidings.StepTranscribe}})
	equal(t, "messages due", before.Deliveries[tidings.DeliverPush], 0)

	ben := w.Person("ben", tidings.RoleMember)
	ben.Prefs.Notify = map[string]string{"comment": "inbox,push"}
	_, err = w.UpdateUser(w.ctx, ben)
	w.noError(err)
	w.SetDeliveryChannels(tidings.DeliverPush)
	c := w.NewClip(func(c *tidings.Clip) { c.Author.ID = ben.ID })
	_, err = w.writeComment(c.ID, "", w.Owner, "Good.")
	w.noError(err)
	recorded, _ := w.Recorded()
	w.markJobsRunning(recorded.ID)
	run := w.Take(recorded.ID, tidings.StepTranscode)
	w.noError(w.FinishStep(w.ctx, run, tidings.StepFailed, "No."))

	after, err := w.Load(w.ctx)
	w.noError(err)
	equal(t, "messages due", after.Deliveries[tidings.DeliverPush], 1)
	equal(t, "mails due", after.Deliveries[tidings.DeliverMail], 0)
	equal(t, "clips for the index", after.IndexBacklog, before.IndexBacklog+2)
	equalSlices(t, "queues", after.Queues, []tidings.QueueLoad{{Step: tidings.StepTranscode, Running: 1, Failed: 1}, {Step: tidings.StepTranscribe, Running: 1}})
	if after.Bytes == 0 {
		t.Error("the database has no size")
	}
}

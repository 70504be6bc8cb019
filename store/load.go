package store

import (
	"context"

	"tidings.example/tidings/tidings"
)

// Load is how much work waits in the database. It takes a few counts over
// indexes; callers keep the answer for some seconds.
func (s *database) Load(ctx context.Context) (l tidings.Load, err error) {
	if l.Queues, err = s.queueLoads(ctx); err != nil {
		return l, err
	}

	backlog, err := s.queries().CountOutbox(ctx)
	if err != nil {
		return l, err
	}

	damaged, err := s.queries().CountDamage(ctx)
	if err != nil {
		return l, err
	}

	l.IndexBacklog, l.DamagedObjects = int(backlog), int(damaged)
	if l.Deliveries, err = s.dueByChannel(ctx); err != nil {
		return l, err
	}

	l.WriterWaits, l.WriterWait = s.engine.writerLoad()
	l.Bytes, err = s.engine.databaseBytes(ctx)
	return l, err
}

// queueLoads counts River's jobs, and the steps that have failed: their jobs
// are completed for River.
func (s *database) queueLoads(ctx context.Context) ([]tidings.QueueLoad, error) {
	all := []tidings.QueueLoad{{Step: tidings.StepTranscode}, {Step: tidings.StepTranscribe}}
	of := func(step string) *tidings.QueueLoad {
		for i := range all {
			if string(all[i].Step) == step {
				return &all[i]
			}
		}
		return &tidings.QueueLoad{} // upload and index have no queue
	}

	rows, err := s.engine.readDB().QueryContext(ctx, `SELECT queue, state, count(*) FROM river_job
		WHERE state IN ('available', 'pending', 'retryable', 'running', 'scheduled') GROUP BY queue, state`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()

	for rows.Next() {
		var queue, state string
		var n int
		if err := rows.Scan(&queue, &state, &n); err != nil {
			return nil, err
		}
		if state == "running" {
			of(queue).Running += n
		} else {
			of(queue).Waiting += n
		}
	}

	if err := rows.Err(); err != nil {
		return nil, err
	}

	failed, err := s.queries().CountFailedSteps(ctx)
	for _, r := range failed {
		of(r.Step).Failed += int(r.Failed)
	}

	return all, err
}

// dueByChannel counts the messages that are due.
func (s *database) dueByChannel(ctx context.Context) (map[tidings.DeliveryChannel]int, error) {
	due := map[tidings.DeliveryChannel]int{}
	for _, c := range tidings.DeliveryChannels {
		due[c] = 0
	}

	rows, err := s.queries().CountDueDeliveries(ctx, s.nowMS())
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		due[tidings.DeliveryChannel(r.Channel)] = int(r.Due)
	}

	mails, err := s.queries().CountDueMails(ctx, s.nowMS())
	due[tidings.DeliverMail] += int(mails)

	return due, err
}

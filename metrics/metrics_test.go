package metrics_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"tidings.example/tidings/metrics"
	"tidings.example/tidings/tidings"
)

// database answers a load and counts how often it was asked.
type database struct {
	err   error
	asked int
}

func (d *database) Load(context.Context) (tidings.Load, error) {
	d.asked++
	return tidings.Load{
		Queues:       []tidings.QueueLoad{{Step: tidings.StepTranscode, Waiting: 3, Running: 2, Failed: 1}},
		IndexBacklog: 4, DamagedObjects: 7, Deliveries: map[tidings.DeliveryChannel]int{tidings.DeliverMail: 5},
		Bytes: 6, WriterWaits: 7, WriterWait: 1500 * time.Millisecond,
	}, d.err
}

func text(t *testing.T, m *metrics.Metrics) string {
	t.Helper()
	var b bytes.Buffer
	if err := m.WriteText(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestMetrics(t *testing.T) {
	m, db := metrics.New(), &database{}
	m.AddDatabase(db, slog.New(slog.DiscardHandler))
	m.AddGauge("tidings_event_streams", "Open event streams.", func() float64 { return 9 })
	end := m.NewCounter("transcode", 2).Begin()

	m.ObserveRequest("/clips", 200, 30*time.Millisecond)
	m.ObserveRequest("", 404, time.Millisecond)
	m.AddUploadBytes(20)

	got := text(t, m)
	for _, line := range []string{
		`tidings_jobs{queue="transcode",state="waiting"} 3`, `tidings_jobs{queue="transcode",state="running"} 2`, `tidings_jobs{queue="transcode",state="failed"} 1`,
		"tidings_index_backlog 4", `tidings_deliveries_due{channel="mail"} 5`, "tidings_database_bytes 6", "tidings_damaged_objects 7",
		"tidings_database_writer_waits_total 7", "tidings_database_writer_wait_seconds_total 1.5",
		`tidings_slots{pool="transcode"} 2`, `tidings_slots_busy{pool="transcode"} 1`, "tidings_event_streams 9", "tidings_upload_bytes_total 20",
		`tidings_http_requests_total{route="/clips",code="200"} 1`, `tidings_http_requests_total{route="none",code="404"} 1`,
		`tidings_http_request_seconds_bucket{route="/clips",le="0.025"} 0`, `tidings_http_request_seconds_bucket{route="/clips",le="0.1"} 1`,
	} {
		if !strings.Contains(got, "\n"+line+"\n") {
			t.Errorf("no %s in\n%s", line, got)
		}
	}

	end()
	if got := text(t, m); !strings.Contains(got, "\ntidings_slots_busy{pool=\"transcode\"} 0\n") || db.asked != 1 {
		t.Errorf("the database was asked %d times\n%s", db.asked, got)
	}
}

// TestMetricsWithoutDatabase: other metrics do not need it.
func TestMetricsWithoutDatabase(t *testing.T) {
	var log bytes.Buffer
	m := metrics.New()
	m.AddDatabase(&database{err: errors.New("locked")}, slog.New(slog.NewTextHandler(&log, nil)))
	if got := text(t, m); strings.Contains(got, "tidings_jobs") || !strings.Contains(got, "tidings_goroutines") || !strings.Contains(log.String(), "locked") {
		t.Errorf("%s\n%s", got, log.String())
	}
}

package metrics

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"tidings.example/tidings/tidings"
)

// Database knows how much work waits in it.
type Database interface {
	Load(ctx context.Context) (tidings.Load, error)
}

// A load is kept for loadAge, so that scrapers cost the database one look
// however many they are, and a look may take loadTimeout.
const (
	loadAge     = 3 * time.Second
	loadTimeout = 2 * time.Second
)

// AddDatabase adds the metrics of queues, outboxes and the database. While it
// does not answer they are left out and the error is logged.
func (m *Metrics) AddDatabase(db Database, log *slog.Logger) {
	m.registry.MustRegister(&databaseCollector{db: db, log: log})
}

var (
	jobsDesc       = prometheus.NewDesc("tidings_jobs", "Steps of clips by queue and state: waiting, running, failed.", []string{"queue", "state"}, nil)
	backlogDesc    = prometheus.NewDesc("tidings_index_backlog", "Clips that wait for the search index.", nil, nil)
	deliveriesDesc = prometheus.NewDesc("tidings_deliveries_due", "Messages that are due, by channel.", []string{"channel"}, nil)
	damagedDesc    = prometheus.NewDesc("tidings_damaged_objects", "Stored objects that are known to be damaged.", nil, nil)
	bytesDesc      = prometheus.NewDesc("tidings_database_bytes", "Size of the database files.", nil, nil)
	waitsDesc      = prometheus.NewDesc("tidings_database_writer_waits_total", "Transactions that waited for the writer.", nil, nil)
	waitDesc       = prometheus.NewDesc("tidings_database_writer_wait_seconds_total", "Time transactions waited for the writer.", nil, nil)
)

// databaseCollector reads the load of the database for each scrape.
type databaseCollector struct {
	db  Database
	log *slog.Logger

	mu   sync.Mutex
	load tidings.Load
	at   time.Time // of load; zero = there is none
}

// Describe implements prometheus.Collector.
func (c *databaseCollector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{jobsDesc, backlogDesc, deliveriesDesc, damagedDesc, bytesDesc, waitsDesc, waitDesc} {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (c *databaseCollector) Collect(ch chan<- prometheus.Metric) {
	load, err := c.currentLoad()
	if err != nil {
		c.log.Warn("no metrics of the database", "error", err)
		return
	}

	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	counter := func(d *prometheus.Desc, value float64) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, value)
	}

	for _, q := range load.Queues {
		gauge(jobsDesc, float64(q.Waiting), string(q.Step), "waiting")
		gauge(jobsDesc, float64(q.Running), string(q.Step), "running")
		gauge(jobsDesc, float64(q.Failed), string(q.Step), "failed")
	}
	for channel, n := range load.Deliveries {
		gauge(deliveriesDesc, float64(n), string(channel))
	}

	gauge(backlogDesc, float64(load.IndexBacklog))
	gauge(damagedDesc, float64(load.DamagedObjects))
	gauge(bytesDesc, float64(load.Bytes))
	counter(waitsDesc, float64(load.WriterWaits))
	counter(waitDesc, load.WriterWait.Seconds())
}

// currentLoad is the load of the database, at most loadAge old.
func (c *databaseCollector) currentLoad() (tidings.Load, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.at.IsZero() && time.Since(c.at) < loadAge {
		return c.load, nil
	}

	ctx, cancel := context.WithTimeout(context.Background(), loadTimeout)
	defer cancel()

	load, err := c.db.Load(ctx)
	if err != nil {
		return load, err
	}

	c.load, c.at = load, time.Now()
	return load, nil
}

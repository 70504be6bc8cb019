package metrics

import (
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
)

// AddPool adds the slots of a pool of workers, and how many are busy.
func (m *Metrics) AddPool(name string, read func() (busy, slots int)) {
	labels := prometheus.Labels{"pool": name}
	m.registry.MustRegister(
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "tidings_slots_busy", Help: "Slots at work, by pool.", ConstLabels: labels}, func() float64 {
			busy, _ := read()
			return float64(busy)
		}),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "tidings_slots", Help: "Slots there are, by pool.", ConstLabels: labels}, func() float64 {
			_, slots := read()
			return float64(slots)
		}),
	)
}

// Counter counts the busy slots of a pool that does not count them itself.
type Counter struct{ busy atomic.Int64 }

// NewCounter adds a pool of slots and returns the counter of those at work.
func (m *Metrics) NewCounter(pool string, slots int) *Counter {
	c := new(Counter)
	m.AddPool(pool, func() (int, int) { return int(c.busy.Load()), slots })
	return c
}

// Begin counts one more busy slot until end is called.
func (c *Counter) Begin() (end func()) {
	c.busy.Add(1)
	return func() { c.busy.Add(-1) }
}

package tidings

import "time"

// Load is how much work waits in the database, for metrics.
type Load struct {
	Queues         []QueueLoad
	IndexBacklog   int // clips that wait for the search index
	DamagedObjects int
	Deliveries     map[DeliveryChannel]int // messages that are due

	Bytes       int64         // of the database files
	WriterWaits int64         // transactions that waited for the writer, since the start
	WriterWait  time.Duration // how long they waited in all
}

// QueueLoad is how many steps of a kind wait, run and have failed.
type QueueLoad struct {
	Step                     Step
	Waiting, Running, Failed int
}

package tidings

import "time"

// FetchState is how far the files of the default speech engine are.
type FetchState struct {
	Needed      bool     // clips go to the engine, and it can work on this machine
	Unsuited    bool     // clips go to the engine, and it cannot
	Enabled     bool     // they are downloaded without a request
	Missing     []string // models that are not installed
	Done, Total int64    // bytes of the missing ones
	Failure     string   // a sentence: why the last download failed; "" = it did not
	RetryAt     time.Time
}

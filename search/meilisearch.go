package search

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/meilisearch/meilisearch-go"

	"tidings.example/tidings/tidings"
)

// MeilisearchConfig is the address of a Meilisearch and the timeouts of its
// client.
type MeilisearchConfig struct {
	URL         string        // such as http://localhost:7700
	Key         string        // the master key or an admin key: it manages keys
	Prefix      string        // of the names of indexes and keys, for several installations on one server
	Timeout     time.Duration // of one request; 0 = 10 s
	TaskTimeout time.Duration // how long a change waits to be indexed; 0 = 2 min
	Log         *slog.Logger  // nil = discard
	// Batch is the number of clips changed by one task, which takes the server most
	// of a second for one clip as for a hundred; 0 = 100.
	Batch int
}

// Meilisearch is the engine for many clips and many readers: a Meilisearch
// server, driven through meilisearch-go. The library's own retries send an
// empty body and it has no timeout, so both are switched off and done here.
//
// The configured key is used for versions, keys, indexes and settings only.
// Documents are written with a key that can do nothing else. Every search carries
// a tenant token, valid for a minute and made from a key that may only search,
// that holds the caller's rights.
//
// The server may be down, also at the start: every method then returns
// KindUnavailable, and the first call after its return connects again and applies
// the settings. When the server has lost documents that it had confirmed (it was
// restored from a backup, or emptied), Epoch changes.
type Meilisearch struct {
	cfg  MeilisearchConfig
	log  *slog.Logger
	http *http.Client

	link       atomic.Pointer[meiliLink]
	refused    atomic.Pointer[refusal]
	mu         sync.Mutex
	connecting *connectAttempt // in progress; nil = none

	writeLock chan struct{} // semaphore of one: held while documents change
	pending   int64         // id plus one of a task whose change timed out; 0 = none
	epoch     atomic.Int64
	lastTask  atomic.Int64 // id plus one of the newest task the server has named
	lastWrite atomic.Pointer[tidings.OutboxEntry]

	ctx        context.Context // canceled by Close
	cancel     context.CancelFunc
	background sync.WaitGroup
}

var _ Engine = (*Meilisearch)(nil)

// meiliLink is the connection to a server that has been checked and prepared.
type meiliLink struct {
	admin    meilisearch.ServiceManager // versions, keys, indexes, settings, the list of tasks
	writer   meilisearch.ServiceManager // documents
	searcher meilisearch.Key            // tenant tokens are made from it
}

// connectAttempt is an attempt to connect, shared by all callers that wait for
// it.
type connectAttempt struct {
	done chan struct{}
	link *meiliLink
	err  error
}

// refusal is the error of the last attempt to connect.
type refusal struct {
	err  error
	when time.Time
}

const (
	searchPatience = 5 * time.Second  // a search waits this long for a connection
	refusalHolds   = time.Second      // a failed connection is not retried by searches for this long
	watchEvery     = 15 * time.Second // interval of health checks
)

// OpenMeilisearch checks the settings and returns at once, without a request;
// Ready says whether the server answers.
func OpenMeilisearch(cfg MeilisearchConfig) (*Meilisearch, error) {
	u, err := url.Parse(cfg.URL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, tidings.Errorf(tidings.KindInvalid, "meili-url: %q is not a URL such as http://localhost:7700.", cfg.URL)
	}
	if cfg.Key == "" {
		return nil, tidings.Errorf(tidings.KindInvalid, "meili-key: search with Meilisearch needs its master key or an admin key.")
	}

	if cfg.Timeout <= 0 {
		cfg.Timeout = 10 * time.Second
	}

	if cfg.TaskTimeout <= 0 {
		cfg.TaskTimeout = 2 * time.Minute
	}

	if cfg.Batch <= 0 {
		cfg.Batch = 100
	}

	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}

	cfg.URL = strings.TrimRight(cfg.URL, "/")
	m := &Meilisearch{cfg: cfg, log: cfg.Log, writeLock: make(chan struct{}, 1)}
	m.http = &http.Client{Timeout: cfg.Timeout, Transport: &http.Transport{DialContext: dialPrompt, MaxIdleConnsPerHost: 32, IdleConnTimeout: time.Minute}}
	m.epoch.Store(1)
	m.ctx, m.cancel = context.WithCancel(context.Background())
	m.background.Go(m.watchServer)
	return m, nil
}

// Batch is the number of clips to change at once.
func (m *Meilisearch) Batch() int { return m.cfg.Batch }

// newClient makes a client that sends a key or token.
func (m *Meilisearch) newClient(key string) meilisearch.ServiceManager {
	return meilisearch.New(m.cfg.URL, meilisearch.WithAPIKey(key), meilisearch.WithCustomClient(m.http), meilisearch.DisableRetries())
}

// meiliIndexes are the names of an index of clips and the one of their comments.
type meiliIndexes struct{ clips, comments string }

func (n meiliIndexes) allNames() []string { return []string{n.clips, n.comments} }

// indexNames are the two indexes with a suffix: "" those in use, "_new" those of
// Reset, "_v2" those of Build.
func (m *Meilisearch) indexNames(suffix string) meiliIndexes {
	return meiliIndexes{m.cfg.Prefix + "clips" + suffix, m.cfg.Prefix + "comments" + suffix}
}

func (m *Meilisearch) liveIndexes() meiliIndexes { return m.indexNames("") }

func (m *Meilisearch) clipsIndex() string    { return m.liveIndexes().clips }
func (m *Meilisearch) commentsIndex() string { return m.liveIndexes().comments }
func (m *Meilisearch) passagesIndex() string { return m.cfg.Prefix + "passages" }

// Name implements Engine.
func (m *Meilisearch) Name() string { return "meilisearch" }

// Epoch implements Engine.
func (m *Meilisearch) Epoch() int64 { return m.epoch.Load() }

// Ready implements Engine: the server answers, its version fits, our keys and
// settings are accepted, and it still has what it confirmed.
func (m *Meilisearch) Ready(ctx context.Context) error {
	l, err := m.connectServer(ctx)
	if err != nil {
		return err
	}
	return m.classifyError(ctx, l, m.detectLoss(ctx, l))
}

// Close implements Engine. The documents stay on the server.
func (m *Meilisearch) Close() error {
	m.mu.Lock() // no connection attempt starts from now on
	m.cancel()
	m.mu.Unlock()
	m.background.Wait()
	m.http.CloseIdleConnections()
	return nil
}

// watchServer checks the server at intervals, so that a loss is noticed while
// there are no searches and no changes.
func (m *Meilisearch) watchServer() {
	t := time.NewTicker(watchEvery)
	defer t.Stop()

	down := false
	for {
		select {
		case <-m.ctx.Done():
			return
		case <-t.C:
		}

		err := m.Ready(m.ctx)
		switch {
		case m.ctx.Err() != nil:
			return
		case err != nil && !down:
			m.log.Warn("search is down", "error", err)
		case err == nil && down:
			m.log.Info("search is back")
		}

		down = err != nil
	}
}

// detectLoss begins a new epoch if the server has lost data: its newest task is
// older than one it has named, or the document written last is missing or older.
func (m *Meilisearch) detectLoss(ctx context.Context, l *meiliLink) error {
	known, last := m.lastTask.Load(), m.lastWrite.Load()
	var tasks *meilisearch.TaskResult
	err := m.callRetrying(ctx, func(ctx context.Context) (err error) {
		tasks, err = l.admin.GetTasksWithContext(ctx, &meilisearch.TasksQuery{Limit: 1})
		return err
	})
	if err != nil {
		return err
	}

	newest := int64(0)
	for _, t := range tasks.Results {
		newest = max(newest, t.UID+1)
	}

	if newest < known {
		m.lastTask.CompareAndSwap(known, newest)
		m.startEpoch("its newest task is older than one it had confirmed")
		return nil
	}

	m.lastTask.CompareAndSwap(known, max(known, newest))

	if last == nil {
		return nil
	}

	now, err := m.storedClips(ctx, l, m.liveIndexes(), []tidings.ID{last.ClipID})
	if err == nil && now[last.ClipID].Version < last.Version && m.lastWrite.CompareAndSwap(last, nil) {
		m.startEpoch("a document it had confirmed is not there")
	}

	return err
}

// startEpoch changes the epoch: the Indexer then compares the whole index with
// the rows.
func (m *Meilisearch) startEpoch(why string) {
	m.epoch.Add(1)
	m.log.Warn("the search index is compared with the rows", "why", why)
}

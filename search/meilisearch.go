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

// MeilisearchConfig says where a Meilisearch is and how patient we are with it.
type MeilisearchConfig struct {
	URL         string        // such as http://localhost:7700
	Key         string        // one that may manage keys: the master key or an admin key
	Prefix      string        // of the names of indexes and keys, for several installations on one server
	Timeout     time.Duration // of one request; 0 = 10 s
	TaskTimeout time.Duration // how long a change waits to be indexed; 0 = 2 min
	Log         *slog.Logger  // nil = discard
	// Batch is how many clips are changed by one task, which takes the server most
	// of a second, whether it is about one clip or a hundred; 0 = 100.
	Batch int
}

// Meilisearch is the engine for many clips and many readers: a Meilisearch
// server, driven through meilisearch-go. The library's own retries send an
// empty body and it has no timeout, so both are switched off and done here.
//
// The configured key is used for versions, keys, indexes and settings only.
// Documents are written with a key that can do nothing else, and every search
// carries a tenant token of a minute that holds the caller's rights, made from
// a key that may only search.
//
// The server may be down, also at the start: every method then answers
// KindUnavailable, and the first call after its return finds it again, with
// settings applied. When the server has lost what it had told us was stored (it
// was restored from a backup, or emptied), Epoch changes.
type Meilisearch struct {
	cfg  MeilisearchConfig
	log  *slog.Logger
	http *http.Client

	link       atomic.Pointer[meiliLink]
	refused    atomic.Pointer[refusal]
	mu         sync.Mutex
	connecting *connectAttempt // for the server; nil = nobody looks

	writeLock chan struct{} // holds one: who changes documents
	pending   int64         // a task an earlier change did not wait for; 0 = none
	epoch     atomic.Int64
	lastTask  atomic.Int64 // the newest task we were told of, plus one
	lastWrite atomic.Pointer[tidings.OutboxEntry]

	ctx        context.Context // until Close
	cancel     context.CancelFunc
	background sync.WaitGroup
}

var _ Engine = (*Meilisearch)(nil)

// meiliLink is a server that was found fit to work with.
type meiliLink struct {
	admin    meilisearch.ServiceManager // versions, keys, indexes, settings, the list of tasks
	writer   meilisearch.ServiceManager // documents
	searcher meilisearch.Key            // tenant tokens are made from it
}

// connectAttempt is a look for the server that may be shared by many who wait for it.
type connectAttempt struct {
	done chan struct{}
	link *meiliLink
	err  error
}

// refusal is why the last look for the server failed.
type refusal struct {
	err  error
	when time.Time
}

const (
	searchPatience = 5 * time.Second  // a person waits
	refusalHolds   = time.Second      // searches do not ask a server again that was down just now
	watchEvery     = 15 * time.Second // how often the server is looked at unasked
)

// OpenMeilisearch checks the settings and returns at once; whether the server
// answers is what Ready says.
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

// Batch is how many clips are changed at once.
func (m *Meilisearch) Batch() int { return m.cfg.Batch }

// newClient speaks to the server with a key or a token.
func (m *Meilisearch) newClient(key string) meilisearch.ServiceManager {
	return meilisearch.New(m.cfg.URL, meilisearch.WithAPIKey(key), meilisearch.WithCustomClient(m.http), meilisearch.DisableRetries())
}

// meiliIndexes are the names of two indexes that belong together.
type meiliIndexes struct{ clips, comments string }

func (n meiliIndexes) all() []string { return []string{n.clips, n.comments} }

// indexNames are the two indexes with a suffix: "" those that are searched, "_new"
// what Reset makes, "_v2" what is filled beside them.
func (m *Meilisearch) indexNames(suffix string) meiliIndexes {
	return meiliIndexes{m.cfg.Prefix + "clips" + suffix, m.cfg.Prefix + "comments" + suffix}
}

func (m *Meilisearch) liveIndexes() meiliIndexes { return m.indexNames("") }

func (m *Meilisearch) clipsIndex() string    { return m.liveIndexes().clips }
func (m *Meilisearch) commentsIndex() string { return m.liveIndexes().comments }

// Name implements Engine.
func (m *Meilisearch) Name() string { return "meilisearch" }

// Epoch implements Engine.
func (m *Meilisearch) Epoch() int64 { return m.epoch.Load() }

// Ready implements Engine: the server answers, is of a fit version, takes our
// keys, has our settings, and still has what it said it stored.
func (m *Meilisearch) Ready(ctx context.Context) error {
	l, err := m.connectServer(ctx)
	if err != nil {
		return err
	}
	return m.classifyError(ctx, l, m.detectLoss(ctx, l))
}

// Close implements Engine. The documents stay on the server.
func (m *Meilisearch) Close() error {
	m.mu.Lock() // nobody begins to look now
	m.cancel()
	m.mu.Unlock()
	m.background.Wait()
	m.http.CloseIdleConnections()
	return nil
}

// watchServer looks at the server now and then, so that a loss is noticed although
// nobody searches and nothing changes.
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

// detectLoss notices a server that has lost what it had: its newest task is older
// than one we know, or the document written last is not there as it was.
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
		m.beginEpoch("its newest task is older than one it had confirmed")
		return nil
	}

	m.lastTask.CompareAndSwap(known, max(known, newest))

	if last == nil {
		return nil
	}

	now, err := m.storedClips(ctx, l, m.liveIndexes(), []tidings.ID{last.ClipID})
	if err == nil && now[last.ClipID].Version < last.Version && m.lastWrite.CompareAndSwap(last, nil) {
		m.beginEpoch("a document it had confirmed is not there")
	}

	return err
}

// beginEpoch begins a new epoch: whoever sees it compares everything.
func (m *Meilisearch) beginEpoch(why string) {
	m.epoch.Add(1)
	m.log.Warn("the search index is compared with the rows", "why", why)
}

package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// The mark is a small file beside the database. It says whether the database is
// in use, so that a write-ahead log that somebody removed after a crash is
// noticed, and how far its rows were, so that rows that are missing are.
const (
	markFile = "tidings.mark"
	lossFile = "tidings.loss"
)

// mark is the content of the file.
type mark struct {
	InUse bool      `json:"in_use"` // the write-ahead log is there and not empty
	Jobs  int64     `json:"jobs"`   // number of the newest job: it never goes back
	At    time.Time `json:"at"`
}

// Loss is what a start found to be missing of the database.
type Loss struct {
	Text string    `json:"text"`
	At   time.Time `json:"at"`
}

func (l Loss) Error() string { return l.Text }

// ReadLoss is what an earlier start of a data folder found to be missing; nil =
// nothing. It is kept until an operator removes its file.
func ReadLoss(dir string) (*Loss, error) {
	var l Loss
	if ok, err := readJSONFile(filepath.Join(dir, lossFile), &l); err != nil || !ok {
		return nil, err
	}
	return &l, nil
}

// LossPath is the file that keeps the loss of a data folder.
func LossPath(dir string) string { return filepath.Join(dir, lossFile) }

// Loss is ReadLoss of the open database's folder.
func (s *database) Loss() (*Loss, error) { return ReadLoss(s.dir) }

func readJSONFile(path string, v any) (bool, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if err := json.Unmarshal(b, v); err != nil {
		return false, fmt.Errorf("%s: %w", path, err)
	}
	return true, nil
}

// writeJSONFile replaces a file at once, and durably.
func writeJSONFile(path string, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}

	f, err := os.OpenFile(path+".new", os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}

	_, err = f.Write(append(b, '\n'))
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(path+".new", path); err != nil {
		return err
	}

	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// readMark returns the mark of the last process, and whether it left a
// write-ahead log. A mark without a database counts for nothing.
func readMark(dir string) (m mark, hasLog bool, err error) {
	path := filepath.Join(dir, databaseFile)
	if missing, err := IsMissing(dir); err != nil || missing {
		return m, false, err
	}
	if _, err := readJSONFile(filepath.Join(dir, markFile), &m); err != nil {
		return mark{}, false, nil // it is only a hint: a damaged one must not stop a start
	}
	info, err := os.Stat(path + "-wal")
	if errors.Is(err, fs.ErrNotExist) {
		return m, false, nil
	}
	return m, err == nil && info.Size() > 0, err
}

// checkMark compares the open database with the mark of the last process and
// records what is missing. Then it marks the database as in use, after a first
// write has made sure that there is a write-ahead log.
func (s *database) checkMark(ctx context.Context, last mark, hasLog bool) error {
	if _, err := s.engine.writeDB().ExecContext(ctx, `INSERT INTO counters (name, value) VALUES ('starts', 1) ON CONFLICT (name) DO UPDATE SET value = value + 1`); err != nil {
		return err
	}

	jobs, err := s.newestJob(ctx)
	if err != nil {
		return err
	}

	text := ""
	switch {
	case jobs < last.Jobs:
		text = fmt.Sprintf("The database is older than it was at %s: changes are missing.", last.At.UTC().Format(time.RFC3339))
	case last.InUse && !hasLog:
		text = fmt.Sprintf("The write-ahead log (%s-wal) of a process that was killed is missing: what was changed shortly before %s and after it may be missing.",
			databaseFile, last.At.UTC().Format(time.RFC3339))
	}
	if text != "" {
		s.log.Error("the database has lost changes", "reason", text, "record", filepath.Join(s.dir, lossFile))
		if err := writeJSONFile(filepath.Join(s.dir, lossFile), Loss{Text: text, At: s.clock().UTC()}); err != nil {
			return err
		}
	}

	return s.writeMark(true, jobs)
}

// newestJob is the number of the newest job that was ever enqueued.
func (s *database) newestJob(ctx context.Context) (n int64, err error) {
	err = s.engine.readDB().QueryRowContext(ctx, `SELECT COALESCE((SELECT seq FROM sqlite_sequence WHERE name = 'river_job'), 0)`).Scan(&n)
	return n, err
}

func (s *database) writeMark(inUse bool, jobs int64) error {
	s.markMu.Lock()
	defer s.markMu.Unlock()
	m := mark{InUse: inUse, Jobs: jobs, At: s.clock().UTC()}
	if err := writeJSONFile(filepath.Join(s.dir, markFile), m); err != nil {
		return err
	}
	s.marked = &m
	return nil
}

// UpdateMark writes how far the rows are, if they went on since the last call.
func (s *database) UpdateMark(ctx context.Context) error {
	last := s.lastMark()
	if last == nil { // PostgreSQL looks after its log itself
		return nil
	}

	jobs, err := s.newestJob(ctx)
	if err != nil || jobs == last.Jobs {
		return err
	}
	return s.writeMark(true, jobs)
}

// releaseMark says that the write-ahead log may go: the files are closed next,
// and SQLite removes it then.
func (s *database) releaseMark() error {
	last := s.lastMark()
	if last == nil {
		return nil
	}
	jobs, err := s.newestJob(context.Background())
	if err != nil { // a damaged database: its log stays in use
		return err
	}
	return s.writeMark(false, jobs)
}

func (s *database) lastMark() *mark {
	s.markMu.Lock()
	defer s.markMu.Unlock()
	return s.marked
}

package sqlite

import (
	"container/list"
	"database/sql/driver"
	"errors"
)

// maxStatements bounds the statements that a connection caches: there are fewer
// queries, but lists of varying length could make more. One takes about 10 KiB.
const maxStatements = 256

// maxQueryLength is the length in bytes above which a text is not cached: it is
// a script that runs once.
const maxQueryLength = 16 << 10

// driverStmt is a compiled statement.
type driverStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// statement is a compiled query and whether its rows are being read.
type statement struct {
	driverStmt
	query   string
	busy    bool
	evicted bool // no longer cached: closed when it is released
}

// releaseStatement makes the statement available again.
func (s *statement) releaseStatement() {
	s.busy = false
	if s.evicted {
		_ = s.Close() // its results were read
	}
}

// statementCache holds a connection's compiled queries, the latest used first.
type statementCache struct {
	byQuery map[string]*list.Element
	used    *list.List
}

func newStatementCache() *statementCache {
	return &statementCache{byQuery: map[string]*list.Element{}, used: list.New()}
}

func (k *statementCache) lookUpStatement(query string) (*statement, bool) {
	e, ok := k.byQuery[query]
	if !ok {
		return nil, false
	}
	k.used.MoveToFront(e)
	return e.Value.(*statement), true
}

// addStatement caches s and evicts the least recently used statement.
func (k *statementCache) addStatement(s *statement) error {
	if len(s.query) > maxQueryLength {
		s.evicted = true
		return nil
	}

	k.byQuery[s.query] = k.used.PushFront(s)
	if k.used.Len() <= maxStatements {
		return nil
	}

	oldest := k.used.Remove(k.used.Back()).(*statement)
	delete(k.byQuery, oldest.query)
	oldest.evicted = true
	if oldest.busy {
		return nil
	}

	return oldest.Close()
}

func (k *statementCache) closeAll() error {
	var errs []error
	for e := k.used.Front(); e != nil; e = e.Next() {
		errs = append(errs, e.Value.(*statement).Close())
	}
	k.used.Init()
	clear(k.byQuery)
	return errors.Join(errs...)
}

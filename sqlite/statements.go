package sqlite

import (
	"container/list"
	"database/sql/driver"
	"errors"
)

// maxStatements is how many statements a connection keeps: more than the product has,
// fewer than its lists of varying length could make. One takes about 10 KiB.
const maxStatements = 256

// maxQueryLength is the longest text kept, in bytes: what is longer is a script that
// runs once.
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
	evicted bool // it is no longer kept: whoever has it closes it
}

// releaseStatement gives the statement back.
func (s *statement) releaseStatement() {
	s.busy = false
	if s.evicted {
		_ = s.Close() // its last use has answered already
	}
}

// statementCache are a connection's compiled queries, the latest used first.
type statementCache struct {
	byQuery map[string]*list.Element
	used    *list.List
}

func newStatementCache() *statementCache {
	return &statementCache{byQuery: map[string]*list.Element{}, used: list.New()}
}

func (k *statementCache) lookup(query string) (*statement, bool) {
	e, ok := k.byQuery[query]
	if !ok {
		return nil, false
	}
	k.used.MoveToFront(e)
	return e.Value.(*statement), true
}

// addStatement keeps s and lets go of the one not used for longest.
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

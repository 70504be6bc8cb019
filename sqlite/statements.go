package sqlite

import (
	"container/list"
	"database/sql/driver"
	"errors"
)

// most is how many statements a connection keeps: more than the product has,
// fewer than its lists of varying length could make. One takes about 10 KiB.
const most = 256

// longest is the longest text kept, in bytes: what is longer is a script that
// runs once.
const longest = 16 << 10

// runner is a compiled statement.
type runner interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// statement is a compiled query and whether its rows are being read.
type statement struct {
	runner
	query string
	busy  bool
	gone  bool // it is no longer kept: whoever has it closes it
}

// release gives the statement back.
func (s *statement) release() {
	s.busy = false
	if s.gone {
		_ = s.Close() // its last use has answered already
	}
}

// statements are a connection's compiled queries, the latest used first.
type statements struct {
	byQuery map[string]*list.Element
	used    *list.List
}

func newStatements() *statements {
	return &statements{byQuery: map[string]*list.Element{}, used: list.New()}
}

func (k *statements) get(query string) (*statement, bool) {
	e, ok := k.byQuery[query]
	if !ok {
		return nil, false
	}
	k.used.MoveToFront(e)
	return e.Value.(*statement), true
}

// add keeps s and lets go of the one not used for longest.
func (k *statements) add(s *statement) error {
	if len(s.query) > longest {
		s.gone = true
		return nil
	}

	k.byQuery[s.query] = k.used.PushFront(s)
	if k.used.Len() <= most {
		return nil
	}

	oldest := k.used.Remove(k.used.Back()).(*statement)
	delete(k.byQuery, oldest.query)
	oldest.gone = true
	if oldest.busy {
		return nil
	}

	return oldest.Close()
}

func (k *statements) close() error {
	var errs []error
	for e := k.used.Front(); e != nil; e = e.Next() {
		errs = append(errs, e.Value.(*statement).Close())
	}
	k.used.Init()
	clear(k.byQuery)
	return errors.Join(errs...)
}

package store

import (
	"context"
	"errors"
	"time"
)

// RepeatTransactions has each transaction of a store run again after its first
// commit met another one, as any may on PostgreSQL.
func RepeatTransactions(s *Store) { s.engine = repeatingEngine{s.engine} }

type repeatingEngine struct{ engine }

var errMetAnother = errors.New("met another transaction")

func (e repeatingEngine) beginWrite(ctx context.Context, afterConflict bool) (writeTx, error) {
	tx, err := e.engine.beginWrite(ctx, afterConflict)
	if err != nil || afterConflict {
		return tx, err
	}
	return refusedTx{tx}, nil
}

func (e repeatingEngine) writeAgain(err error, n int, since time.Duration) (repeat, bool) {
	if errors.Is(err, errMetAnother) {
		return repeat{afterConflict: true}, true
	}
	return e.engine.writeAgain(err, n, since)
}

// refusedTx cannot be committed.
type refusedTx struct{ writeTx }

func (t refusedTx) commitTx(context.Context) error { return errMetAnother }

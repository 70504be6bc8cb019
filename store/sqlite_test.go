package store_test

import (
	"testing"

	"tidings.example/tidings/store"
	"tidings.example/tidings/store/storetest"
	"tidings.example/tidings/tidings"
)

// TestSQLite runs each transaction twice: what runs in one bears to run again, as it
// does after a conflict on PostgreSQL.
func TestSQLite(t *testing.T) {
	storetest.Run(t, func(t testing.TB, clock tidings.Clock) *store.Store {
		s := storetest.OpenSQLite(t, clock)
		store.RepeatTransactions(s)
		return s
	})
}

func TestPostgres(t *testing.T) { storetest.Run(t, storetest.OpenPostgres) }

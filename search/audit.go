package search

import (
	"context"
	"maps"
	"slices"

	"tidings.example/tidings/tidings"
)

const auditPage = 500

// Drift is the difference between index and rows, by clip id.
type Drift struct {
	Checked int          // clips that were compared
	Pending int          // clips that differ but wait in the outbox
	Missing []tidings.ID // in the rows only
	Stale   []tidings.ID // of an older version than in the rows
	Extra   []tidings.ID // in the index only
}

// Clean reports whether index and rows agree.
func (d Drift) Clean() bool { return len(d.Missing)+len(d.Stale)+len(d.Extra) == 0 }

// Audit compares index and rows and changes nothing. It may run while clips
// change: only differences that two comparisons find are reported.
func (x *Indexer) Audit(ctx context.Context) (Drift, error) {
	first, d, err := x.findDifferences(ctx)
	if err != nil || len(first) == 0 {
		return d, err
	}

	second, d, err := x.findDifferences(ctx)
	if err != nil {
		return d, err
	}

	for _, id := range slices.Sorted(maps.Keys(second)) {
		diff := second[id]
		switch {
		case first[id] != diff:
		case diff.index == 0:
			d.Missing = append(d.Missing, id)
		case diff.rows == 0:
			d.Extra = append(d.Extra, id)
		default:
			d.Stale = append(d.Stale, id)
		}
	}

	return d, nil
}

// difference is the versions of a clip in rows and index, 0 = not there.
type difference struct{ rows, index int64 }

// findDifferences compares index and rows once.
func (x *Indexer) findDifferences(ctx context.Context) (map[tidings.ID]difference, Drift, error) {
	all := map[tidings.ID]difference{}
	var d Drift
	for after, more := tidings.ID(""), true; more; {
		page, next, n, err := x.comparePage(ctx, x.Engine, after)
		if err != nil {
			return nil, d, err
		}
		maps.Copy(all, page)
		d.Checked += n
		after, more = next, next != ""
	}

	if len(all) == 0 {
		return all, d, nil
	}

	waiting, err := x.Rows.Outbox(ctx, 1_000_000)
	if err != nil {
		return nil, d, err
	}

	for _, e := range waiting {
		if _, ok := all[e.ClipID]; ok {
			delete(all, e.ClipID)
			d.Pending++
		}
	}

	return all, d, nil
}

// versionLister is an index, in use or being filled.
type versionLister interface {
	Versions(ctx context.Context, after tidings.ID, limit int) ([]tidings.OutboxEntry, error)
}

// comparePage finds the differences in the page of clips after an id. next is ""
// after the last page, n the number of compared clips.
func (x *Indexer) comparePage(ctx context.Context, with versionLister, after tidings.ID) (diff map[tidings.ID]difference, next tidings.ID, n int, err error) {
	index, err := with.Versions(ctx, after, auditPage)
	if err != nil {
		return nil, "", 0, err
	}

	rows, err := x.Rows.IndexVersions(ctx, after, auditPage)
	if err != nil {
		return nil, "", 0, err
	}

	for _, side := range [][]tidings.OutboxEntry{index, rows} { // both sides are known up to the smaller end
		if len(side) == auditPage && (next == "" || side[auditPage-1].ClipID < next) {
			next = side[auditPage-1].ClipID
		}
	}

	diff = map[tidings.ID]difference{}
	for _, e := range rows {
		if next == "" || e.ClipID <= next {
			diff[e.ClipID] = difference{rows: e.Version}
		}
	}

	for _, e := range index {
		if next == "" || e.ClipID <= next {
			diff[e.ClipID] = difference{rows: diff[e.ClipID].rows, index: e.Version}
		}
	}

	n = len(diff)

	// If the index is newer, the clip has changed after its row was read.
	maps.DeleteFunc(diff, func(_ tidings.ID, d difference) bool { return d.rows != 0 && d.index >= d.rows })
	return diff, next, n, nil
}

// repairPage corrects the next page of the index.
func (x *Indexer) repairPage(ctx context.Context) error {
	diff, next, _, err := x.comparePage(ctx, x.Engine, x.comparedTo)
	if err != nil {
		return err
	}

	for ids := range slices.Chunk(slices.Sorted(maps.Keys(diff)), batchSize(x.Engine)) {
		entries := make([]tidings.OutboxEntry, len(ids))
		for i, id := range ids {
			entries[i] = tidings.OutboxEntry{ClipID: id, Version: max(diff[id].rows, diff[id].index)}
		}

		if _, err := x.indexEntries(ctx, entries); err != nil {
			return err
		}
		if err := x.drainOutbox(ctx); err != nil { // new changes do not wait for the repair
			return err
		}
	}

	x.comparedTo, x.compared = next, next == ""
	return nil
}

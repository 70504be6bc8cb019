package store

import (
	"context"

	"tidings.example/tidings/store/dbq"
	"tidings.example/tidings/tidings"
)

// enqueueIndexing puts a clip into the outbox with a new version, so that the
// index reads it again. Call it in every transaction that changes what can be
// found or who may find it. It publishes no event: where the clip's own fields
// changed, call publishClipUpdated too.
func enqueueIndexing(ctx context.Context, tx Tx, clip tidings.ID) error {
	version, err := tx.engine.nextIndexVersion(ctx, tx)
	if err != nil {
		return err
	}
	if err := tx.PutOutbox(ctx, dbq.PutOutboxParams{ClipID: string(clip), Version: version, SinceMs: tx.nowMS()}); err != nil {
		return err
	}
	if err := tx.SetIndexVersion(ctx, dbq.SetIndexVersionParams{ID: string(clip), IndexVersion: version}); err != nil {
		return err
	}

	tx.after.indexed = true
	return enqueueAnswered(ctx, tx, clip)
}

// enqueueAnswered has the clip that a reply answers indexed again: its index
// document holds the transcripts of its replies.
func enqueueAnswered(ctx context.Context, tx Tx, clip tidings.ID) error {
	answers, err := tx.AnsweredClip(ctx, string(clip))
	if err != nil || answers == "" {
		return ignoreNotFound(err)
	}
	above, err := tx.ClipAccessByID(ctx, answers)
	if err != nil || above.Answers != "" {
		return ignoreNotFound(err)
	}
	return enqueueIndexing(ctx, tx, tidings.ID(answers))
}

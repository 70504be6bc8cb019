package admin

import (
	"context"
	"errors"
	"fmt"

	"tidings.example/tidings/tidings"
)

// RepairRows is what Repair needs of the store.
type RepairRows interface {
	DropAsset(ctx context.Context, clip tidings.ID, key string) error
	DropLinkAssets(ctx context.Context, link tidings.ID) error
	RetryStep(ctx context.Context, clip tidings.ID, step tidings.Step) error
	SetRepaired(ctx context.Context, key string) error
}

// madeOnDemand are the assets that are made when somebody asks for them.
var madeOnDemand = map[string]bool{"video.mp4": true, "audio.m4a": true, "share.jpg": true}

// Repair has the damaged objects of a clip made again that were made of its
// original, and returns a line for each that says so, or why not.
func Repair(ctx context.Context, rows RepairRows, clip tidings.ID, objects []tidings.StoredObject, bad map[string]bool) (lines []string, err error) {
	r := repair{rows: rows, clip: clip, bad: bad}
	for _, o := range objects {
		r.originalBad = r.originalBad || bad[o.Key] && o.IsOriginal()
	}

	for _, o := range objects {
		if !bad[o.Key] {
			continue
		}
		line, err := r.repairObject(ctx, o)
		if err != nil {
			return lines, err
		}
		lines = append(lines, fmt.Sprintf("%s of clip %s %s", o.Key, clip, line))
	}

	return lines, nil
}

// repair is one run of Repair.
type repair struct {
	rows        RepairRows
	clip        tidings.ID
	bad         map[string]bool
	originalBad bool
	transcode   string // what became of the request to make media again; "" = none was made
}

// repairObject returns what becomes of an object, for people.
func (r *repair) repairObject(ctx context.Context, o tidings.StoredObject) (string, error) {
	switch {
	case o.IsOriginal():
		return "cannot be made again: only a backup has it", nil
	case o.Source == tidings.AssetObject && madeOnDemand[o.Name]:
		return "is made again when it is asked for", r.rows.DropAsset(ctx, r.clip, o.Key)
	case o.Source == tidings.LinkObject:
		return "is made again when its link is opened", r.rows.DropLinkAssets(ctx, tidings.ID(o.Name))
	case r.originalBad:
		return "cannot be made again: the original is damaged too", r.rows.SetRepaired(ctx, o.Key)
	}

	if r.transcode == "" {
		err := r.rows.RetryStep(ctx, r.clip, tidings.StepTranscode)
		var refused *tidings.Error
		switch {
		case err == nil:
			r.transcode = "is being made again"
		case errors.As(err, &refused) && refused.Kind == tidings.KindConflict:
			r.transcode = "is not made again now: " + refused.Msg
		default:
			return "", err
		}
	}

	return r.transcode, r.rows.SetRepaired(ctx, o.Key)
}

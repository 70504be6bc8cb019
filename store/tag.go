package store

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"tidings.example/tidings/search/fold"
	"tidings.example/tidings/store/dbq"
	"tidings.example/tidings/tidings"
)

// tagsJSON is the tags as they are stored. Of two spellings of one tag the first
// is kept.
func tagsJSON(tags []string) (dbq.JSON, error) {
	kept := []string{}
	for _, tag := range tags {
		if !slices.ContainsFunc(kept, func(k string) bool { return fold.EqualTags(k, tag) }) {
			kept = append(kept, strings.TrimSpace(tag))
		}
	}

	text, err := json.Marshal(kept)
	return dbq.JSON(text), err
}

// tagSpellings is a JSON list of the spellings that a tag has in a workspace; ""
// for no tag.
func (s ClipRows) tagSpellings(ctx context.Context, ws tidings.ID, tag string) (string, error) {
	if tag == "" {
		return "", nil
	}

	all, err := s.queries().TagsOfWorkspace(ctx, string(ws))
	if err != nil {
		return "", err
	}

	same := slices.DeleteFunc(all, func(t string) bool { return !fold.EqualTags(t, tag) })
	text, err := json.Marshal(same)
	return string(text), err
}

package search

import (
	"context"

	"github.com/meilisearch/meilisearch-go"
)

// maxTotalHits is the number of hits to which a search can be paged.
const maxTotalHits = 1000

// indexContent is what the documents of an index are.
type indexContent int

const (
	contentClips indexContent = iota
	contentComments
	contentPassages
)

// meiliSettings are the settings of an index. What the library cannot say in
// its one struct (granular filters, facetSearch = false) has calls of its own.
//
// "sort" comes first so that "newest first" is by date alone; a search that
// asks for no order is not touched by it. Clips and comments need the same ranking
// rules to be searched together. Texts are never displayed: a hit is an id.
func meiliSettings(content indexContent) *meilisearch.Settings {
	distinct, prefix := "clip_id", "indexingTime"
	s := &meilisearch.Settings{
		SearchableAttributes: []string{"title", "description", "text", "comments"},
		DisplayedAttributes:  []string{"id", "clip_id", "part", "parts", "written", "version", "deleted", "format"},
		SortableAttributes:   []string{"created_at", "duration_s", "clip_id"},
		DistinctAttribute:    &distinct,
		RankingRules:         []string{"sort", "words", "typo", "proximity", "attributeRank", "wordPosition", "exactness", "created_at:desc", "clip_id:desc"},
		TypoTolerance: &meilisearch.TypoTolerance{
			Enabled: true, MinWordSizeForTypos: meilisearch.MinWordSizeForTypos{OneTypo: 5, TwoTypos: 9},
			DisableOnWords: []string{}, DisableOnAttributes: []string{}, DisableOnNumbers: true,
		},
		ProximityPrecision: meilisearch.ByWord, PrefixSearch: &prefix,
		Pagination: &meilisearch.Pagination{MaxTotalHits: maxTotalHits}, SearchCutoffMs: 400,
	}
	switch content {
	case contentComments:
		s.SearchableAttributes = []string{"body"}
		s.DisplayedAttributes = []string{"id", "clip_id", "version"}
	case contentPassages: // they have vectors and no words; several of a clip may be near
		s.DistinctAttribute = nil
		s.SearchableAttributes = []string{"source"}
		s.DisplayedAttributes = []string{"id", "clip_id", "sum"}
		s.SortableAttributes = []string{"id"}
	}

	return s
}

// meiliFilters are the attributes filters may use, and how.
func meiliFilters() []any {
	rule := func(comparison bool, names ...string) meilisearch.AttributeRule {
		return meilisearch.AttributeRule{AttributePatterns: names,
			Features: meilisearch.AttributeFeatures{Filter: meilisearch.FilterFeatures{Equality: true, Comparison: comparison}}}
	}
	return []any{
		rule(false, "ws", "acl", "author_id", "channel_id", "kind", "tags", "lang", "deleted", "commented", "embedded", "source", "id"),
		rule(true, "clip_id", "created_at", "duration_s", "part", "parts", "version"),
	}
}

// applySettings gives an index our settings. Meilisearch compares them with
// what it has: unchanged ones cost nothing.
func (m *Meilisearch) applySettings(ctx context.Context, admin meilisearch.ServiceManager, name string, content indexContent) error {
	index := admin.Index(name)
	for _, send := range []func(context.Context) (*meilisearch.TaskInfo, error){
		func(ctx context.Context) (*meilisearch.TaskInfo, error) {
			filters := meiliFilters()
			return index.UpdateFilterableAttributesWithContext(ctx, &filters)
		},
		func(ctx context.Context) (*meilisearch.TaskInfo, error) {
			return index.UpdateSettingsWithContext(ctx, meiliSettings(content))
		},
		func(ctx context.Context) (*meilisearch.TaskInfo, error) {
			return index.UpdateFacetSearchWithContext(ctx, false)
		},
	} {
		if err := m.changeIndex(ctx, admin, send); err != nil {
			return err
		}
	}

	return nil
}

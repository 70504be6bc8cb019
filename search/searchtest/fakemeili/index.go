package fakemeili

import (
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
)

// index is a set of documents with settings.
type index struct {
	created  time.Time
	settings settings
	docs     map[string]*stored
}

func (x *index) cloneIndex() *index {
	return &index{created: x.created, settings: x.settings, docs: maps.Clone(x.docs)}
}

// settings are the settings of Meilisearch that Tidings uses.
type settings struct {
	RankingRules         []string       `json:"rankingRules"`
	DistinctAttribute    string         `json:"distinctAttribute"`
	SearchableAttributes []string       `json:"searchableAttributes"`
	DisplayedAttributes  []string       `json:"displayedAttributes"`
	SortableAttributes   []string       `json:"sortableAttributes"`
	TypoTolerance        *typoTolerance `json:"typoTolerance"`
	ProximityPrecision   string         `json:"proximityPrecision"`
	PrefixSearch         string         `json:"prefixSearch"`
	SearchCutoffMs       int            `json:"searchCutoffMs"`
	Pagination           *pagination    `json:"pagination"`

	filterable []filterRule
	facets     bool
	embedders  map[string]embedder
}

type typoTolerance struct {
	Enabled             bool     `json:"enabled"`
	DisableOnWords      []string `json:"disableOnWords"`
	DisableOnAttributes []string `json:"disableOnAttributes"`
	DisableOnNumbers    bool     `json:"disableOnNumbers"`
	MinWordSizeForTypos struct {
		OneTypo  int `json:"oneTypo"`
		TwoTypos int `json:"twoTypos"`
	} `json:"minWordSizeForTypos"`
}

type pagination struct {
	MaxTotalHits int `json:"maxTotalHits"`
}

type filterRule struct {
	AttributePatterns []string `json:"attributePatterns"`
	Features          struct {
		FacetSearch bool `json:"facetSearch"`
		Filter      struct {
			Equality   bool `json:"equality"`
			Comparison bool `json:"comparison"`
		} `json:"filter"`
	} `json:"features"`
}

// filterFeatures returns the comparisons that filters may use on an attribute.
func (st *settings) filterFeatures(name string) (equality, comparison bool) {
	for _, r := range st.filterable {
		if slices.Contains(r.AttributePatterns, name) {
			return r.Features.Filter.Equality, r.Features.Filter.Comparison
		}
	}
	return false, false
}

var indexName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,400}$`)

func (s *Server) createIndex(c *call) (int, any, *problem) {
	var in struct {
		UID        string `json:"uid"`
		PrimaryKey string `json:"primaryKey"`
	}
	if p := decodeStrict(c.body, &in); p != nil {
		return 0, nil, p
	}
	if !indexName.MatchString(in.UID) || in.PrimaryKey != "id" {
		return 0, nil, badRequest("invalid_index_uid", "index "+in.UID+" with primary key "+in.PrimaryKey)
	}
	return s.enqueueTask(in.UID, "indexCreation", func() *problem {
		if s.indexes[in.UID] != nil {
			return badRequest("index_already_exists", "Index `"+in.UID+"` already exists.")
		}
		s.indexes[in.UID] = &index{created: time.Now(), docs: map[string]*stored{}, settings: settings{facets: true, DisplayedAttributes: []string{"*"}, SearchableAttributes: []string{"*"}}}
		return nil
	})
}

func indexNotFound(name string) *problem {
	return badRequest("index_not_found", "Index `"+name+"` not found.")
}

func (s *Server) getIndex(c *call) (int, any, *problem) {
	name := c.PathValue("index")
	x := s.indexes[name]
	if x == nil {
		return 0, nil, indexNotFound(name)
	}
	return http.StatusOK, map[string]any{"uid": name, "primaryKey": "id", "createdAt": x.created, "updatedAt": x.created}, nil
}

func (s *Server) deleteIndex(c *call) (int, any, *problem) {
	name := c.PathValue("index")
	return s.enqueueTask(name, "indexDeletion", func() *problem {
		if s.indexes[name] == nil {
			return indexNotFound(name)
		}
		delete(s.indexes, name)
		return nil
	})
}

func (s *Server) swapIndexes(c *call) (int, any, *problem) {
	var pairs []struct {
		Indexes []string `json:"indexes"`
		Rename  bool     `json:"rename"`
	}
	if p := decodeStrict(c.body, &pairs); p != nil {
		return 0, nil, p
	}

	named := map[string]bool{}
	for _, pair := range pairs {
		if len(pair.Indexes) != 2 {
			return 0, nil, badRequest("invalid_swap_indexes", "two indexes are swapped")
		}

		for _, name := range pair.Indexes {
			if named[name] {
				return 0, nil, badRequest("invalid_swap_duplicate_index_found", "Indexes must be declared only once during a swap. `"+name+"` was specified several times.")
			}
			if named[name] = true; !indexName.MatchString(name) {
				return 0, nil, badRequest("invalid_swap_indexes", "`"+name+"` is no name of an index")
			}
		}
	}

	return s.enqueueTask("", "indexSwap", func() *problem {
		for _, pair := range pairs {
			for _, name := range pair.Indexes {
				if s.indexes[name] == nil {
					return indexNotFound(name)
				}
			}
		}

		for _, pair := range pairs {
			a, b := pair.Indexes[0], pair.Indexes[1]
			s.indexes[a], s.indexes[b] = s.indexes[b], s.indexes[a]
		}

		return nil
	})
}

// updateSettings changes the settings of an index by a task.
func (s *Server) updateSettings(name string, change func(st *settings)) (int, any, *problem) {
	return s.enqueueTask(name, "settingsUpdate", func() *problem {
		x := s.indexes[name]
		if x == nil {
			return indexNotFound(name)
		}
		change(&x.settings)
		return nil
	})
}

func (s *Server) patchSettings(c *call) (int, any, *problem) {
	var in settings
	if p := decodeStrict(c.body, &in); p != nil {
		return 0, nil, p
	}

	known := []string{"words", "typo", "proximity", "attribute", "attributeRank", "wordPosition", "sort", "exactness"}
	for _, r := range in.RankingRules {
		if !slices.Contains(known, r) && !strings.HasSuffix(r, ":asc") && !strings.HasSuffix(r, ":desc") {
			return 0, nil, badRequest("invalid_settings_ranking_rules", "`"+r+"` ranking rule is invalid.")
		}
	}

	if in.TypoTolerance == nil || in.TypoTolerance.DisableOnWords == nil || in.TypoTolerance.DisableOnAttributes == nil {
		return 0, nil, badRequest("invalid_settings_typo_tolerance", "the lists of the typo tolerance are reset")
	}

	return s.updateSettings(c.PathValue("index"), func(st *settings) {
		in.filterable, in.facets, in.embedders = st.filterable, st.facets, st.embedders
		*st = in
	})
}

func (s *Server) putFilterable(c *call) (int, any, *problem) {
	var in []filterRule
	if p := decodeStrict(c.body, &in); p != nil {
		return 0, nil, p
	}
	return s.updateSettings(c.PathValue("index"), func(st *settings) { st.filterable = in })
}

func (s *Server) putFacetSearch(c *call) (int, any, *problem) {
	var on bool
	if p := decodeStrict(c.body, &on); p != nil {
		return 0, nil, p
	}
	return s.updateSettings(c.PathValue("index"), func(st *settings) { st.facets = on })
}

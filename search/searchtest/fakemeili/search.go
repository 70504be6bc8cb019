package fakemeili

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// query is one query of a multi-search.
type query struct {
	IndexUID             string    `json:"indexUid"`
	Q                    string    `json:"q"`
	Filter               any       `json:"filter"`
	Sort                 []string  `json:"sort"`
	AttributesToRetrieve []string  `json:"attributesToRetrieve"`
	AttributesToSearchOn []string  `json:"attributesToSearchOn"`
	MatchingStrategy     string    `json:"matchingStrategy"`
	Vector               []float64 `json:"vector"`
	Hybrid               *hybrid   `json:"hybrid"`
	FederationOptions    struct {
		Weight float64 `json:"weight"`
	} `json:"federationOptions"`
}

// multiSearch is POST /multi-search with a federation: one list of hits of
// several queries. Fields that are not allowed in federated queries (limit,
// distinct, …) are unknown here.
func (s *Server) multiSearch(c *call) (int, any, *problem) {
	var in struct {
		Federation *struct {
			Offset   int    `json:"offset"`
			Limit    int    `json:"limit"`
			Distinct string `json:"distinct"`
		} `json:"federation"`
		Queries []query `json:"queries"`
	}
	if p := decodeStrict(c.body, &in); p != nil {
		return 0, nil, p
	}

	s.searches = append(s.searches, strings.TrimPrefix(c.Header.Get("Authorization"), "Bearer "))

	if in.Federation == nil {
		return 0, nil, badRequest("bad_request", "a search without federation is not known here")
	}

	var found []ranked
	most := 1000
	for i, q := range in.Queries {
		some, st, p := s.searchIndex(c, q, i)
		if p != nil {
			return 0, nil, p
		}
		if equality, _ := st.filterFeatures(in.Federation.Distinct); in.Federation.Distinct != "" && !equality {
			return 0, nil, badRequest("invalid_search_distinct", "Attribute `"+in.Federation.Distinct+"` is not filterable.")
		}

		if st.Pagination != nil {
			most = st.Pagination.MaxTotalHits
		}

		if in.Federation.Distinct == "" {
			slices.SortStableFunc(some, compareRanked)
			some = dedupeByAttribute(some, st.DistinctAttribute)
		}
		found = append(found, some...)
	}

	slices.SortStableFunc(found, compareRanked)
	found = dedupeByAttribute(found, in.Federation.Distinct)
	found = found[:min(len(found), most)]
	total := len(found)
	found = found[min(in.Federation.Offset, total):min(in.Federation.Offset+in.Federation.Limit, total)]
	hits := []map[string]any{}
	for _, r := range found {
		hit := selectFields(selectFields(r.doc.fields, s.indexes[r.index].settings.DisplayedAttributes), in.Queries[r.query].AttributesToRetrieve)
		hit["_federation"] = map[string]any{"indexUid": r.index, "queriesPosition": r.query, "weightedRankingScore": r.score}
		hits = append(hits, hit)
	}

	return http.StatusOK, map[string]any{"hits": hits, "processingTimeMs": 1, "limit": in.Federation.Limit, "offset": in.Federation.Offset, "estimatedTotalHits": total}, nil
}

// dedupeByAttribute keeps the best of the documents that have the same value.
func dedupeByAttribute(found []ranked, attribute string) []ranked {
	if attribute == "" {
		return found
	}
	seen := map[string]bool{}
	return slices.DeleteFunc(found, func(r ranked) bool {
		v := foldValue(r.doc.fields[attribute])
		was := seen[v]
		seen[v] = true
		return was
	})
}

// searchIndex answers one query, with the filter of the caller's token added to
// its own.
func (s *Server) searchIndex(c *call, q query, n int) ([]ranked, *settings, *problem) {
	if c.key != nil && !c.key.allowsIndex(q.IndexUID) {
		return nil, nil, noKey
	}

	x := s.indexes[q.IndexUID]
	if x == nil {
		return nil, nil, indexNotFound(q.IndexUID)
	}

	st := &x.settings
	allowed := func(map[string]any) bool { return true }
	if c.rule != nil {
		r, ok := c.rule[q.IndexUID]
		if !ok {
			return nil, nil, noKey
		}

		var p *problem
		if allowed, p = st.parseFilter(r.Filter); p != nil {
			return nil, nil, p
		}
	}

	match, p := st.parseFilter(q.Filter)
	if p == nil {
		p = st.checkSort(q.Sort)
	}

	columns := st.SearchableAttributes
	if len(q.AttributesToSearchOn) > 0 {
		columns = q.AttributesToSearchOn
	}

	for _, name := range columns {
		if !slices.Contains(st.SearchableAttributes, name) {
			p = badRequest("invalid_search_attributes_to_search_on", "Attribute `"+name+"` is not searchable.")
		}
	}

	if q.MatchingStrategy != "all" {
		p = badRequest("invalid_search_matching_strategy", fmt.Sprintf("%q is not known here", q.MatchingStrategy))
	}

	if p != nil {
		return nil, nil, p
	}

	if p := st.checkVector(q); p != nil {
		return nil, nil, p
	}

	want, not := parseQuery(q.Q)
	var out []ranked
	for id, d := range x.docs {
		if !allowed(d.fields) || !match(d.fields) || slices.ContainsFunc(not, func(t term) bool { _, ok := st.scoreDocument(d, []term{t}, columns); return ok }) {
			continue
		}
		score, ok := st.scoreDocument(d, want, columns)
		if q.Vector != nil {
			score = d.scoreVector(q)
		}
		if ok {
			out = append(out, ranked{id: id, doc: d, score: score * q.FederationOptions.Weight, sort: q.Sort, custom: st.customRules(),
				first: len(st.RankingRules) > 0 && st.RankingRules[0] == "sort", query: n, index: q.IndexUID})
		}
	}

	return out, st, nil
}

// customRules are the ranking rules about values.
func (st *settings) customRules() (out []string) {
	for _, r := range st.RankingRules {
		if strings.Contains(r, ":") {
			out = append(out, r)
		}
	}
	return out
}

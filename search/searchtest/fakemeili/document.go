package fakemeili

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// stored is a document. It is immutable.
type stored struct {
	fields  map[string]any
	words   map[string][]word      // by attribute
	vectors map[string][][]float64 // by embedder
}

func newStored(fields map[string]any, vectors map[string][][]float64) *stored {
	d := &stored{fields: fields, words: map[string][]word{}, vectors: vectors}
	for name, v := range fields {
		if text, ok := v.(string); ok {
			d.words[name] = splitWords(text)
		}
	}
	return d
}

var documentID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,511}$`)

// addDocuments replaces documents (POST) or changes some of their attributes (PUT).
func (s *Server) addDocuments(c *call) (int, any, *problem) {
	var docs []map[string]any
	if err := json.Unmarshal(c.body, &docs); err != nil {
		return 0, nil, badRequest("malformed_payload", err.Error())
	}

	name := c.PathValue("index")
	return s.enqueueTask(name, "documentAdditionOrUpdate", func() *problem {
		if s.indexes[name] == nil { // writer keys may not create indexes
			return indexNotFound(name)
		}

		x := s.indexes[name].cloneIndex()
		for _, d := range docs {
			id, ok := d["id"].(string)
			if !ok || !documentID.MatchString(id) {
				return badRequest("invalid_document_id", "Document identifier is invalid.")
			}

			vectors, p := x.mergeVectors(id, d)
			if p != nil {
				return p
			}

			if old := x.docs[id]; old != nil && c.Method == http.MethodPut {
				merged := maps.Clone(old.fields)
				maps.Copy(merged, d)
				d = merged
			}
			x.docs[id] = newStored(d, vectors)
		}

		s.indexes[name] = x
		return nil
	})
}

func (s *Server) deleteByFilter(c *call) (int, any, *problem) {
	var in struct {
		Filter any `json:"filter"`
	}
	if p := decodeStrict(c.body, &in); p != nil {
		return 0, nil, p
	}

	name := c.PathValue("index")
	return s.enqueueTask(name, "documentDeletion", func() *problem {
		if s.indexes[name] == nil {
			return indexNotFound(name)
		}

		x := s.indexes[name].cloneIndex()
		match, p := x.settings.parseFilter(in.Filter)
		if p != nil {
			return p
		}

		maps.DeleteFunc(x.docs, func(_ string, d *stored) bool { return match(d.fields) })
		s.indexes[name] = x
		return nil
	})
}

func (s *Server) fetchDocuments(c *call) (int, any, *problem) {
	var in struct {
		Offset int      `json:"offset"`
		Limit  *int     `json:"limit"`
		Fields []string `json:"fields"`
		Filter any      `json:"filter"`
		Sort   []string `json:"sort"`

		RetrieveVectors bool `json:"retrieveVectors"`
	}
	if p := decodeStrict(c.body, &in); p != nil {
		return 0, nil, p
	}

	x := s.indexes[c.PathValue("index")]
	if x == nil {
		return 0, nil, indexNotFound(c.PathValue("index"))
	}

	match, p := x.settings.parseFilter(in.Filter)
	if p != nil {
		p.Code = "invalid_document_filter"
		return 0, nil, p
	}
	if p := x.settings.checkSort(in.Sort); p != nil {
		return 0, nil, p
	}

	found := []map[string]any{}
	for _, id := range slices.Sorted(maps.Keys(x.docs)) {
		if d := x.docs[id]; match(d.fields) {
			found = append(found, d.fields)
		}
	}

	slices.SortStableFunc(found, func(a, b map[string]any) int { return compareBy(in.Sort, a, b) })
	limit := 20
	if in.Limit != nil {
		limit = *in.Limit
	}

	total := len(found)
	found = found[min(in.Offset, total):min(in.Offset+limit, total)]
	for i := range found {
		id := found[i]["id"].(string)
		if found[i] = selectFields(found[i], in.Fields); in.RetrieveVectors {
			found[i]["_vectors"] = x.docs[id].shownVectors()
		}
	}

	return http.StatusOK, map[string]any{"results": found, "offset": in.Offset, "limit": limit, "total": total}, nil
}

// selectFields returns some fields of a document; no names = all.
func selectFields(d map[string]any, names []string) map[string]any {
	if len(names) == 0 || slices.Contains(names, "*") {
		return maps.Clone(d)
	}
	out := map[string]any{}
	for _, n := range names {
		if v, ok := d[n]; ok {
			out[n] = v
		}
	}
	return out
}

func (st *settings) checkSort(sort []string) *problem {
	for _, s := range sort {
		name, way, _ := strings.Cut(s, ":")
		if !slices.Contains(st.SortableAttributes, name) || way != "asc" && way != "desc" {
			return badRequest("invalid_search_sort", "Attribute `"+s+"` is not sortable.")
		}
	}
	return nil
}

// compareBy orders documents by "attribute:asc" or ":desc".
func compareBy(sort []string, a, b map[string]any) int {
	for _, s := range sort {
		name, way, _ := strings.Cut(s, ":")
		n := compareValues(a[name], b[name])
		if way == "desc" {
			n = -n
		}

		if n != 0 {
			return n
		}
	}
	return 0
}

// compareValues puts numbers before strings.
func compareValues(a, b any) int {
	x, isNumber := a.(float64)
	y, isToo := b.(float64)
	switch {
	case isNumber && isToo:
		return cmp.Compare(x, y)
	case isNumber != isToo:
		return map[bool]int{true: -1, false: 1}[isNumber]
	}
	return strings.Compare(foldValue(a), foldValue(b))
}

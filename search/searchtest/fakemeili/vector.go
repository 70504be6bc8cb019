package fakemeili

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net/http"
)

// embedder is the setting of an embedder. Its vectors come with the documents.
type embedder struct {
	Source     string `json:"source"`
	Dimensions int    `json:"dimensions"`
}

// hybrid says that a query is by its vector.
type hybrid struct {
	SemanticRatio *float64 `json:"semanticRatio"`
	Embedder      string   `json:"embedder"`
}

func (s *Server) getEmbedders(c *call) (int, any, *problem) {
	x := s.indexes[c.PathValue("index")]
	if x == nil {
		return 0, nil, indexNotFound(c.PathValue("index"))
	}
	all := map[string]embedder{}
	maps.Copy(all, x.settings.embedders)
	return http.StatusOK, all, nil
}

// patchEmbedders adds embedders, or takes those away that are null.
func (s *Server) patchEmbedders(c *call) (int, any, *problem) {
	var in map[string]*embedder
	if p := decodeStrict(c.body, &in); p != nil {
		p.Code = "invalid_settings_embedders"
		return 0, nil, p
	}
	for name, e := range in {
		if e != nil && (e.Source != "userProvided" || e.Dimensions < 1) {
			return 0, nil, badRequest("invalid_settings_embedders", "`.embedders."+name+"`: Missing field `dimensions` (note: this field is mandatory for source `userProvided`)")
		}
	}

	name := c.PathValue("index")
	return s.enqueueTask(name, "settingsUpdate", func() *problem {
		x := s.indexes[name]
		if x == nil {
			return indexNotFound(name)
		}

		all := map[string]embedder{}
		maps.Copy(all, x.settings.embedders)
		for name, e := range in {
			if delete(all, name); e != nil {
				all[name] = *e
			}
		}

		for id, d := range x.docs {
			if p := checkVectors(all, id, d.vectors); p != nil {
				return p
			}
		}

		x.settings.embedders = all
		return nil
	})
}

// checkVectors refuses a document that lacks a vector of an embedder, or has one of
// other dimensions.
func checkVectors(embedders map[string]embedder, id string, vectors map[string][][]float64) *problem {
	for name, e := range embedders {
		all, ok := vectors[name]
		if !ok {
			return badRequest("vector_embedding_error", "While embedding documents for embedder `"+name+"`: user error: attempt to embed the following text in a configuration where embeddings must be user provided: "+id)
		}
		for i, v := range all {
			if len(v) != e.Dimensions {
				return badRequest("invalid_vector_dimensions", fmt.Sprintf("Invalid vector dimensions in document with id `%s` in `._vectors.%s`.\n  - note: embedding #%d has dimensions %d\n  - note: embedder `%s` requires %d", id, name, i, len(v), name, e.Dimensions))
			}
		}
	}
	return nil
}

// mergeVectors takes _vectors out of a document. What they do not name stays as it
// is, also when the document is replaced.
func (x *index) mergeVectors(id string, d map[string]any) (map[string][][]float64, *problem) {
	vectors := map[string][][]float64{}
	if old := x.docs[id]; old != nil {
		maps.Copy(vectors, old.vectors)
	}

	if given, ok := d["_vectors"]; ok {
		byName, isObject := given.(map[string]any)
		if !isObject {
			return nil, badRequest("invalid_vectors_type", "The `_vectors` field in the document with id: `"+id+"` is not an object.")
		}
		for name, v := range byName {
			all, ok := readVectors(v)
			if _, known := x.settings.embedders[name]; !ok || !known {
				return nil, badRequest("invalid_vectors_type", "Bad embedder configuration in the document with id: `"+id+"`. `._vectors."+name+"` must be an array of floats, an array of arrays of floats, or an object with field `regenerate`")
			}
			vectors[name] = all
		}
	}

	delete(d, "_vectors")
	return vectors, checkVectors(x.settings.embedders, id, vectors)
}

// readVectors reads null, a vector, a list of vectors, or an object with these.
// What is to be generated here is refused.
func readVectors(v any) (all [][]float64, ok bool) {
	if object, is := v.(map[string]any); is {
		if regenerate, is := object["regenerate"].(bool); !is || regenerate {
			return nil, false
		}
		v = object["embeddings"]
	}

	text, err := json.Marshal(v)
	if err != nil {
		return nil, false
	}

	var one []float64
	if json.Unmarshal(text, &one) == nil {
		if len(one) > 0 {
			all = [][]float64{one}
		}
		return all, true
	}
	return all, json.Unmarshal(text, &all) == nil && len(all) <= 256
}

func (d *stored) shownVectors() map[string]any {
	out := map[string]any{}
	for name, all := range d.vectors {
		out[name] = map[string]any{"embeddings": append([][]float64{}, all...), "regenerate": false}
	}
	return out
}

// checkVector checks what a query says of its vector.
func (st *settings) checkVector(q query) *problem {
	if q.Hybrid == nil && q.Vector == nil {
		return nil
	}
	if q.Hybrid == nil {
		return badRequest("missing_search_hybrid", "Invalid request: missing `hybrid` parameter when `vector` or `media` are present.")
	}
	if q.Vector == nil || q.Q != "" || q.Hybrid.SemanticRatio == nil || *q.Hybrid.SemanticRatio != 1 {
		return badRequest("invalid_search_semantic_ratio", "a query both of words and of a vector is not known here")
	}

	e, ok := st.embedders[q.Hybrid.Embedder]
	switch {
	case !ok:
		return badRequest("invalid_search_embedder", "Cannot find embedder with name `"+q.Hybrid.Embedder+"`.")
	case len(q.Vector) != e.Dimensions:
		return badRequest("invalid_vector_dimensions", fmt.Sprintf("Invalid vector dimensions: expected: `%d`, found: `%d`.", e.Dimensions, len(q.Vector)))
	}
	return nil
}

// scoreVector is (1 + cosine) / 2 of the nearest vector of a document.
func (d *stored) scoreVector(q query) (best float64) {
	for _, v := range d.vectors[q.Hybrid.Embedder] {
		var dot, a, b float64
		for i := range v {
			dot, a, b = dot+v[i]*q.Vector[i], a+v[i]*v[i], b+q.Vector[i]*q.Vector[i]
		}
		if a > 0 && b > 0 {
			best = max(best, (1+dot/math.Sqrt(a*b))/2)
		}
	}
	return best
}

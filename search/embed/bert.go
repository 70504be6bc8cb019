package embed

import (
	"errors"
	"fmt"

	"tidings.example/tidings/search/vector"
)

// The dimensions of all-MiniLM-L6-v2, a BERT encoder.
const (
	hiddenSize  = 384
	innerSize   = 1536
	headCount   = 12
	headSize    = hiddenSize / headCount
	layerCount  = 6
	maxPieces   = 256 // that the model was trained on
	layerNormEp = 1e-12
)

// bert computes the vectors of texts (Devlin et al. 2018; mean of the last layer,
// Reimers and Gurevych 2019). It is immutable.
type bert struct {
	file      *tensorFile
	words     int64 // offset of the vectors of pieces, which stay on the disk
	wordCount int
	positions []float32 // of maxPieces, with the vector of the only sentence added
	norm      layerNorm
	layers    [layerCount]bertLayer
}

type bertLayer struct {
	query, key, value, attended, inner, outer linear
	attendedNorm, outerNorm                   layerNorm
}

// linear is a matrix, a row for each output, and what is added.
type linear struct{ weight, bias []float32 }

type layerNorm struct{ weight, bias []float32 }

// loadBERT reads the weights but the vectors of pieces.
func loadBERT(path string, words int) (b *bert, err error) {
	file, err := openTensors(path)
	if err != nil {
		return nil, err
	}

	b = &bert{file: file, wordCount: words}
	info, err := file.findTensor("embeddings.word_embeddings.weight", words, hiddenSize)
	b.words = info.Offsets[0]
	load := func(name string, shape ...int) (t []float32) {
		if err == nil {
			t, err = file.loadTensor(name, shape...)
		}
		return t
	}
	loadNorm := func(name string) layerNorm {
		return layerNorm{load(name+".weight", hiddenSize), load(name+".bias", hiddenSize)}
	}
	loadLinear := func(name string, out, in int) linear {
		return linear{load(name+".weight", out, in), load(name+".bias", out)}
	}

	b.positions = load("embeddings.position_embeddings.weight", 512, hiddenSize)
	sentence := load("embeddings.token_type_embeddings.weight", 2, hiddenSize)
	b.norm = loadNorm("embeddings.LayerNorm")
	for i := range b.layers {
		at := fmt.Sprintf("encoder.layer.%d.", i)
		b.layers[i] = bertLayer{
			query: loadLinear(at+"attention.self.query", hiddenSize, hiddenSize), key: loadLinear(at+"attention.self.key", hiddenSize, hiddenSize),
			value: loadLinear(at+"attention.self.value", hiddenSize, hiddenSize), attended: loadLinear(at+"attention.output.dense", hiddenSize, hiddenSize),
			inner: loadLinear(at+"intermediate.dense", innerSize, hiddenSize), outer: loadLinear(at+"output.dense", hiddenSize, innerSize),
			attendedNorm: loadNorm(at + "attention.output.LayerNorm"), outerNorm: loadNorm(at + "output.LayerNorm"),
		}
	}
	if err != nil {
		file.file.Close()
		return nil, err
	}

	b.positions = b.positions[:maxPieces*hiddenSize]
	for i := range b.positions {
		b.positions[i] += sentence[i%hiddenSize]
	}

	return b, nil
}

// embedPieces is the vector of a text, of unit length.
func (b *bert) embedPieces(ids []int) ([]float32, error) {
	x := make([]float32, 0, len(ids)*hiddenSize)
	for i, id := range ids {
		if id >= b.wordCount {
			return nil, fmt.Errorf("the piece %d is not one of the model", id)
		}
		word, err := b.file.readFloats(b.words+int64(4*hiddenSize*id), hiddenSize)
		if err != nil {
			return nil, err
		}
		for k := range word {
			word[k] += b.positions[i*hiddenSize+k]
		}
		x = append(x, word...)
	}

	b.norm.normaliseRows(x)
	for i := range b.layers {
		x = b.layers[i].transform(x)
	}

	mean := make([]float32, hiddenSize)
	for i, v := range x {
		mean[i%hiddenSize] += v
	}
	if !vector.Normalise(mean) {
		return nil, errors.New("a vector without direction")
	}

	return mean, nil
}

// transform is one layer on rows of hiddenSize.
func (l *bertLayer) transform(x []float32) []float32 {
	attended := l.attended.applyTo(attend(l.query.applyTo(x, hiddenSize), l.key.applyTo(x, hiddenSize), l.value.applyTo(x, hiddenSize)), hiddenSize)
	addTo(attended, x)
	l.attendedNorm.normaliseRows(attended)

	inner := l.inner.applyTo(attended, hiddenSize)
	for i, v := range inner {
		inner[i] = gelu(v)
	}

	out := l.outer.applyTo(inner, innerSize)
	addTo(out, attended)
	l.outerNorm.normaliseRows(out)

	return out
}

// attend is the attention of each row to all (Vaswani et al. 2017).
func attend(query, key, value []float32) []float32 {
	rows := len(query) / hiddenSize
	out, weights := make([]float32, len(query)), make([]float32, rows)
	for h := 0; h < hiddenSize; h += headSize {
		for i := 0; i < len(query); i += hiddenSize {
			for j := range weights {
				weights[j] = vector.Dot(query[i+h:i+h+headSize], key[j*hiddenSize+h:j*hiddenSize+h+headSize])
			}

			softmax(weights)
			to := out[i+h : i+h+headSize]
			for j, w := range weights {
				for k, v := range value[j*hiddenSize+h : j*hiddenSize+h+headSize] {
					to[k] += w * v
				}
			}
		}
	}
	return out
}

// applyTo multiplies rows of in numbers.
func (l linear) applyTo(x []float32, in int) []float32 {
	rows, outs := len(x)/in, len(l.bias)
	y := make([]float32, rows*outs)
	for o, bias := range l.bias {
		w := l.weight[o*in : (o+1)*in]
		for r := range rows {
			y[r*outs+o] = bias + vector.Dot(w, x[r*in:(r+1)*in])
		}
	}
	return y
}

package ggml

import (
	"fmt"
	"strings"
)

// tensor is a tensor of whisper.cpp's file: values of the source in 16 bits.
type tensor struct {
	name   string
	shape  []int // outermost first; the file has them the other way round
	offset int64 // in the source
	float  bool  // stored in 32 bits
}

// count is how many values the tensor has.
func (t tensor) count() int64 { return variable{shape: t.shape}.count() }

// tensorList collects the tensors in the order of whisper.cpp's converter.
type tensorList struct {
	from contents
	out  []tensor
	err  error
}

// listTensors returns the tensors in the order in which they are written.
func listTensors(c contents) ([]tensor, error) {
	l := &tensorList{from: c}
	l.addTable("decoder.positional_embedding", "decoder/position_encodings/encodings")
	l.addTable("encoder.positional_embedding", "encoder/position_encodings/encodings")
	l.addWhole("decoder.token_embedding.weight", "decoder/embeddings/weight")

	for i := range c.countLayers("decoder") {
		l.addBlock("decoder", i)
	}
	l.addNorm("decoder.ln", "decoder/layer_norm")

	l.addConvolution("conv1")
	l.addConvolution("conv2")
	for i := range c.countLayers("encoder") {
		l.addBlock("encoder", i)
	}
	l.addNorm("encoder.ln_post", "encoder/layer_norm")

	return l.out, l.err
}

// countLayers is how many layers one side of the model has.
func (c contents) countLayers(side string) int {
	n := 0
	for name := range c {
		if strings.HasPrefix(name, side+"/layer_") && strings.HasSuffix(name, "/ffn/layer_norm/gamma") {
			n++
		}
	}
	return n
}

// addRows adds one of several equal parts of a variable, cut along its first
// dimension.
func (l *tensorList) addRows(name, from string, part, parts int) {
	v, ok := l.from[from]
	switch {
	case l.err != nil:
		return
	case !ok:
		l.err = notWeights(from + " is missing")
		return
	case v.kind != typeFloat16 || v.size != 2*v.count():
		l.err = notWeights(from + " is not in 16 bits")
		return
	case len(v.shape) == 0 || v.shape[0]%parts != 0:
		l.err = notWeights(from + " has another shape")
		return
	}

	shape := append([]int{v.shape[0] / parts}, v.shape[1:]...)
	t := tensor{name: name, shape: shape, float: len(shape) == 1}
	t.offset = v.offset + int64(part)*2*t.count()
	l.out = append(l.out, t)
}

func (l *tensorList) addWhole(name, from string) { l.addRows(name, from, 0, 1) }

// editLast changes the tensor that was added last.
func (l *tensorList) editLast(edit func(*tensor)) {
	if l.err == nil {
		edit(&l.out[len(l.out)-1])
	}
}

// addTable adds a table of positions, which is stored in 32 bits.
func (l *tensorList) addTable(name, from string) {
	l.addWhole(name, from)
	l.editLast(func(t *tensor) { t.float = true })
}

// addConvolution adds a convolution, whose bias is stored as a column.
func (l *tensorList) addConvolution(name string) {
	l.addLinear("encoder."+name, "encoder/"+name)
	l.editLast(func(t *tensor) { t.shape = append(t.shape, 1) })
}

func (l *tensorList) addNorm(name, from string) {
	l.addWhole(name+".weight", from+"/gamma")
	l.addWhole(name+".bias", from+"/beta")
}

func (l *tensorList) addLinear(name, from string) {
	l.addWhole(name+".weight", from+"/weight")
	l.addWhole(name+".bias", from+"/bias")
}

// addBlock adds a layer of the encoder or decoder.
func (l *tensorList) addBlock(side string, i int) {
	name, from := fmt.Sprintf("%s.blocks.%d", side, i), fmt.Sprintf("%s/layer_%d", side, i)
	l.addNorm(name+".mlp_ln", from+"/ffn/layer_norm")
	l.addLinear(name+".mlp.0", from+"/ffn/linear_0")
	l.addLinear(name+".mlp.2", from+"/ffn/linear_1")
	l.addNorm(name+".attn_ln", from+"/self_attention/layer_norm")
	l.addSelfAttention(name+".attn", from+"/self_attention")

	if side == "decoder" {
		l.addNorm(name+".cross_attn_ln", from+"/attention/layer_norm")
		l.addCrossAttention(name+".cross_attn", from+"/attention")
	}
}

// addSelfAttention splits the source's one matrix for query, key and value. The
// key has no bias.
func (l *tensorList) addSelfAttention(name, from string) {
	weight, bias := from+"/linear_0/weight", from+"/linear_0/bias"
	l.addRows(name+".query.weight", weight, 0, 3)
	l.addRows(name+".query.bias", bias, 0, 3)
	l.addRows(name+".key.weight", weight, 1, 3)
	l.addRows(name+".value.weight", weight, 2, 3)
	l.addRows(name+".value.bias", bias, 2, 3)
	l.addLinear(name+".out", from+"/linear_1")
}

// addCrossAttention splits the source's one matrix for key and value.
func (l *tensorList) addCrossAttention(name, from string) {
	weight, bias := from+"/linear_1/weight", from+"/linear_1/bias"
	l.addLinear(name+".query", from+"/linear_0")
	l.addRows(name+".key.weight", weight, 0, 2)
	l.addRows(name+".value.weight", weight, 1, 2)
	l.addRows(name+".value.bias", bias, 1, 2)
	l.addLinear(name+".out", from+"/linear_2")
}

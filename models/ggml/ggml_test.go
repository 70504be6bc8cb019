package ggml_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"math"
	"runtime"
	"slices"
	"testing"

	"tidings.example/tidings/models/ggml"
	"tidings.example/tidings/models/ggml/ggmltest"
	"tidings.example/tidings/tidings"
)

func convert(t *testing.T, format ggml.Format) []byte {
	t.Helper()
	weights := ggmltest.Weights()
	var out bytes.Buffer
	if err := ggml.Convert(t.Context(), &out, ggml.Source{Weights: bytes.NewReader(weights), Size: int64(len(weights)), Vocabulary: ggmltest.Vocabulary()}, format); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// fileReader reads whisper.cpp's format, as its loader does.
type fileReader struct {
	*testing.T
	in *bytes.Reader
}

func (r fileReader) readInt() int {
	var v int32
	if err := binary.Read(r.in, binary.LittleEndian, &v); err != nil {
		r.Fatal(err)
	}
	return int(v)
}

func (r fileReader) readBytes(n int) []byte {
	b := make([]byte, n)
	if _, err := io.ReadFull(r.in, b); err != nil {
		r.Fatal(err)
	}
	return b
}

// readHeader returns the numbers, the filters and the tokens.
func (r fileReader) readHeader() (numbers []int, filters []byte, tokens []string) {
	for range 14 {
		numbers = append(numbers, r.readInt())
	}
	filters = r.readBytes(4 * numbers[12] * numbers[13])
	for range r.readInt() {
		tokens = append(tokens, string(r.readBytes(r.readInt())))
	}
	return numbers, filters, tokens
}

// fileTensor is a tensor of a file; its values are described by the first one.
type fileTensor struct {
	name  string
	kind  int
	dims  []int
	first []byte
}

func (r fileReader) readTensors() (out []fileTensor) {
	for r.in.Len() > 0 {
		rank, length := r.readInt(), r.readInt()
		t, n := fileTensor{kind: r.readInt()}, 1
		for range rank {
			t.dims = append(t.dims, r.readInt())
			n *= t.dims[len(t.dims)-1]
		}

		t.name = string(r.readBytes(length))
		size := map[int]int{0: 4 * n, 1: 2 * n, 8: n / 32 * 34}[t.kind]
		one := map[int]int{0: 4, 1: 2, 8: 34}[t.kind]
		values := r.readBytes(size)
		t.first = values[:one]
		if !bytes.Equal(values, bytes.Repeat(t.first, size/one)) {
			r.Errorf("%s mixes the values of several variables", t.name)
		}

		out = append(out, t)
	}

	return out
}

// TestHeader: the numbers come from the shapes, the filters are bit for bit those
// of the publisher's files, tokens are bytes.
func TestHeader(t *testing.T) {
	for format, kind := range map[ggml.Format]int{ggml.F16: 1, ggml.Q8: 2007} {
		r := fileReader{t, bytes.NewReader(convert(t, format))}
		numbers, filters, tokens := r.readHeader()
		if want := []int{0x67676d6c, 70, 7, 64, 1, 2, 5, 64, 1, 2, 80, kind, 80, 201}; !slices.Equal(numbers, want) {
			t.Errorf("the numbers are %v, not %v", numbers, want)
		}

		sum := sha256.Sum256(filters)
		if got := hex.EncodeToString(sum[:]); got != "85818f156f7e189453901a515e4726d270d307f976e161cf9403e8caab405498" {
			t.Errorf("other filters: %s", got)
		}

		if len(tokens) != 50_257 || !slices.Equal(tokens[:4], []string{" the", "\x00", "世", "a"}) {
			t.Errorf("%d tokens, %q", len(tokens), tokens[:4])
		}
	}
}

// wantTensor is a tensor by its name and the source's variable and part.
type wantTensor struct {
	name, from string
	part       int
}

// wantTensors is the order of whisper.cpp's converter, written out.
func wantTensors() []wantTensor {
	out := []wantTensor{
		{"decoder.positional_embedding", "decoder/position_encodings/encodings", 0}, {"encoder.positional_embedding", "encoder/position_encodings/encodings", 0},
		{"decoder.token_embedding.weight", "decoder/embeddings/weight", 0},
	}
	for i := range ggmltest.Layers {
		out = append(out, wantLayer("decoder", i)...)
	}
	out = append(out, wantTensor{"decoder.ln.weight", "decoder/layer_norm/gamma", 0}, wantTensor{"decoder.ln.bias", "decoder/layer_norm/beta", 0},
		wantTensor{"encoder.conv1.weight", "encoder/conv1/weight", 0}, wantTensor{"encoder.conv1.bias", "encoder/conv1/bias", 0},
		wantTensor{"encoder.conv2.weight", "encoder/conv2/weight", 0}, wantTensor{"encoder.conv2.bias", "encoder/conv2/bias", 0})
	for i := range ggmltest.Layers {
		out = append(out, wantLayer("encoder", i)...)
	}
	return append(out, wantTensor{"encoder.ln_post.weight", "encoder/layer_norm/gamma", 0}, wantTensor{"encoder.ln_post.bias", "encoder/layer_norm/beta", 0})
}

func wantLayer(side string, i int) (out []wantTensor) {
	add := func(name, from string, part int) {
		out = append(out, wantTensor{fmt.Sprintf("%s.blocks.%d.%s", side, i, name), fmt.Sprintf("%s/layer_%d/%s", side, i, from), part})
	}
	add("mlp_ln.weight", "ffn/layer_norm/gamma", 0)
	add("mlp_ln.bias", "ffn/layer_norm/beta", 0)
	add("mlp.0.weight", "ffn/linear_0/weight", 0)
	add("mlp.0.bias", "ffn/linear_0/bias", 0)
	add("mlp.2.weight", "ffn/linear_1/weight", 0)
	add("mlp.2.bias", "ffn/linear_1/bias", 0)
	add("attn_ln.weight", "self_attention/layer_norm/gamma", 0)
	add("attn_ln.bias", "self_attention/layer_norm/beta", 0)
	add("attn.query.weight", "self_attention/linear_0/weight", 0)
	add("attn.query.bias", "self_attention/linear_0/bias", 0)
	add("attn.key.weight", "self_attention/linear_0/weight", 1)
	add("attn.value.weight", "self_attention/linear_0/weight", 2)
	add("attn.value.bias", "self_attention/linear_0/bias", 2)
	add("attn.out.weight", "self_attention/linear_1/weight", 0)
	add("attn.out.bias", "self_attention/linear_1/bias", 0)

	if side == "decoder" {
		add("cross_attn_ln.weight", "attention/layer_norm/gamma", 0)
		add("cross_attn_ln.bias", "attention/layer_norm/beta", 0)
		add("cross_attn.query.weight", "attention/linear_0/weight", 0)
		add("cross_attn.query.bias", "attention/linear_0/bias", 0)
		add("cross_attn.key.weight", "attention/linear_1/weight", 0)
		add("cross_attn.value.weight", "attention/linear_1/weight", 1)
		add("cross_attn.value.bias", "attention/linear_1/bias", 1)
		add("cross_attn.out.weight", "attention/linear_2/weight", 0)
		add("cross_attn.out.bias", "attention/linear_2/bias", 0)
	}
	return out
}

// TestTensors: every tensor is in its place, with the values of its part of the
// source and of the type that whisper.cpp expects.
func TestTensors(t *testing.T) {
	index := map[string]int{}
	for i, v := range ggmltest.Variables() {
		index[v.Name] = i
	}

	for _, format := range []ggml.Format{ggml.F16, ggml.Q8} {
		r := fileReader{t, bytes.NewReader(convert(t, format))}
		r.readHeader()
		got, want := r.readTensors(), wantTensors()
		if len(got) != len(want) {
			t.Fatalf("%d tensors, not %d", len(got), len(want))
		}

		for i, w := range want {
			value := ggmltest.Value(index[w.from], w.part)
			exact := float32(1) + float32(value-ggmltest.One)/1024
			first := binary.LittleEndian.AppendUint16(nil, value)
			switch {
			case len(got[i].dims) == 1 || w.name == "decoder.positional_embedding" || w.name == "encoder.positional_embedding" || w.name == "encoder.conv1.bias" || w.name == "encoder.conv2.bias":
				first = binary.LittleEndian.AppendUint32(nil, math.Float32bits(exact))
			case format == ggml.Q8 && len(got[i].dims) == 2:
				first = append(binary.LittleEndian.AppendUint16(nil, ggml.FloatToHalf(exact/127)), bytes.Repeat([]byte{127}, 32)...)
			}
			if got[i].name != w.name || !bytes.Equal(got[i].first, first) {
				t.Errorf("tensor %d is %s with %x, not %s with %x", i, got[i].name, got[i].first, w.name, first)
			}
		}

		if bias := got[slices.IndexFunc(got, func(f fileTensor) bool { return f.name == "encoder.conv1.bias" })]; !slices.Equal(bias.dims, []int{1, ggmltest.State}) {
			t.Errorf("the bias of a convolution is %v", bias.dims)
		}
	}
}

// TestBadSources: a file that is cut, longer than it says, or something else is
// refused, without a panic.
func TestBadSources(t *testing.T) {
	whole := ggmltest.Weights()
	try := func(name string, weights []byte, vocabulary string) {
		t.Helper()
		err := ggml.Convert(t.Context(), io.Discard, ggml.Source{Weights: bytes.NewReader(weights), Size: int64(len(weights)), Vocabulary: vocabulary}, ggml.Q8)
		if tidings.KindOf(err) != tidings.KindInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}

	for n := 0; n < len(whole)-4; n += 1 + n/50 {
		try(fmt.Sprintf("the first %d bytes", n), whole[:n], ggmltest.Vocabulary())
	}

	for i := range 60 { // the head and the first variable's description
		for _, b := range []byte{0xFF, 0x80} {
			bad := bytes.Clone(whole)
			bad[i] ^= b
			err := ggml.Convert(t.Context(), io.Discard, ggml.Source{Weights: bytes.NewReader(bad), Size: int64(len(bad)), Vocabulary: ggmltest.Vocabulary()}, ggml.Q8)
			if err != nil && tidings.KindOf(err) != tidings.KindInvalid {
				t.Errorf("byte %d: %v", i, err)
			}
		}
	}

	try("another format", []byte("PK\x03\x04 and so on, as long as it may be"), ggmltest.Vocabulary())
	try("half a vocabulary", whole, "a\nb\n")
}

// sparse is a model with one large matrix, which is made up while it is read.
type sparse struct {
	head   []byte
	offset int64
	tail   []byte
	size   int64
}

// ReadAt implements io.ReaderAt.
func (s sparse) ReadAt(p []byte, at int64) (int, error) {
	for i := range p {
		switch k := at + int64(i); {
		case k < s.offset:
			p[i] = s.head[k]
		case k < s.offset+s.size:
			p[i] = byte(k)
		case k-s.offset-s.size < int64(len(s.tail)):
			p[i] = s.tail[k-s.offset-s.size]
		default:
			return i, io.EOF
		}
	}
	return len(p), nil
}

// TestConvertMemory: memory does not grow with the model.
func TestConvertMemory(t *testing.T) {
	const rows, size = 500_000, 500_000 * 2 * ggmltest.State // 64 MB
	whole := ggmltest.Weights()
	at := bytes.Index(whole, []byte("embeddings/weight\x00")) + len("embeddings/weight\x00") + 1
	head := bytes.Clone(whole[:at+13])
	binary.LittleEndian.PutUint32(head[at:], rows)
	binary.LittleEndian.PutUint32(head[at+9:], size)
	src := sparse{head: head, offset: int64(at + 13), tail: whole[at+13+70*2*ggmltest.State:], size: size}

	var before, after runtime.MemStats
	vocabulary := ggmltest.Vocabulary()
	runtime.ReadMemStats(&before)
	err := ggml.Convert(t.Context(), io.Discard, ggml.Source{Weights: src, Size: src.offset + size + int64(len(src.tail)), Vocabulary: vocabulary}, ggml.Q8)
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; err != nil || used > size/4 {
		t.Errorf("%v; %d MiB were allocated in all", err, used>>20)
	}
}

package transcribe

import (
	"encoding/binary"
	"math"
)

// tensor is a named array of floats in a model file.
type tensor struct {
	name string
	f    []float32
}

// protoField is one field of a protocol buffer message: v for numbers, data for
// length-delimited values.
type protoField struct {
	num  int
	v    uint64
	data []byte
}

// parseProto reads a protocol buffer message and stops at the first malformed
// field.
func parseProto(b []byte, each func(protoField)) {
	for len(b) > 0 {
		k, n := binary.Uvarint(b)
		if n <= 0 {
			return
		}

		b = b[n:]
		f := protoField{num: int(k >> 3)}
		switch k & 7 {
		case 0:
			if f.v, n = binary.Uvarint(b); n <= 0 {
				return
			}
		case 1:
			n = 8
		case 5:
			n = 4
		case 2:
			size, m := binary.Uvarint(b)
			if m <= 0 || uint64(len(b)-m) < size {
				return
			}
			f.data, n = b[m:m+int(size)], m+int(size)
		default:
			return
		}

		if len(b) < n {
			return
		}

		b = b[n:]
		each(f)
	}
}

// floatTensors walks an ONNX model (https://onnx.ai/onnx/repo-docs/IR.html) and
// calls each for its float tensors: initialisers and Constant nodes, also those
// inside the branches of If nodes. branch is the path of attribute names to the
// tensor. This is not an ONNX runtime: the network itself is written in
// silero.go.
func floatTensors(model []byte, each func(branch string, t tensor)) {
	parseProto(model, func(f protoField) {
		if f.num == 7 { // ModelProto.graph
			walkGraph(f.data, "", each)
		}
	})
}

func walkGraph(b []byte, branch string, each func(string, tensor)) {
	parseProto(b, func(f protoField) {
		switch f.num {
		case 1: // GraphProto.node
			walkNode(f.data, branch, each)
		case 5: // GraphProto.initializer
			each(branch, parseTensor(f.data))
		}
	})
}

func walkNode(b []byte, branch string, each func(string, tensor)) {
	output := ""
	var attributes [][]byte
	parseProto(b, func(f protoField) {
		switch f.num {
		case 2: // NodeProto.output
			if output == "" {
				output = string(f.data)
			}
		case 5: // NodeProto.attribute
			attributes = append(attributes, f.data)
		}
	})
	for _, a := range attributes {
		name := ""
		parseProto(a, func(f protoField) {
			switch f.num {
			case 1: // AttributeProto.name, always before the value
				name = string(f.data)
			case 5: // AttributeProto.t: a Constant's value has the name of its output
				t := parseTensor(f.data)
				t.name = output
				each(branch, t)
			case 6: // AttributeProto.g
				walkGraph(f.data, branch+"/"+name, each)
			}
		})
	}
}

func parseTensor(b []byte) tensor {
	var t tensor
	var raw []byte
	kind := uint64(0)
	parseProto(b, func(f protoField) {
		switch f.num {
		case 2: // TensorProto.data_type
			kind = f.v
		case 4: // TensorProto.float_data
			t.f = append(t.f, decodeFloats(f.data)...)
		case 8: // TensorProto.name
			t.name = string(f.data)
		case 9: // TensorProto.raw_data
			raw = f.data
		}
	})
	if kind == 1 && raw != nil { // FLOAT
		t.f = decodeFloats(raw)
	}

	return t
}

func decodeFloats(b []byte) []float32 {
	out := make([]float32, 0, len(b)/4)
	for ; len(b) >= 4; b = b[4:] {
		out = append(out, math.Float32frombits(binary.LittleEndian.Uint32(b)))
	}
	return out
}

// Package ggmltest makes small Whisper models in CTranslate2's format.
package ggmltest

import (
	"encoding/binary"
	"fmt"
	"strings"
)

// State is the width of the model; Layers is how many each of its sides has.
const (
	State  = 64
	Layers = 2
)

// One is 1 in 16 bits. The values of a variable are One and the numbers after it:
// the place of the variable, and the third or half of its rows.
const One = 0x3C00

// Variable is a variable of the model, in the order of the file.
type Variable struct {
	Name  string
	Shape []uint32
	Parts int // equal parts of its rows with values of their own
}

// Variables are all of the model.
func Variables() []Variable {
	out := []Variable{
		{"decoder/embeddings/weight", []uint32{70, State}, 1}, {"decoder/position_encodings/encodings", []uint32{5, State}, 1},
		{"encoder/position_encodings/encodings", []uint32{7, State}, 1},
		{"encoder/conv1/weight", []uint32{State, 80, 3}, 1}, {"encoder/conv1/bias", []uint32{State}, 1},
		{"encoder/conv2/weight", []uint32{State, State, 3}, 1}, {"encoder/conv2/bias", []uint32{State}, 1},
	}
	for _, side := range []string{"encoder", "decoder"} {
		for i := range Layers {
			out = append(out, layerVariables(side, fmt.Sprintf("%s/layer_%d", side, i))...)
		}
		out = append(out, normVariables(side+"/layer_norm")...)
	}

	return out
}

func layerVariables(side, name string) []Variable {
	out := append(normVariables(name+"/self_attention/layer_norm"), linearVariables(name+"/self_attention/linear_0", 3)...)
	out = append(out, linearVariables(name+"/self_attention/linear_1", 1)...)
	if side == "decoder" {
		out = append(out, normVariables(name+"/attention/layer_norm")...)
		out = append(out, linearVariables(name+"/attention/linear_0", 1)...)
		out = append(out, linearVariables(name+"/attention/linear_1", 2)...)
		out = append(out, linearVariables(name+"/attention/linear_2", 1)...)
	}
	out = append(out, normVariables(name+"/ffn/layer_norm")...)
	return append(append(out, linearVariables(name+"/ffn/linear_0", 1)...), linearVariables(name+"/ffn/linear_1", 1)...)
}

func normVariables(name string) []Variable {
	return []Variable{{name + "/gamma", []uint32{State}, 1}, {name + "/beta", []uint32{State}, 1}}
}

func linearVariables(name string, parts int) []Variable {
	return []Variable{{name + "/weight", []uint32{uint32(parts * State), State}, parts}, {name + "/bias", []uint32{uint32(parts * State)}, parts}}
}

// Value is what a part of a variable holds, in 16 bits.
func Value(variable, part int) uint16 { return One + uint16(4*variable+part) }

// Weights is the model's file.
func Weights() []byte {
	le := binary.LittleEndian
	name := func(b []byte, s string) []byte {
		return append(append(le.AppendUint16(b, uint16(len(s)+1)), s...), 0)
	}

	all := Variables()
	out := name(le.AppendUint32(nil, 6), "WhisperSpec")
	out = le.AppendUint32(le.AppendUint32(out, 3), uint32(len(all)))
	for i, v := range all {
		out = append(name(out, v.Name), byte(len(v.Shape)))
		n := uint32(1)
		for _, d := range v.Shape {
			out = le.AppendUint32(out, d)
			n *= d
		}

		out = le.AppendUint32(append(out, 4), 2*n)
		for k := range n {
			out = le.AppendUint16(out, Value(i, int(k/(n/uint32(v.Parts)))))
		}
	}

	return le.AppendUint32(out, 0) // no aliases
}

// Vocabulary is a token a line: one with a space, one of a byte that is no
// printable character, one outside of the table, then letters.
func Vocabulary() string {
	return "Ġthe\nĀ\n世\n" + strings.Repeat("a\n", 50_254) + "<|special|>\n"
}

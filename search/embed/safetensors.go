package embed

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
)

// tensorFile is a file of weights in the format safetensors
// (https://huggingface.co/docs/safetensors): the length of a header, the header in
// JSON, and the numbers.
type tensorFile struct {
	file    *os.File
	data    int64 // offset of the numbers
	size    int64 // of the file
	tensors map[string]tensorInfo
}

type tensorInfo struct {
	Type    string   `json:"dtype"`
	Shape   []int    `json:"shape"`
	Offsets [2]int64 `json:"data_offsets"`
}

const maxTensorHeader = 1 << 20

func openTensors(path string) (*tensorFile, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}

	t := &tensorFile{file: file}
	if err := t.readHeader(); err != nil {
		file.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return t, nil
}

func (t *tensorFile) readHeader() error {
	info, err := t.file.Stat()
	if err != nil {
		return err
	}
	t.size = info.Size()

	var length [8]byte
	if _, err := io.ReadFull(t.file, length[:]); err != nil {
		return err
	}
	n := binary.LittleEndian.Uint64(length[:])
	if n > maxTensorHeader {
		return fmt.Errorf("a header of %d bytes", n)
	}

	header := make([]byte, n)
	if _, err := io.ReadFull(t.file, header); err != nil {
		return err
	}

	all := map[string]json.RawMessage{}
	if err := json.Unmarshal(header, &all); err != nil {
		return err
	}

	t.data, t.tensors = int64(len(length)+len(header)), map[string]tensorInfo{}
	for name, raw := range all {
		var info tensorInfo
		if name != "__metadata__" && json.Unmarshal(raw, &info) == nil {
			t.tensors[name] = info
		}
	}

	return nil
}

// findTensor checks that a tensor is there, of 32-bit floats and the shape given.
func (t *tensorFile) findTensor(name string, shape ...int) (tensorInfo, error) {
	info, ok := t.tensors[name]
	want := int64(4)
	for _, n := range shape {
		want *= int64(n)
	}
	if !ok || info.Type != "F32" || !slices.Equal(info.Shape, shape) || info.Offsets[0] < 0 || info.Offsets[1]-info.Offsets[0] != want || t.data+info.Offsets[1] > t.size {
		return info, fmt.Errorf("no tensor %s of %v floats in the file (%v)", name, shape, info)
	}
	return info, nil
}

// loadTensor reads a tensor.
func (t *tensorFile) loadTensor(name string, shape ...int) ([]float32, error) {
	info, err := t.findTensor(name, shape...)
	if err != nil {
		return nil, err
	}
	return t.readFloats(info.Offsets[0], int(info.Offsets[1]-info.Offsets[0])/4)
}

// readFloats reads n numbers from an offset on.
func (t *tensorFile) readFloats(offset int64, n int) ([]float32, error) {
	raw := make([]byte, 4*n)
	if _, err := t.file.ReadAt(raw, t.data+offset); err != nil {
		return nil, err
	}

	out := make([]float32, n)
	for i := range out {
		out[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
	}
	return out, nil
}

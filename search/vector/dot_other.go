//go:build !amd64

package vector

const hasKernels = false

func dotFloatsAVX2(a, b []float32) float32 { return dotFloats(a, b) }

func dotBytesAVX2(a, b []byte) int32 { return dotBytes(a, b) }

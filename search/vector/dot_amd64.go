package vector

import "golang.org/x/sys/cpu"

// hasKernels says that the processor has what the kernels use.
var hasKernels = cpu.X86.HasAVX2 && cpu.X86.HasFMA

// dotFloatsAVX2 needs as many numbers in b as in a: a positive multiple of lane.
//
//go:noescape
func dotFloatsAVX2(a, b []float32) float32

// dotBytesAVX2 is the same for signed bytes.
//
//go:noescape
func dotBytesAVX2(a, b []byte) int32

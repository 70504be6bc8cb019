package vector

// lane is the number of values that a kernel takes at once.
const lane = 32

// Dot is the inner product of two vectors of the same length.
func Dot(a, b []float32) float32 {
	b = b[:len(a)]
	n := len(a) &^ (lane - 1)
	if !hasKernels || n == 0 {
		return dotFloats(a, b)
	}
	return dotFloatsAVX2(a[:n], b[:n]) + dotFloats(a[n:], b[n:])
}

// dotSigned is the inner product of signed bytes.
func dotSigned(a, b []byte) int32 {
	b = b[:len(a)]
	n := len(a) &^ (lane - 1)
	if !hasKernels || n == 0 {
		return dotBytes(a, b)
	}
	return dotBytesAVX2(a[:n], b[:n]) + dotBytes(a[n:], b[n:])
}

func dotFloats(a, b []float32) float32 {
	b = b[:len(a)]
	var s, t, u, v float32
	i := 0
	for ; i+4 <= len(a); i += 4 {
		s, t, u, v = s+a[i]*b[i], t+a[i+1]*b[i+1], u+a[i+2]*b[i+2], v+a[i+3]*b[i+3]
	}
	for ; i < len(a); i++ {
		s += a[i] * b[i]
	}
	return s + t + u + v
}

func dotBytes(a, b []byte) (sum int32) {
	b = b[:len(a)]
	for i := range a {
		sum += int32(int8(a[i])) * int32(int8(b[i]))
	}
	return sum
}

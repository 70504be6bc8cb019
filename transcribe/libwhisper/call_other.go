//go:build !(linux && amd64)

package libwhisper

// callWithStruct is written for one calling convention; Open refuses others.
func callWithStruct(uintptr, []byte, ...uintptr) uintptr {
	panic("libwhisper: not for this platform")
}

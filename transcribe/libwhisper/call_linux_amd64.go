package libwhisper

import (
	"runtime"
	"unsafe"

	"github.com/ebitengine/purego"
)

// structCall is a call of a C function that takes up to three integers or
// pointers and one large struct. The assembly knows its fields.
type structCall struct {
	fn     uintptr
	args   [3]uintptr
	value  unsafe.Pointer
	size   uintptr // a multiple of 16
	result uintptr
}

// callStructByValueABI0 is the address of the assembly function.
var callStructByValueABI0 uintptr

// callWithStruct calls fn with a copy of a struct, which purego cannot do on
// Linux. What the arguments point to must stay alive meanwhile.
func callWithStruct(fn uintptr, value []byte, args ...uintptr) uintptr {
	padded := make([]uint64, (len(value)+15)/16*2)
	call := &structCall{fn: fn, value: unsafe.Pointer(&padded[0]), size: uintptr(len(padded) * 8)}
	copy(unsafe.Slice((*byte)(call.value), len(padded)*8), value)
	copy(call.args[:], args)

	purego.SyscallN(callStructByValueABI0, uintptr(unsafe.Pointer(call)))
	runtime.KeepAlive(padded)
	return call.result
}

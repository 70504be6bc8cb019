// Package psx stands in for libcap's psx, which go-landlock uses to give a
// system call to every thread of a process. The real one without cgo rests on
// syscall.AllThreadsSyscall, which refuses to work in a program that holds
// purego (the runtime then takes it for a cgo program).
//
// Here a call reaches the calling thread only. That is enough for the one place
// that confines itself, media.GuardMain: it stays on its thread and then calls
// execve, which ends all other threads and keeps the caller's rights.
package psx

import "syscall"

// Syscall3 is syscall.RawSyscall on the calling thread.
func Syscall3(trap, a1, a2, a3 uintptr) (r1, r2 uintptr, err syscall.Errno) {
	return syscall.RawSyscall(trap, a1, a2, a3)
}

// Syscall6 is syscall.RawSyscall6 on the calling thread.
func Syscall6(trap, a1, a2, a3, a4, a5, a6 uintptr) (r1, r2 uintptr, err syscall.Errno) {
	return syscall.RawSyscall6(trap, a1, a2, a3, a4, a5, a6)
}

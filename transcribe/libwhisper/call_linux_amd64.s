#include "textflag.h"
#include "go_asm.h"

// callStructByValue calls a C function that takes a large struct by value, which
// the System V ABI passes on the stack. It is itself a C function of one argument,
// a pointer to a structCall, so that purego can call it on the system's stack.
GLOBL ·callStructByValueABI0(SB), NOPTR|RODATA, $8
DATA ·callStructByValueABI0(SB)/8, $callStructByValue(SB)
TEXT callStructByValue(SB), NOSPLIT|NOFRAME, $0
	PUSHQ BP
	MOVQ  SP, BP
	PUSHQ BX // preserved by the callee
	PUSHQ BX // keeps the stack aligned to 16 bytes
	MOVQ  DI, BX

	// Copy the struct to the stack: its size is a multiple of 16.
	MOVQ structCall_size(BX), CX
	SUBQ CX, SP
	MOVQ SP, DI
	MOVQ structCall_value(BX), SI
	SHRQ $3, CX
	CLD
	REP
	MOVSQ

	MOVQ structCall_args+0(BX), DI
	MOVQ structCall_args+8(BX), SI
	MOVQ structCall_args+16(BX), DX
	XORL AX, AX
	MOVQ structCall_fn(BX), R10
	CALL R10
	MOVQ AX, structCall_result(BX)

	LEAQ -16(BP), SP
	POPQ BX
	POPQ BX
	POPQ BP
	RET

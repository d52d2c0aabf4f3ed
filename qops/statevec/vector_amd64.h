// The kernels of kernel.go on one vector register a block: a column of 64 or 32 bytes of every block, the rest of the lanes by further calls.
// The files that include this one define the registers (V…, U…, M…), the instructions for the element type, and the size of a block:
// SIZE bytes, 1<<LOG bytes; a number is 1<<NUMBERLOG. Arguments: pointers to the first block, a table of int32 places, its length, coefficients, sums.

// MULTIPLY sets (e+if, g+ih) to the matrix U times (a+ib, c+id).
#define MULTIPLY(a, b, c, d, e, f, g, h) \
	VMUL    U0, a, e; \
	VMUL    U0, b, f; \
	VMUL    U4, a, g; \
	VMUL    U4, b, h; \
	VSUBMUL U1, b, e; \
	VADDMUL U1, a, f; \
	VSUBMUL U5, b, g; \
	VADDMUL U5, a, h; \
	VADDMUL U2, c, e; \
	VADDMUL U2, d, f; \
	VADDMUL U6, c, g; \
	VADDMUL U6, d, h; \
	VSUBMUL U3, d, e; \
	VADDMUL U3, c, f; \
	VSUBMUL U7, d, g; \
	VADDMUL U7, c, h

// MULTIPLYREAL sets (c, d) to the real part of U times (a, b).
#define MULTIPLYREAL(a, b, c, d) \
	VMUL    U0, a, c; \
	VMUL    U4, a, d; \
	VADDMUL U2, b, c; \
	VADDMUL U6, b, d

// PAIR sets AX and BX to the byte offsets of the next pair of places at R8.
#define PAIR \
	MOVLQSX 0(R8), AX; \
	MOVLQSX 4(R8), BX; \
	ADDQ    $8, R8; \
	SHLQ    $LOG, AX; \
	SHLQ    $LOG, BX

#define LOADU(from) \
	VMOVU 0*SIZE(from), U0; \
	VMOVU 1*SIZE(from), U1; \
	VMOVU 2*SIZE(from), U2; \
	VMOVU 3*SIZE(from), U3; \
	VMOVU 4*SIZE(from), U4; \
	VMOVU 5*SIZE(from), U5; \
	VMOVU 6*SIZE(from), U6; \
	VMOVU 7*SIZE(from), U7

// func turn(re, im, pairs unsafe.Pointer, count int, u unsafe.Pointer)
TEXT TURN(SB), NOSPLIT, $0-40
	MOVQ re+0(FP), SI
	MOVQ im+8(FP), DI
	MOVQ pairs+16(FP), R8
	MOVQ count+24(FP), CX
	MOVQ u+32(FP), DX
	LOADU(DX)

turn:
	PAIR
	VMOVU (SI)(AX*1), V0
	VMOVU (DI)(AX*1), V1
	VMOVU (SI)(BX*1), V2
	VMOVU (DI)(BX*1), V3
	MULTIPLY(V0, V1, V2, V3, V4, V5, V6, V7)
	VMOVU V4, (SI)(AX*1)
	VMOVU V5, (DI)(AX*1)
	VMOVU V6, (SI)(BX*1)
	VMOVU V7, (DI)(BX*1)
	DECQ  CX
	JNZ   turn
	VZEROUPPER
	RET

// func turnReal(x, pairs unsafe.Pointer, count int, u unsafe.Pointer)
TEXT TURNREAL(SB), NOSPLIT, $0-32
	MOVQ  x+0(FP), SI
	MOVQ  pairs+8(FP), R8
	MOVQ  count+16(FP), CX
	MOVQ  u+24(FP), DX
	LOADU(DX)

turnreal:
	PAIR
	VMOVU (SI)(AX*1), V0
	VMOVU (SI)(BX*1), V1
	MULTIPLYREAL(V0, V1, V2, V3)
	VMOVU V2, (SI)(AX*1)
	VMOVU V3, (SI)(BX*1)
	DECQ  CX
	JNZ   turnreal
	VZEROUPPER
	RET

// func turnBackReal(p, q, pairs unsafe.Pointer, count int, u, m unsafe.Pointer)
TEXT TURNBACKREAL(SB), NOSPLIT, $0-48
	MOVQ  p+0(FP), SI
	MOVQ  q+8(FP), DI
	MOVQ  pairs+16(FP), R8
	MOVQ  count+24(FP), CX
	MOVQ  u+32(FP), DX
	MOVQ  m+40(FP), R9
	LOADU(DX)
	VMOVU (R9), U1 // two sums in registers that a real matrix leaves free
	VXOR  U3, U3, U3

turnbackreal:
	PAIR
	VMOVU   (SI)(AX*1), V0
	VMOVU   (SI)(BX*1), V1
	VMOVU   (DI)(AX*1), V4
	VMOVU   (DI)(BX*1), V5
	MULTIPLYREAL(V0, V1, V2, V3)
	MULTIPLYREAL(V4, V5, V6, V7)
	VMOVU   V2, (SI)(AX*1)
	VMOVU   V3, (SI)(BX*1)
	VMOVU   V6, (DI)(AX*1)
	VMOVU   V7, (DI)(BX*1)
	VADDMUL V3, V6, U1
	VSUBMUL V2, V7, U3
	DECQ    CX
	JNZ     turnbackreal
	VADD    U3, U1, U1
	VMOVU   U1, (R9)
	VZEROUPPER
	RET

// func shift(re, im, class unsafe.Pointer, count int, phases unsafe.Pointer)
TEXT SHIFT(SB), NOSPLIT, $0-40
	MOVQ re+0(FP), SI
	MOVQ im+8(FP), DI
	MOVQ class+16(FP), R8
	MOVQ count+24(FP), CX
	MOVQ phases+32(FP), DX

shift:
	MOVLQSX (R8), AX
	ADDQ    $4, R8
	SHLQ    $(LOG+1), AX
	VMOVU   (DX)(AX*1), V2
	VMOVU   SIZE(DX)(AX*1), V3
	VMOVU   (SI), V0
	VMOVU   (DI), V1
	VMUL    V2, V0, V4
	VMUL    V2, V1, V5
	VSUBMUL V3, V1, V4
	VADDMUL V3, V0, V5
	VMOVU   V4, (SI)
	VMOVU   V5, (DI)
	ADDQ    $SIZE, SI
	ADDQ    $SIZE, DI
	DECQ    CX
	JNZ     shift
	VZEROUPPER
	RET

// PHASE sets AX to the offset of the next class's phase, and V8 and V9 to its parts in all lanes.
#define PHASE \
	MOVLQSX (R8), AX; \
	ADDQ    $4, R8; \
	SHLQ    $(NUMBERLOG+1), AX; \
	VBROADCAST (DX)(AX*1), V8; \
	VBROADCAST (1<<NUMBERLOG)(DX)(AX*1), V9

// func shiftAll(re, im, class unsafe.Pointer, count int, phases unsafe.Pointer)
TEXT SHIFTALL(SB), NOSPLIT, $0-40
	MOVQ re+0(FP), SI
	MOVQ im+8(FP), DI
	MOVQ class+16(FP), R8
	MOVQ count+24(FP), CX
	MOVQ phases+32(FP), DX

shiftall:
	PHASE
	VMOVU   (SI), V0
	VMOVU   (DI), V1
	VMUL    V8, V0, V4
	VMUL    V8, V1, V5
	VSUBMUL V9, V1, V4
	VADDMUL V9, V0, V5
	VMOVU   V4, (SI)
	VMOVU   V5, (DI)
	ADDQ    $SIZE, SI
	ADDQ    $SIZE, DI
	DECQ    CX
	JNZ     shiftall
	VZEROUPPER
	RET

// func shiftReal(x, class unsafe.Pointer, count int, phases unsafe.Pointer)
TEXT SHIFTREAL(SB), NOSPLIT, $0-32
	MOVQ x+0(FP), SI
	MOVQ class+8(FP), R8
	MOVQ count+16(FP), CX
	MOVQ phases+24(FP), DX

shiftreal:
	MOVLQSX    (R8), AX
	ADDQ       $4, R8
	SHLQ       $(NUMBERLOG+1), AX
	VBROADCAST (DX)(AX*1), V0
	VMUL       (SI), V0, V0
	VMOVU      V0, (SI)
	ADDQ       $SIZE, SI
	DECQ       CX
	JNZ        shiftreal
	VZEROUPPER
	RET

// func shiftBack(pr, pi, lr, li, class unsafe.Pointer, count int, phases, sums unsafe.Pointer)
TEXT SHIFTBACK(SB), NOSPLIT, $0-64
	MOVQ pr+0(FP), SI
	MOVQ pi+8(FP), DI
	MOVQ lr+16(FP), R10
	MOVQ li+24(FP), R11
	MOVQ class+32(FP), R8
	MOVQ count+40(FP), CX
	MOVQ phases+48(FP), DX
	MOVQ sums+56(FP), R9
	XORQ BX, BX

shiftback:
	PHASE
	SHLQ    $(LOG-NUMBERLOG-1), AX // of the sum
	VMOVU   (SI)(BX*1), V0
	VMOVU   (DI)(BX*1), V1
	VMOVU   (R10)(BX*1), V2
	VMOVU   (R11)(BX*1), V3
	VMUL    V8, V0, V4
	VMUL    V8, V1, V5
	VMUL    V8, V2, V6
	VMUL    V8, V3, V7
	VSUBMUL V9, V1, V4
	VADDMUL V9, V0, V5
	VSUBMUL V9, V3, V6
	VADDMUL V9, V2, V7
	VMOVU   (R9)(AX*1), V0
	VADDMUL V6, V5, V0
	VSUBMUL V7, V4, V0
	VMOVU   V0, (R9)(AX*1)
	VMOVU   V4, (SI)(BX*1)
	VMOVU   V5, (DI)(BX*1)
	VMOVU   V6, (R10)(BX*1)
	VMOVU   V7, (R11)(BX*1)
	ADDQ    $SIZE, BX
	DECQ    CX
	JNZ     shiftback
	VZEROUPPER
	RET

// func fold(lo, hi unsafe.Pointer, count int, difference unsafe.Pointer)
TEXT FOLD(SB), NOSPLIT, $0-32
	MOVQ  lo+0(FP), SI
	MOVQ  hi+8(FP), DI
	MOVQ  count+16(FP), CX
	MOVQ  difference+24(FP), DX
	VMOVU (DX), V2

fold:
	VMOVU (SI), V0
	VMOVU (DI), V1
	VADD  V1, V0, V3
	VSUB  V0, V1, V4
	VADD  V4, V2, V2
	VMOVU V3, (SI)
	ADDQ  $SIZE, SI
	ADDQ  $SIZE, DI
	DECQ  CX
	JNZ   fold
	VMOVU V2, (DX)
	VZEROUPPER
	RET

// func overlaps(pr, pi, lr, li, class unsafe.Pointer, count int, sums unsafe.Pointer)
TEXT OVERLAPS(SB), NOSPLIT, $0-56
	MOVQ pr+0(FP), SI
	MOVQ pi+8(FP), DI
	MOVQ lr+16(FP), R10
	MOVQ li+24(FP), R11
	MOVQ class+32(FP), R8
	MOVQ count+40(FP), CX
	MOVQ sums+48(FP), DX
	XORQ BX, BX

overlaps:
	MOVLQSX (R8), AX
	ADDQ    $4, R8
	SHLQ    $LOG, AX
	VMOVU   (SI)(BX*1), V0
	VMOVU   (DI)(BX*1), V1
	VMOVU   (DX)(AX*1), V2
	VADDMUL (R10)(BX*1), V1, V2
	VSUBMUL (R11)(BX*1), V0, V2
	VMOVU   V2, (DX)(AX*1)
	ADDQ    $SIZE, BX
	DECQ    CX
	JNZ     overlaps
	VZEROUPPER
	RET

// AVX2 has no registers left for the matrix here and reads it from memory.
#ifdef FEWREGISTERS
#undef U0
#undef U1
#undef U2
#undef U3
#undef U4
#undef U5
#undef U6
#undef U7
#define U0 0*SIZE(DX)
#define U1 1*SIZE(DX)
#define U2 2*SIZE(DX)
#define U3 3*SIZE(DX)
#define U4 4*SIZE(DX)
#define U5 5*SIZE(DX)
#define U6 6*SIZE(DX)
#define U7 7*SIZE(DX)
#endif

// func turnBack(pr, pi, lr, li, pairs unsafe.Pointer, count int, u, m unsafe.Pointer)
TEXT TURNBACK(SB), NOSPLIT, $0-64
	MOVQ  pr+0(FP), SI
	MOVQ  pi+8(FP), DI
	MOVQ  lr+16(FP), R10
	MOVQ  li+24(FP), R11
	MOVQ  pairs+32(FP), R8
	MOVQ  count+40(FP), CX
	MOVQ  u+48(FP), DX
	MOVQ  m+56(FP), R9
#ifndef FEWREGISTERS
	LOADU(DX)
#endif
	VMOVU 0*SIZE(R9), M0
	VMOVU 1*SIZE(R9), M1
	VMOVU 2*SIZE(R9), M2
	VMOVU 3*SIZE(R9), M3

turnback:
	PAIR
	VMOVU   (SI)(AX*1), V0
	VMOVU   (DI)(AX*1), V1
	VMOVU   (SI)(BX*1), V2
	VMOVU   (DI)(BX*1), V3
	MULTIPLY(V0, V1, V2, V3, V4, V5, V6, V7)
	VMOVU   V4, (SI)(AX*1)
	VMOVU   V5, (DI)(AX*1)
	VMOVU   V6, (SI)(BX*1)
	VMOVU   V7, (DI)(BX*1)
	VMOVU   (R10)(AX*1), V0
	VMOVU   (R11)(AX*1), V1
	VMOVU   (R10)(BX*1), V2
	VMOVU   (R11)(BX*1), V3
	MULTIPLY(V0, V1, V2, V3, V8, V9, V10, V11)
	VMOVU   V8, (R10)(AX*1)
	VMOVU   V9, (R11)(AX*1)
	VMOVU   V10, (R10)(BX*1)
	VMOVU   V11, (R11)(BX*1)
	VADDMUL V5, V8, M0
	VADDMUL V7, V10, M1
	VADDMUL V7, V8, M2
	VADDMUL V6, V8, M3
	VSUBMUL V4, V9, M0
	VSUBMUL V6, V11, M1
	VSUBMUL V6, V9, M2
	VADDMUL V7, V9, M3
	VADDMUL V5, V10, M2
	VSUBMUL V4, V10, M3
	VSUBMUL V4, V11, M2
	VSUBMUL V5, V11, M3
	DECQ    CX
	JNZ     turnback
	VMOVU   M0, 0*SIZE(R9)
	VMOVU   M1, 1*SIZE(R9)
	VMOVU   M2, 2*SIZE(R9)
	VMOVU   M3, 3*SIZE(R9)
	VZEROUPPER
	RET

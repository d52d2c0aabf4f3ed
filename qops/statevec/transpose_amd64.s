// Transpositions in registers, AVX-512: rows and columns are 64 bytes each, at the given pointers.

#include "textflag.h"

// LANES exchanges rows and columns of the 4×4 matrix of 128-bit lanes in a, b, c, d; s and t are scratch.
#define LANES(a, b, c, d, s, t) \
	VSHUFF64X2 $0x88, b, a, s; \
	VSHUFF64X2 $0xDD, b, a, a; \
	VSHUFF64X2 $0x88, d, c, t; \
	VSHUFF64X2 $0xDD, d, c, d; \
	VSHUFF64X2 $0xDD, d, a, b; \
	VSHUFF64X2 $0x88, d, a, c; \
	VSHUFF64X2 $0x88, t, s, a; \
	VSHUFF64X2 $0xDD, t, s, d

// QUAD turns four rows of floats into their columns, four to each 128-bit lane: column c of lane k is column 4k+c. s and t are scratch.
#define QUAD(a, b, c, d, s, t) \
	VUNPCKLPS b, a, s; \
	VUNPCKHPS b, a, t; \
	VUNPCKLPS d, c, a; \
	VUNPCKHPS d, c, c; \
	VUNPCKHPD a, s, b; \
	VUNPCKLPD a, s, a; \
	VUNPCKHPD c, t, d; \
	VUNPCKLPD c, t, c

// func transpose512_32(rows, columns unsafe.Pointer)
TEXT ·transpose512_32(SB), NOSPLIT, $0-16
	MOVQ rows+0(FP), SI
	MOVQ columns+8(FP), DI
	MOVQ    0(SI), AX
	VMOVUPS (AX), Z0
	MOVQ    8(SI), AX
	VMOVUPS (AX), Z1
	MOVQ    16(SI), AX
	VMOVUPS (AX), Z2
	MOVQ    24(SI), AX
	VMOVUPS (AX), Z3
	MOVQ    32(SI), AX
	VMOVUPS (AX), Z4
	MOVQ    40(SI), AX
	VMOVUPS (AX), Z5
	MOVQ    48(SI), AX
	VMOVUPS (AX), Z6
	MOVQ    56(SI), AX
	VMOVUPS (AX), Z7
	MOVQ    64(SI), AX
	VMOVUPS (AX), Z8
	MOVQ    72(SI), AX
	VMOVUPS (AX), Z9
	MOVQ    80(SI), AX
	VMOVUPS (AX), Z10
	MOVQ    88(SI), AX
	VMOVUPS (AX), Z11
	MOVQ    96(SI), AX
	VMOVUPS (AX), Z12
	MOVQ    104(SI), AX
	VMOVUPS (AX), Z13
	MOVQ    112(SI), AX
	VMOVUPS (AX), Z14
	MOVQ    120(SI), AX
	VMOVUPS (AX), Z15
	QUAD(Z0, Z1, Z2, Z3, Z16, Z17)
	QUAD(Z4, Z5, Z6, Z7, Z16, Z17)
	QUAD(Z8, Z9, Z10, Z11, Z16, Z17)
	QUAD(Z12, Z13, Z14, Z15, Z16, Z17)
	LANES(Z0, Z4, Z8, Z12, Z16, Z17)
	LANES(Z1, Z5, Z9, Z13, Z16, Z17)
	LANES(Z2, Z6, Z10, Z14, Z16, Z17)
	LANES(Z3, Z7, Z11, Z15, Z16, Z17)
	MOVQ    0(DI), AX
	VMOVUPS Z0, (AX)
	MOVQ    8(DI), AX
	VMOVUPS Z1, (AX)
	MOVQ    16(DI), AX
	VMOVUPS Z2, (AX)
	MOVQ    24(DI), AX
	VMOVUPS Z3, (AX)
	MOVQ    32(DI), AX
	VMOVUPS Z8, (AX)
	MOVQ    40(DI), AX
	VMOVUPS Z9, (AX)
	MOVQ    48(DI), AX
	VMOVUPS Z10, (AX)
	MOVQ    56(DI), AX
	VMOVUPS Z11, (AX)
	MOVQ    64(DI), AX
	VMOVUPS Z12, (AX)
	MOVQ    72(DI), AX
	VMOVUPS Z13, (AX)
	MOVQ    80(DI), AX
	VMOVUPS Z14, (AX)
	MOVQ    88(DI), AX
	VMOVUPS Z15, (AX)
	MOVQ    96(DI), AX
	VMOVUPS Z4, (AX)
	MOVQ    104(DI), AX
	VMOVUPS Z5, (AX)
	MOVQ    112(DI), AX
	VMOVUPS Z6, (AX)
	MOVQ    120(DI), AX
	VMOVUPS Z7, (AX)
	VZEROUPPER
	RET

// func transpose512_64(rows, columns unsafe.Pointer)
TEXT ·transpose512_64(SB), NOSPLIT, $0-16
	MOVQ rows+0(FP), SI
	MOVQ columns+8(FP), DI
	MOVQ    0(SI), AX
	VMOVUPS (AX), Z0
	MOVQ    8(SI), AX
	VMOVUPS (AX), Z1
	MOVQ    16(SI), AX
	VMOVUPS (AX), Z2
	MOVQ    24(SI), AX
	VMOVUPS (AX), Z3
	MOVQ    32(SI), AX
	VMOVUPS (AX), Z4
	MOVQ    40(SI), AX
	VMOVUPS (AX), Z5
	MOVQ    48(SI), AX
	VMOVUPS (AX), Z6
	MOVQ    56(SI), AX
	VMOVUPS (AX), Z7
	VUNPCKLPD Z1, Z0, Z8
	VUNPCKHPD Z1, Z0, Z9
	VUNPCKLPD Z3, Z2, Z10
	VUNPCKHPD Z3, Z2, Z11
	VUNPCKLPD Z5, Z4, Z12
	VUNPCKHPD Z5, Z4, Z13
	VUNPCKLPD Z7, Z6, Z14
	VUNPCKHPD Z7, Z6, Z15
	LANES(Z8, Z10, Z12, Z14, Z16, Z17)
	LANES(Z9, Z11, Z13, Z15, Z16, Z17)
	MOVQ    0(DI), AX
	VMOVUPS Z8, (AX)
	MOVQ    8(DI), AX
	VMOVUPS Z9, (AX)
	MOVQ    16(DI), AX
	VMOVUPS Z12, (AX)
	MOVQ    24(DI), AX
	VMOVUPS Z13, (AX)
	MOVQ    32(DI), AX
	VMOVUPS Z14, (AX)
	MOVQ    40(DI), AX
	VMOVUPS Z15, (AX)
	MOVQ    48(DI), AX
	VMOVUPS Z10, (AX)
	MOVQ    56(DI), AX
	VMOVUPS Z11, (AX)
	VZEROUPPER
	RET

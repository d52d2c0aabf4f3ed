// Row-major states to tiles and back, AVX-512. A square is a line of 64 bytes of each of 16 rows (float32) or 8 (float64) on one side, as many blocks' 64 bytes
// on the other.
//
// Arguments: a pointer for each row, by square the number of the line, by square and column the number of the block, how many squares, where block 0 is.

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

// LINE sets BX to the byte offset of the next square's line, BLOCK sets AX to that of the next column's block.
#define LINE \
	MOVLQSX (R8), BX; \
	ADDQ    $4, R8; \
	SHLQ    $6, BX

#define BLOCK(i, log) \
	MOVLQSX (4*i)(R9), AX; \
	SHLQ    $log, AX

#define GET(i, v) \
	MOVQ    (8*i)(SI), AX; \
	VMOVUPS (AX)(BX*1), v

#define PUT(i, v) \
	MOVQ    (8*i)(SI), AX; \
	VMOVUPS v, (AX)(BX*1)

#define GETBLOCK(i, log, v) \
	BLOCK(i, log); \
	VMOVUPS (DI)(AX*1), v

#define PUTBLOCK(i, log, v) \
	BLOCK(i, log); \
	VMOVUPS v, (DI)(AX*1)

#define SQUARE32 \
	QUAD(Z0, Z1, Z2, Z3, Z16, Z17); \
	QUAD(Z4, Z5, Z6, Z7, Z16, Z17); \
	QUAD(Z8, Z9, Z10, Z11, Z16, Z17); \
	QUAD(Z12, Z13, Z14, Z15, Z16, Z17); \
	LANES(Z0, Z4, Z8, Z12, Z16, Z17); \
	LANES(Z1, Z5, Z9, Z13, Z16, Z17); \
	LANES(Z2, Z6, Z10, Z14, Z16, Z17); \
	LANES(Z3, Z7, Z11, Z15, Z16, Z17)

#define SQUARE64 \
	VUNPCKLPD Z1, Z0, Z8; \
	VUNPCKHPD Z1, Z0, Z9; \
	VUNPCKLPD Z3, Z2, Z10; \
	VUNPCKHPD Z3, Z2, Z11; \
	VUNPCKLPD Z5, Z4, Z12; \
	VUNPCKHPD Z5, Z4, Z13; \
	VUNPCKLPD Z7, Z6, Z14; \
	VUNPCKHPD Z7, Z6, Z15; \
	LANES(Z8, Z10, Z12, Z14, Z16, Z17); \
	LANES(Z9, Z11, Z13, Z15, Z16, Z17)

// func gather512_32(rows, lines, columns unsafe.Pointer, count int, blocks unsafe.Pointer)
TEXT ·gather512_32(SB), NOSPLIT, $0-40
	MOVQ rows+0(FP), SI
	MOVQ lines+8(FP), R8
	MOVQ columns+16(FP), R9
	MOVQ count+24(FP), CX
	MOVQ blocks+32(FP), DI

gather:
	LINE
	GET(0, Z0)
	GET(1, Z1)
	GET(2, Z2)
	GET(3, Z3)
	GET(4, Z4)
	GET(5, Z5)
	GET(6, Z6)
	GET(7, Z7)
	GET(8, Z8)
	GET(9, Z9)
	GET(10, Z10)
	GET(11, Z11)
	GET(12, Z12)
	GET(13, Z13)
	GET(14, Z14)
	GET(15, Z15)
	SQUARE32
	PUTBLOCK(0, 6, Z0)
	PUTBLOCK(1, 6, Z1)
	PUTBLOCK(2, 6, Z2)
	PUTBLOCK(3, 6, Z3)
	PUTBLOCK(4, 6, Z8)
	PUTBLOCK(5, 6, Z9)
	PUTBLOCK(6, 6, Z10)
	PUTBLOCK(7, 6, Z11)
	PUTBLOCK(8, 6, Z12)
	PUTBLOCK(9, 6, Z13)
	PUTBLOCK(10, 6, Z14)
	PUTBLOCK(11, 6, Z15)
	PUTBLOCK(12, 6, Z4)
	PUTBLOCK(13, 6, Z5)
	PUTBLOCK(14, 6, Z6)
	PUTBLOCK(15, 6, Z7)
	ADDQ $(4*16), R9
	DECQ CX
	JNZ  gather
	VZEROUPPER
	RET

// func scatter512_32(rows, lines, columns unsafe.Pointer, count int, blocks unsafe.Pointer)
TEXT ·scatter512_32(SB), NOSPLIT, $0-40
	MOVQ rows+0(FP), SI
	MOVQ lines+8(FP), R8
	MOVQ columns+16(FP), R9
	MOVQ count+24(FP), CX
	MOVQ blocks+32(FP), DI

scatter:
	LINE
	GETBLOCK(0, 6, Z0)
	GETBLOCK(1, 6, Z1)
	GETBLOCK(2, 6, Z2)
	GETBLOCK(3, 6, Z3)
	GETBLOCK(4, 6, Z4)
	GETBLOCK(5, 6, Z5)
	GETBLOCK(6, 6, Z6)
	GETBLOCK(7, 6, Z7)
	GETBLOCK(8, 6, Z8)
	GETBLOCK(9, 6, Z9)
	GETBLOCK(10, 6, Z10)
	GETBLOCK(11, 6, Z11)
	GETBLOCK(12, 6, Z12)
	GETBLOCK(13, 6, Z13)
	GETBLOCK(14, 6, Z14)
	GETBLOCK(15, 6, Z15)
	SQUARE32
	PUT(15, Z7)
	PUT(14, Z6)
	PUT(13, Z5)
	PUT(12, Z4)
	PUT(11, Z15)
	PUT(10, Z14)
	PUT(9, Z13)
	PUT(8, Z12)
	PUT(7, Z11)
	PUT(6, Z10)
	PUT(5, Z9)
	PUT(4, Z8)
	PUT(3, Z3)
	PUT(2, Z2)
	PUT(1, Z1)
	PUT(0, Z0) // row 0 last: it also stands for rows that there are not
	ADDQ $(4*16), R9
	DECQ CX
	JNZ  scatter
	VZEROUPPER
	RET

// func gather512_64(rows, lines, columns unsafe.Pointer, count int, blocks unsafe.Pointer)
TEXT ·gather512_64(SB), NOSPLIT, $0-40
	MOVQ rows+0(FP), SI
	MOVQ lines+8(FP), R8
	MOVQ columns+16(FP), R9
	MOVQ count+24(FP), CX
	MOVQ blocks+32(FP), DI

gather:
	LINE
	GET(0, Z0)
	GET(1, Z1)
	GET(2, Z2)
	GET(3, Z3)
	GET(4, Z4)
	GET(5, Z5)
	GET(6, Z6)
	GET(7, Z7)
	SQUARE64
	PUTBLOCK(0, 7, Z8)
	PUTBLOCK(1, 7, Z9)
	PUTBLOCK(2, 7, Z12)
	PUTBLOCK(3, 7, Z13)
	PUTBLOCK(4, 7, Z14)
	PUTBLOCK(5, 7, Z15)
	PUTBLOCK(6, 7, Z10)
	PUTBLOCK(7, 7, Z11)
	ADDQ $(4*8), R9
	DECQ CX
	JNZ  gather
	VZEROUPPER
	RET

// func scatter512_64(rows, lines, columns unsafe.Pointer, count int, blocks unsafe.Pointer)
TEXT ·scatter512_64(SB), NOSPLIT, $0-40
	MOVQ rows+0(FP), SI
	MOVQ lines+8(FP), R8
	MOVQ columns+16(FP), R9
	MOVQ count+24(FP), CX
	MOVQ blocks+32(FP), DI

scatter:
	LINE
	GETBLOCK(0, 7, Z0)
	GETBLOCK(1, 7, Z1)
	GETBLOCK(2, 7, Z2)
	GETBLOCK(3, 7, Z3)
	GETBLOCK(4, 7, Z4)
	GETBLOCK(5, 7, Z5)
	GETBLOCK(6, 7, Z6)
	GETBLOCK(7, 7, Z7)
	SQUARE64
	PUT(7, Z11)
	PUT(6, Z10)
	PUT(5, Z15)
	PUT(4, Z14)
	PUT(3, Z13)
	PUT(2, Z12)
	PUT(1, Z9)
	PUT(0, Z8) // row 0 last: it also stands for rows that there are not
	ADDQ $(4*8), R9
	DECQ CX
	JNZ  scatter
	VZEROUPPER
	RET

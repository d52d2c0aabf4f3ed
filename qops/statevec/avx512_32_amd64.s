// The kernels of vector_amd64.h for float32 and AVX-512.

#include "textflag.h"

#define SIZE 64
#define LOG 6
#define NUMBERLOG 2
#define VMOVU VMOVUPS
#define VMUL VMULPS
#define VADD VADDPS
#define VSUB VSUBPS
#define VBROADCAST VBROADCASTSS
#define VXOR VPXORQ
#define VADDMUL VFMADD231PS
#define VSUBMUL VFNMADD231PS
#define V0 Z0
#define V1 Z1
#define V2 Z2
#define V3 Z3
#define V4 Z4
#define V5 Z5
#define V6 Z6
#define V7 Z7
#define V8 Z8
#define V9 Z9
#define V10 Z10
#define V11 Z11
#define U0 Z16
#define U1 Z17
#define U2 Z18
#define U3 Z19
#define U4 Z20
#define U5 Z21
#define U6 Z22
#define U7 Z23
#define M0 Z24
#define M1 Z25
#define M2 Z26
#define M3 Z27
#define TURN ·turn512_32
#define TURNREAL ·turnReal512_32
#define TURNBACK ·turnBack512_32
#define TURNBACKREAL ·turnBackReal512_32
#define SHIFT ·shift512_32
#define SHIFTALL ·shiftAll512_32
#define SHIFTBACK ·shiftBack512_32
#define FOLD ·fold512_32
#define SHIFTREAL ·shiftReal512_32
#define OVERLAPS ·overlaps512_32

#include "vector_amd64.h"

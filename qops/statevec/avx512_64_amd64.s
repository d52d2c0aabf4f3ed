// The kernels of vector_amd64.h for float64 and AVX-512.

#include "textflag.h"

#define SIZE 128
#define LOG 7
#define NUMBERLOG 3
#define VMOVU VMOVUPD
#define VMUL VMULPD
#define VADD VADDPD
#define VSUB VSUBPD
#define VBROADCAST VBROADCASTSD
#define VXOR VPXORQ
#define VADDMUL VFMADD231PD
#define VSUBMUL VFNMADD231PD
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
#define TURN ·turn512_64
#define TURNREAL ·turnReal512_64
#define TURNBACK ·turnBack512_64
#define TURNBACKREAL ·turnBackReal512_64
#define SHIFT ·shift512_64
#define SHIFTALL ·shiftAll512_64
#define SHIFTBACK ·shiftBack512_64
#define FOLD ·fold512_64
#define SHIFTREAL ·shiftReal512_64
#define OVERLAPS ·overlaps512_64

#include "vector_amd64.h"

// The kernels of vector_amd64.h for float64 and AVX2 with FMA.

#include "textflag.h"

#define SIZE 128
#define LOG 7
#define NUMBERLOG 3
#define VMOVU VMOVUPD
#define VMUL VMULPD
#define VADD VADDPD
#define VSUB VSUBPD
#define VBROADCAST VBROADCASTSD
#define VXOR VPXOR
#define VADDMUL VFMADD231PD
#define VSUBMUL VFNMADD231PD
#define V0 Y0
#define V1 Y1
#define V2 Y2
#define V3 Y3
#define V4 Y4
#define V5 Y5
#define V6 Y6
#define V7 Y7
#define V8 Y8
#define V9 Y9
#define V10 Y10
#define V11 Y11
#define U0 Y8
#define U1 Y9
#define U2 Y10
#define U3 Y11
#define U4 Y12
#define U5 Y13
#define U6 Y14
#define U7 Y15
#define M0 Y12
#define M1 Y13
#define M2 Y14
#define M3 Y15
#define FEWREGISTERS
#define TURN ·turn256_64
#define TURNREAL ·turnReal256_64
#define TURNBACK ·turnBack256_64
#define TURNBACKREAL ·turnBackReal256_64
#define SHIFT ·shift256_64
#define SHIFTALL ·shiftAll256_64
#define SHIFTBACK ·shiftBack256_64
#define FOLD ·fold256_64
#define SHIFTREAL ·shiftReal256_64
#define OVERLAPS ·overlaps256_64

#include "vector_amd64.h"

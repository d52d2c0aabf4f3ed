// Command asm writes the assembly kernels of package dense: go generate ./internal/dense.
//
//	asm -isa avx2|avx512 -out FILE.s -stubs FILE.go -pkg dense
package main

import (
	"flag"

	. "github.com/mmcloughlin/avo/build"
)

func main() {
	isa := flag.String("isa", "avx512", "instruction set: avx2 (with FMA) or avx512 (F, DQ, BW, VL)")
	flag.Parse()
	bytes := 32
	if *isa == "avx512" {
		bytes = 64
	}
	ConstraintExpr("amd64")
	for _, size := range []int{4, 8} {
		a := arch{avx512: bytes == 64, bytes: bytes, size: size}
		a.panel()
		a.pack()
		a.packTransposed()
		a.arithmetic()
		a.sums()
		a.transcendental()
		a.softmax()
		a.softmaxGrad()
		a.layerNorm()
		a.layerNormGrad()
		a.adamW()
	}
	for _, size := range []int{4, 8} {
		arch{avx512: bytes == 64, bytes: bytes, size: size}.fma()
	}
	Generate()
}

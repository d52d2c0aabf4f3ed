// Command asm writes the assembly kernels of internal/dense and of qops/statevec/internal/tile, and the Go
// declarations that belong to them. It is a module of its own so that hqvit does not depend on avo.
//
//	go -C internal/asm run . dense avx2      internal/dense/avx2_amd64.s and .go; so do the others
//	go -C internal/asm run . dense neon      internal/dense/neon_arm64.s and .go
//	go generate ./internal/dense ./qops/statevec/internal/tile
//
// vector.go and loop.go are what kernels are made of, on the register and on the slice; dense*.go and
// tile*.go are the kernels of the two packages. avo writes amd64 only: for arm64, neon.go, neon_registers.go,
// neon_instructions.go and neon_loop.go are the assembler, and the other neon*.go the same kernels.
package main

import (
	"flag"
	"log"
	"path"

	. "github.com/mmcloughlin/avo/build"
)

// targets are the packages that have kernels.
var targets = map[string]struct {
	dir   string // from here
	write func(a arch)
	neon  func(n *neon)
}{
	"dense": {"../dense", arch.dense, (*neon).dense},
	"tile":  {"../../qops/statevec/internal/tile", arch.tile, (*neon).tile},
}

// vectors are the instruction sets and how many bytes a vector has: AVX2 with FMA, AVX-512 with F, DQ, BW and
// VL.
var vectors = map[string]int{"avx2": 32, "avx512": 64}

func main() {
	flag.Parse()
	pkg, isa := flag.Arg(0), flag.Arg(1)
	target, ok := targets[pkg]
	if ok && isa == "neon" {
		if err := writeNeon(path.Join(target.dir, "neon_arm64"), pkg, target.neon); err != nil {
			log.Fatal(err)
		}
		return
	}
	bytes := vectors[isa]
	if !ok || bytes == 0 {
		log.Fatalf("asm: want dense or tile, and avx2, avx512 or neon, got %q", flag.Args())
	}
	file := path.Join(target.dir, isa+"_amd64")
	for name, value := range map[string]string{"out": file + ".s", "stubs": file + ".go", "pkg": pkg} {
		if err := flag.Set(name, value); err != nil {
			log.Fatal(err)
		}
	}
	ConstraintExpr("amd64")
	for _, size := range []int{4, 8} {
		target.write(arch{avx512: bytes == 64, bytes: bytes, size: size})
	}
	Generate()
}

package dense

import "golang.org/x/sys/cpu"

//go:generate go -C ../asm run . dense avx2
//go:generate go -C ../asm run . dense avx512

// available returns the sets that this machine can run, best first.
func available() []set {
	sets := []set{generic}
	if cpu.X86.HasAVX2 && cpu.X86.HasFMA && cpu.X86.HasBMI2 {
		sets = append([]set{{"avx2", &avx2Set32, &avx2Set64}}, sets...)
		if cpu.X86.HasAVX512F && cpu.X86.HasAVX512DQ && cpu.X86.HasAVX512BW && cpu.X86.HasAVX512VL {
			sets = append([]set{{"avx512", &avx512Set32, &avx512Set64}}, sets...)
		}
	}
	return sets
}

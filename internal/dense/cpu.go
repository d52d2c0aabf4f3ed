package dense

import (
	"os"
	"strings"

	"github.com/pkg/errors"
)

// The kernels of arm64 are written on every machine, those of amd64 by the lines in cpu_amd64.go.
//go:generate go -C ../asm run . dense neon

// set is a named set of kernels for both element types.
type set struct {
	name string
	f32  *kernels[float32]
	f64  *kernels[float64]
}

var generic = set{"generic", genericKernels[float32](&workspaces32), genericKernels[float64](&workspaces64)}

// current is chosen once, before anything runs. Only tests change it.
var current, choice = choose(os.Getenv("HQVIT_CPU"), available())

// CPU names the kernels in use: "generic", "avx2", "avx512" or "neon".
func CPU() string { return current.name }

// Check returns an error if the environment variable HQVIT_CPU asks for kernels that do not exist or that
// this machine cannot run. The best available ones are in use then.
func Check() error { return choice }

// choose returns the set of the wanted name, or the first of those available together with the reason.
func choose(wanted string, available []set) (set, error) {
	if wanted == "" {
		return available[0], nil
	}
	names := make([]string, len(available))
	for i, s := range available {
		if s.name == wanted {
			return s, nil
		}
		names[i] = s.name
	}
	return available[0], errors.Errorf("dense: HQVIT_CPU=%q: this machine runs %s; %s is in use",
		wanted, strings.Join(names, ", "), available[0].name)
}

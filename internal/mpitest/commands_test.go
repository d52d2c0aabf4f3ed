//go:build mpi

package mpitest

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"
)

// Ranks with other commands are told so, whichever of them would have had nothing to do.
func TestRanksOfDifferentCommands(t *testing.T) {
	for _, c := range [][2]string{{"train --limit 100", "eval mnist-hqvit"}, {"eval mnist-hqvit", "version"},
		{"models", "predict mnist-hqvit ../../testdata/seven.png"}, {"train --limit 100", "--help"}} {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		line := c[0] + " : -np 1 " + os.Args[0] + " " + c[1]
		out, err := mpirun(ctx, 1, line).CombinedOutput()
		want := "rank 1 runs hqvit " + strings.Fields(c[1])[0]
		if c[1] == "--help" {
			want = "rank 1 runs hqvit and"
		}
		if err == nil || ctx.Err() != nil || !strings.Contains(string(out), want) ||
			!strings.Contains(string(out), "want one command for all ranks") {
			t.Errorf("%s: %v, %s", line, err, out)
		}
		cancel()
	}
}

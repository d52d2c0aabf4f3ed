//go:build unix

package statevec_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

// BenchmarkTrajectories compares a trajectory, of circuits with noise behind every gate, with a run of the
// circuit without noise, in time of the processor. Both take turns, so that what else the machine does weighs
// on both; times is the median over the turns.
func BenchmarkTrajectories(b *testing.B) {
	for _, size := range []struct{ n, layers, rows, runs int }{{10, 2, 4, 500}, {10, 4, 4, 500},
		{16, 2, 1, 100}, {16, 4, 1, 100}} {
		for _, text := range []string{"depolarizing=0.01", "depolarizing=0.001", "amplitude-damping=0.01",
			"amplitude-damping=0.001", "thermal-relaxation=0.01:1:1:0"} {
			benchmarkTrajectories(b, size.n, size.layers, size.rows, size.runs, text)
		}
	}
}

func benchmarkTrajectories(b *testing.B, n, layers, rows, runs int, text string) {
	c := ring(n, layers, false)
	noise, err := circuit.ParseNoise(text)
	check(b, err)
	noisy, err := noise.Apply(c)
	check(b, err)
	z, err := statevec.NewExpectations[float32](n, eachZ(n), 1)
	check(b, err)
	plan, err := statevec.Compile[float32](c)
	check(b, err)
	pure, err := statevec.NewMeasuredCircuit(plan, z, 1)
	check(b, err)
	drawn, err := statevec.CompileTrajectories[float32](noisy)
	check(b, err)
	m, err := statevec.NewMeasuredTrajectories(drawn, z, runs, 1)
	check(b, err)
	theta, batch := as[float32](normals(rand.New(rand.NewPCG(1, 1)), c.NumTheta())), min(rows*runs, 1<<20>>n)
	all := statevec.Inputs[float32]{Rows: batch, Theta: theta}
	in := statevec.Inputs[float32]{Rows: rows, Theta: theta}
	out, dtheta := make([]float32, max(batch, rows)*n), make([]float32, len(theta))
	gradients := statevec.Gradients[float32]{Theta: dtheta}
	for _, gradient := range []bool{false, true} {
		b.Run(fmt.Sprintf("n=%d/L=%d/%s/gradient=%v", n, layers, text, gradient), func(b *testing.B) {
			var exact, sampled time.Duration
			var times []float64
			from := 0
			for b.Loop() {
				start := processorTime(b)
				check(b, pure.Apply(all, out[:batch*n]))
				if gradient {
					check(b, pure.Adjoint(all, out[:batch*n], gradients))
				}
				middle := processorTime(b)
				from += rows
				check(b, m.Apply(in, seeds(from, rows), out[:rows*n], nil))
				if gradient {
					check(b, m.Adjoint(in, seeds(from, rows), out[:rows*n], gradients))
				}
				pureTime, noisyTime := middle-start, processorTime(b)-middle
				exact, sampled = exact+pureTime, sampled+noisyTime
				times = append(times, float64(noisyTime)/float64(pureTime)*float64(batch)/float64(rows*runs))
			}
			slices.Sort(times)
			per := func(d time.Duration, runs int) float64 {
				return float64(d.Nanoseconds()) / 1e3 / float64(
					b.N*runs)
			}
			b.ReportMetric(per(exact, batch), "µs/run")
			b.ReportMetric(per(sampled, rows*runs), "µs/trajectory")
			b.ReportMetric(times[len(times)/2], "times")
			b.ReportMetric(drawn.Errors(), "errors")
		})
	}
}

// processorTime is what this process has taken so far.
func processorTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	check(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

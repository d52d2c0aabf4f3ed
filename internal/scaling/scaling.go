// Package scaling predicts what training and states over ranks cost, by a model of few numbers: the time of
// computing, how many rounds of exchanges there are, and what a network needs for one. The numbers are fitted
// to lines that hqvit bench has printed, and checked against other lines (runs.go).
//
// It leaves out what it cannot know from one machine: networks that are shared, ranks that wait for the
// slowest, reading of images, memory that several ranks of a machine share.
package scaling

import (
	"math"
	"strconv"
	"strings"

	"github.com/pkg/errors"
)

// Network is what it takes to send bytes to another rank and receive as many from it.
type Network struct {
	Name      string
	Latency   float64 // seconds of one message
	Bandwidth float64 // bytes a second, each way
	Source    string
}

// Time returns how long so many messages with so many bytes in all take, one after the other.
func (n Network) Time(messages, bytes float64) float64 { return messages*n.Latency + bytes/n.Bandwidth }

// Networks returns networks with figures that others have published.
func Networks() []Network {
	return []Network{
		{"ethernet-10", 48e-6, 1.19e9, "10 Gbit/s with TCP between virtual machines: half of a round trip " +
			"of 92 to 100 µs, 95 % of the rate; measured, blogs.scalablelogic.com, January 2014"},
		{"ethernet-40", 1.93e-6, 4.65e9, "40 Gbit/s past the kernel (usNIC), Open MPI 1.8.1, two machines " +
			"without a switch; measured, Cisco, MPI over 40Gb Ethernet"},
		{"slingshot-200", 2e-6, 25e9, "200 Gbit/s a port, Slingshot 11: the rate of the link, not " +
			"measured; a latency of 2 µs is assumed"},
	}
}

// ParseNetwork returns the network of that name, or one given as microseconds and gigabytes a second, such as
// 5:12.5.
func ParseNetwork(text string) (Network, error) {
	var names []string
	for _, n := range Networks() {
		if n.Name == text {
			return n, nil
		}
		names = append(names, n.Name)
	}
	left, right, _ := strings.Cut(text, ":")
	us, err1 := strconv.ParseFloat(left, 64)
	rate, err2 := strconv.ParseFloat(right, 64)
	if err1 != nil || err2 != nil || !(us >= 0) || !(rate > 0) || math.IsInf(us+rate, 0) {
		return Network{}, errors.Errorf("network is %q, want one of %s, or microseconds:gigabytes a second "+
			"such as 5:12.5", text, strings.Join(names, ", "))
	}
	return Network{text, us / 1e6, rate * 1e9, "given"}, nil
}

// Training is a step of one thread a rank.
type Training struct {
	Batch, Micro int     // images of a step, and of a micro-batch
	Image        float64 // seconds of one image, forward and backward
	Update       float64 // seconds of the optimizer, which each rank has for itself
	Bytes        float64 // of the gradient
	Add          float64 // seconds to add two gradients
}

// Step is what one step takes, in seconds.
type Step struct{ Compute, Exchange, Update float64 }

// Total returns the time of the step.
func (s Step) Total() float64 { return s.Compute + s.Exchange + s.Update }

// Rounds returns how many exchanges of a gradient give every rank the sum: the levels of the binary tree over
// ranks, and one more to hand it on if they are no power of two.
func Rounds(ranks int) int {
	rounds := 0
	for 1<<rounds < ranks {
		rounds++
	}
	if ranks != 1<<rounds {
		rounds++
	}
	return rounds
}

// On returns the step on so many ranks, without overlap: the rank with most micro-batches decides, and a rank
// that has none waits.
func (t Training) On(ranks int, n Network) Step {
	micros := (t.Batch + t.Micro - 1) / t.Micro
	busy := min(ranks, micros)
	own := (micros + busy - 1) / busy
	rounds := float64(Rounds(ranks))
	return Step{Compute: min(float64(own*t.Micro), float64(t.Batch)) * t.Image,
		Exchange: n.Time(rounds, rounds*t.Bytes) + rounds*t.Add, Update: t.Update}
}

// Strong returns the efficiency at one batch for all numbers of ranks, t₁/(N·t_N).
func (t Training) Strong(ranks int, n Network) float64 {
	return t.On(1, n).Total() / (float64(ranks) * t.On(ranks, n).Total())
}

// Weak returns the efficiency at one batch for each rank, t₁/t_N.
func (t Training) Weak(ranks int, n Network) float64 {
	all := t
	all.Batch *= ranks
	return t.On(1, n).Total() / all.On(ranks, n).Total()
}

// States is what a circuit on a state costs a rank, of states that are larger than caches.
type States struct {
	Gate     float64 // seconds of an amplitude and gate
	Gradient float64 // the same of value and gradient together
	Bytes    float64 // of an amplitude
}

// Load is a circuit of layers on a state over ranks.
type Load struct {
	Local           int     // qubits that each rank has
	Gates           int     // of the circuit
	Exchanges       int     // of one state
	Messages, Parts float64 // that a rank sends for one state, and the chunks in them
	Amplitudes      float64 // in them
}

// work returns how many amplitudes gates change.
func (l Load) work() float64 { return math.Ldexp(float64(l.Gates), l.Local) }

// Forward returns the time of a state, and the part of that in exchanges.
func (s States) Forward(l Load, n Network) (total, exchange float64) {
	exchange = n.Time(l.Parts, l.Amplitudes*s.Bytes)
	return s.Gate*l.work() + exchange, exchange
}

// Backward returns the same with the gradient, which exchanges two states on the way back.
func (s States) Backward(l Load, n Network) (total, exchange float64) {
	exchange = 3 * n.Time(l.Parts, l.Amplitudes*s.Bytes)
	return s.Gradient*l.work() + exchange, exchange
}

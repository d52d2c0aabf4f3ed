// Package job takes measured circuits to a quantum device and counts back: a job is a directory of OpenQASM
// programs and a manifest, which says what each program is for and how its counts are read.
//
//	j, err := job.Whole(head, job.Options{Shots: 100_000})  // or Pairs, or Measure
//	err = j.Write(ctx, "seven")                             // seven/manifest.json, seven/whole.qasm
//	…                                                       // run the programs
//	j, err = job.Open("seven")
//	counts, err := j.Counts(job.Little, job.Result{Name: "counts.json", Text: text})
//	overlaps, err := j.Overlaps(counts)                     // with standard errors
//
// Head is a head of quantum attention on one image; its overlaps S_ij = |⟨q_i|k_j⟩|² are what attention
// coefficients are made of. Whole reads them from the literal circuit of the image, Pairs from a small
// circuit for each pair of patches. Measure reads observables of any circuit.
package job

import (
	"slices"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/device"
	"github.com/hqvit/hqvit/qops/statevec"
	"github.com/hqvit/hqvit/qops/transpile"
)

// Version is that of the manifest.
const Version = 1

// format is what a manifest calls itself.
const format = "hqvit job"

// Kind says what the programs of a job measure.
type Kind string

// The kinds of jobs.
const (
	WholeImage  Kind = "whole"       // the SWAP test of all pairs of patches in one program
	PatchPairs  Kind = "pairs"       // a program for each pair of patches
	Observables Kind = "observables" // a program for each group of Pauli strings
)

// MaxPrograms bounds the programs of a job.
const MaxPrograms = 1 << 16

// Job is programs and what they are for: the content of a manifest. Its fields are to be read.
type Job struct {
	Format  string `json:"format"`
	Version int    `json:"version"`
	Kind    Kind   `json:"kind"`
	QASM    int    `json:"qasm"`  // version of the programs
	Seed    uint64 `json:"seed"`  // of the compiler
	Shots   int    `json:"shots"` // recommended, of all programs without a shift together

	Source *Source `json:"source,omitempty"`
	Device *Target `json:"device,omitempty"`

	// Of a head.
	Tokens int       `json:"tokens,omitempty"`
	Width  int       `json:"width,omitempty"`  // of what the head sees of a patch
	Shares []float64 `json:"shares,omitempty"` // n_i = ‖x_i‖²/‖x‖², by patch
	Angles int       `json:"angles,omitempty"` // those of the query, then those of the key

	// Of observables.
	Observables int       `json:"observables,omitempty"` // how many
	Constants   []float64 `json:"constants,omitempty"`   // what needs no shots, by observable

	Programs []Program `json:"programs"`
}

// Source says which head of which model on which image the programs are of, for whoever reads the counts.
type Source struct {
	Model   string `json:"model"`          // its name
	Path    string `json:"path"`           // of the run or the file of weights
	Weights string `json:"weights_sha256"` // of the file of weights
	Image   string `json:"image"`          // its name
	Digest  string `json:"image_sha256"`   // of Pixels
	Pixels  []byte `json:"pixels"`         // as the model gets them: rows of pixels, a byte for each channel
	Block   int    `json:"block"`
	Head    int    `json:"head"`
}

// Target says which device the programs are compiled for.
type Target struct {
	Name   string `json:"name"`
	Path   string `json:"path"` // its name if it is built in, or its file
	Qubits int    `json:"qubits"`
	Gates  string `json:"gates"`
}

// Program is one OpenQASM program, in the file NAME.qasm.
type Program struct {
	Name    string   `json:"name"`
	SHA256  string   `json:"sha256"` // of its file
	Purpose string   `json:"purpose"`
	Bits    []string `json:"bits"`   // what is measured into c[0], c[1], …
	Qubits  []int    `json:"qubits"` // from which qubits
	// on a device: where the qubits of the circuit are at the beginning
	Layout []int `json:"layout,omitempty"`
	Shots  int   `json:"shots"` // recommended

	Pair  []int  `json:"pair,omitempty"`  // of PatchPairs: patch of the query, patch of the key
	Shift *Shift `json:"shift,omitempty"` // nil: a program for the values themselves
	Terms []Term `json:"terms,omitempty"` // of Observables

	circuit     *circuit.Circuit // before the angles are bound
	theta, data []float64
}

// Shift says that a program has a shifted angle. The derivative by an angle is the sum of Factor times the
// value over the programs that shift it, by the shift rule of each place where it enters the circuits.
type Shift struct {
	Angle  int     `json:"angle"`
	By     float64 `json:"by"` // radians
	Factor float64 `json:"factor"`
}

// Term is a Pauli string that a program measures: Coefficient times (−1)^(the sum of the bits).
type Term struct {
	Observable  int     `json:"observable"`
	Coefficient float64 `json:"coefficient"`
	Pauli       string  `json:"pauli"`
	Bits        []int   `json:"bits"`
}

// Options say how the programs of a job are written. The zero value is OpenQASM 3 for no device, 10,000
// shots.
type Options struct {
	QASM     int            // 2 or 3; 0: 3
	Device   *device.Device // nil: the circuit's own gates, every pair of qubits coupled
	Path     string         // that the device was opened by, for the manifest
	Seed     uint64         // of the compiler
	Gradient bool           // with programs for the derivatives by all angles; of a Head
	Shots    int            // recommended for all programs without a shift together; 0: 10,000
}

const defaultShots = 10_000

// Check returns an error for a version of OpenQASM or a number of shots that there is not, for a device that
// is none of package device, and for one with gates that the version lacks.
func (o Options) Check() error {
	o = o.filled()
	switch {
	case o.QASM != 2 && o.QASM != 3:
		return errors.Errorf("want OpenQASM 2 or 3, got %d", o.QASM)
	case o.Shots < 1 || o.Shots > statevec.MaxShots:
		return errors.Errorf("want 1 to 2^50 shots, got %d", o.Shots)
	}
	if o.Device == nil {
		return nil
	}
	if o.Device.Qubits() < 1 {
		return errors.New("want a device of package device, got an empty one")
	}
	for _, gate := range o.Device.Gates().Gates() {
		if o.QASM == 2 && gate.QASM(2) == "" {
			return errors.Errorf("OpenQASM 2 has no gate %s, which %s has: want version 3", gate.Name(),
				o.Device.Name())
		}
	}
	return nil
}

// filled returns the options with the defaults in place of zeros.
func (o Options) filled() Options {
	if o.QASM == 0 {
		o.QASM = 3
	}
	if o.Shots == 0 {
		o.Shots = defaultShots
	}
	return o
}

// newJob returns a job without programs. The options are filled.
func newJob(kind Kind, o Options) *Job {
	j := &Job{Format: format, Version: Version, Kind: kind, QASM: o.QASM, Seed: o.Seed, Shots: o.Shots}
	if o.Device != nil {
		j.Device = &Target{Name: o.Device.Name(), Path: o.Path, Qubits: o.Device.Qubits(),
			Gates: o.Device.Gates().String()}
		if o.Path == "" {
			j.Device.Path = o.Device.Name()
		}
	}
	return j
}

// compile returns the circuit for the device of the options, where its qubits begin, nil without a device,
// and where they end.
func (o Options) compile(c *circuit.Circuit) (compiled *circuit.Circuit, first, last []int, err error) {
	if err := c.Err(); err != nil {
		return nil, nil, nil, err
	}
	if o.Device == nil {
		for q := range c.Qubits() {
			last = append(last, q)
		}
		return c, nil, last, nil
	}
	r, err := o.Device.Compiler(o.Seed).Run(c)
	return r.Circuit, r.First, r.Last, err
}

// bound returns the circuit of a program as it is written: with numbers for angles, and without gates that do
// nothing, as a rotation by 0.
func (p Program) bound() *circuit.Circuit {
	c := p.circuit.Bind(p.theta, p.data)
	out := circuit.New(c.Qubits())
	for _, g := range c.Operations() {
		if len(g.Angles) == 1 && g.Angles[0].Shift == 0 && g.Angles[0].Source == circuit.Constant &&
			g.Matrix(nil, nil).Distance(circuit.Identity(len(g.AllQubits()))) == 0 {
			continue
		}
		out.Control(g.Controls, g.Gate, g.Angles, g.Qubits...)
	}
	return out
}

// dynamic returns the program with its measurements.
func (p Program) dynamic() (*circuit.Dynamic, error) {
	d, err := circuit.NewDynamic(p.bound())
	if err != nil {
		return nil, err
	}
	d.BitRegisters = []circuit.Register{{Name: "c", Size: len(p.Bits)}}
	in := circuit.Instruction{Kind: circuit.Measure}
	in.Qubits = slices.Clone(p.Qubits)
	for b := range p.Bits {
		in.Bits = append(in.Bits, b)
	}
	d.Body = append(d.Body, in)
	return d, nil
}

// Cost is what the programs of a job take.
type Cost struct {
	Programs int              `json:"programs"`
	Shifted  int              `json:"shifted"` // of them, for derivatives
	Qubits   int              `json:"qubits"`  // that the gates of a program act on, at most
	Largest  transpile.Counts `json:"largest"` // of the program that has the most of each
}

// Cost returns what the programs take. Those with a shift have the gates of those without.
func (j *Job) Cost() Cost {
	var out Cost
	if j == nil {
		return out
	}
	out.Programs = len(j.Programs)
	for _, p := range j.Programs {
		if p.Shift != nil {
			out.Shifted++
			continue
		}
		if p.circuit == nil {
			continue
		}
		c := p.bound()
		n, used := transpile.Count(c), map[int]bool{}
		for _, q := range p.Qubits {
			used[q] = true
		}
		for _, g := range c.Operations() {
			for _, q := range g.AllQubits() {
				used[q] = true
			}
		}
		out.Qubits = max(out.Qubits, len(used))
		out.Largest = transpile.Counts{Gates: max(out.Largest.Gates, n.Gates),
			TwoQubit: max(out.Largest.TwoQubit, n.TwoQubit), Depth: max(out.Largest.Depth, n.Depth),
			TwoQubitDepth: max(out.Largest.TwoQubitDepth, n.TwoQubitDepth)}
	}
	return out
}

// Unshifted returns the job of the programs without a shift alone.
func (j *Job) Unshifted() *Job {
	if j == nil {
		return &Job{}
	}
	out := *j
	out.Programs = slices.DeleteFunc(slices.Clone(j.Programs), func(p Program) bool { return p.Shift != nil })
	return &out
}

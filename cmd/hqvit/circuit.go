package main

import (
	"bytes"
	"fmt"
	"math/bits"
	"os"

	"github.com/pkg/errors"
	"github.com/spf13/cobra"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/qlayer"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/vit"
)

// circuitFlags say which circuit is shown, and how.
type circuitFlags struct {
	model, size string
	block, head int
	qasm, width int
	svg         string
	ascii       bool
}

func circuitCommand() *cobra.Command {
	var f circuitFlags
	cmd := &cobra.Command{
		Use:   "circuit [DIR]",
		Short: "Draw the attention circuit of a model, count its resources, export it",
		Long: `Show the swap test that a head of quantum attention stands for, from the states of the image on: the circuits of query and
key on the data qubits of its two copies, then their comparison. It has one ancilla and, for each copy, index qubits (which
token) and data qubits (its values); qubit 0 is the most significant bit.

With DIR, a run or a file of weights, angles are the learned ones, in radians; else they are the names θ0, θ1, … of those
of --model. Standard output gets the drawing and the resources, or with --qasm the program and nothing else.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return runCircuit(cmd, args, f) },
	}
	registerModel(cmd.Flags(), &f.model, &f.size)
	cmd.Flags().IntVar(&f.block, "block", 0, "block of the model, from 0")
	cmd.Flags().IntVar(&f.head, "head", 0, "head of the block, from 0")
	cmd.Flags().IntVar(&f.qasm, "qasm", 0, "write OpenQASM of this version, 2 (with DIR only) or 3")
	cmd.Flags().StringVar(&f.svg, "svg", "", "draw into an SVG `file`")
	cmd.Flags().BoolVar(&f.ascii, "ascii", false, "draw without Unicode")
	cmd.Flags().IntVar(&f.width, "width", 100, "characters at which the drawing goes on below; 0: never")
	return cmd
}

func runCircuit(cmd *cobra.Command, args []string, f circuitFlags) error {
	switch {
	case f.qasm != 0 && f.qasm != 2 && f.qasm != 3:
		return usageError{errors.Errorf("qasm is %d, want 2 or 3", f.qasm)}
	case f.qasm == 2 && len(args) == 0:
		return usageError{errors.New("OpenQASM 2 has no free angles: name a run, or use --qasm 3")}
	case f.width < 0:
		return usageError{errors.Errorf("width is %d, want at least 0", f.width)}
	}
	c, learned, err := f.attention(cmd, args)
	if err != nil {
		return err
	}
	shown := c.test
	if learned != nil {
		shown = bound(c.test, learned)
	}
	if f.svg != "" {
		var picture bytes.Buffer
		if err := shown.WriteSVG(&picture, 1200); err != nil {
			return err
		}
		if err := os.WriteFile(f.svg, picture.Bytes(), 0o644); err != nil {
			return errors.Wrap(err, "circuit")
		}
	}
	out := cmd.OutOrStdout()
	if f.qasm != 0 {
		return c.test.WriteQASM(out, f.qasm, learned, nil)
	}
	fmt.Fprintln(out, c.legend())
	if f.svg != "" {
		fmt.Fprintln(out, f.svg)
	} else {
		fmt.Fprint(out, shown.Draw(circuit.DrawOptions{ASCII: f.ascii, Width: f.width}))
	}
	fmt.Fprintln(out, c.test.Resources())
	return nil
}

// attention is the circuit of a head, over the angles of its query and then of its key.
type attention struct {
	test        *circuit.Circuit
	index, data int // qubits of each copy of the image
}

// attention returns the circuit of the flags or of a run, and its learned angles, nil without a run.
func (f circuitFlags) attention(cmd *cobra.Command, args []string) (attention, []float64, error) {
	if len(args) == 0 {
		a, err := named(f.model, f.size)
		if err != nil {
			return attention{}, nil, err
		}
		c, err := f.of(a)
		return c, nil, err
	}
	if cmd.Flags().Changed("model") || cmd.Flags().Changed("size") {
		return attention{}, nil, usageError{errors.Errorf("%s says what the model is: want no --model and --size", args[0])}
	}
	m, err := openModel(args[0], 1)
	if err != nil {
		return attention{}, nil, err
	}
	defer m.Close()
	c, err := f.of(m.architecture)
	if err != nil {
		return attention{}, nil, err
	}
	var theta []float64
	for _, which := range []string{"q", "k"} {
		row, err := angles(m.store, fmt.Sprintf("blocks.%d.attn.%s.theta", f.block, which), f.head)
		if err != nil {
			return attention{}, nil, err
		}
		theta = append(theta, row...)
	}
	return c, theta, nil
}

// of returns the circuit of a head of an architecture.
func (f circuitFlags) of(a vit.Config) (attention, error) {
	if a.Model != vit.Quantum {
		return attention{}, usageError{errors.Errorf("model %s has no quantum attention, want a model of %s", a.Model, vit.Quantum)}
	}
	if f.block < 0 || f.block >= a.Depth || f.head < 0 || f.head >= a.Heads {
		return attention{}, usageError{errors.Errorf("block %d, head %d: want a block in [0,%d) and a head in [0,%d)", f.block, f.head, a.Depth, a.Heads)}
	}
	tokens, width := a.Tokens(), a.Width()/a.Heads
	c := attention{index: bits.Len(uint(tokens - 1)), data: bits.Len(uint(width - 1))}
	ansatz := qlayer.RealAmplitudes(a.Layers)(c.data) // as in vit.Hybrid
	c.test = circuit.SwapTest(nil, tokens, width, ansatz, ansatz)
	return c, c.test.Err()
}

// legend says what the qubits are.
func (c attention) legend() string {
	at := 0
	next := func(n int) string {
		first := at
		at += n
		if n == 1 {
			return fmt.Sprint("q", first)
		}
		return fmt.Sprintf("q%d-q%d", first, at-1)
	}
	text := next(1) + " ancilla"
	for _, copy := range []string{"query", "key"} {
		if c.index > 0 {
			text += fmt.Sprintf(", %s index of the %s", next(c.index), copy)
		}
		text += fmt.Sprintf(", %s data of the %s", next(c.data), copy)
	}
	return text
}

// angles returns a row of a parameter (H, P), in radians.
func angles(st *nn.Store, name string, head int) ([]float64, error) {
	p := st.Param(name)
	if p == nil {
		return nil, errors.Errorf("the model has no parameter %s", name)
	}
	row := p.Value.Shape()[1]
	theta := make([]float64, row)
	for i, v := range p.Value.Float32s()[head*row : (head+1)*row] {
		theta[i] = float64(v)
	}
	return theta, nil
}

// bound returns the circuit with the numbers of theta in it.
func bound(c *circuit.Circuit, theta []float64) *circuit.Circuit {
	out := circuit.New(c.Qubits())
	for _, g := range c.Gates() {
		numbers := make([]circuit.Angle, len(g.Angles))
		for i, a := range g.Angles {
			numbers[i] = circuit.Const(a.Value(theta, nil))
		}
		out.Control(g.Controls, g.Kind, numbers, g.Qubits...)
	}
	return out
}

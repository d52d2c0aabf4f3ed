package circuit

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/pkg/errors"
)

// Dynamic is a circuit that is more than a unitary: registers with names, measurement, reset, classical bits
// and what depends on them, as data. Its zero value is the empty circuit on no qubits; its fields may be
// filled in directly, and Err says what is wrong with them.
//
// Qubits and bits are counted through their registers in order. All qubits begin in |0⟩, all bits as 0.
type Dynamic struct {
	QubitRegisters, BitRegisters []Register
	Body                         []Instruction
	// Inputs are the names of angles that a program takes.
	Inputs []InputAngle
	// Notes say what a reader took for granted or left out.
	Notes []Note
}

// Register is a run of qubits or bits with a name. A Single one is written by its name alone, without an
// index; one that begins with $ is a physical qubit.
type Register struct {
	Name   string
	Size   int
	Single bool
}

// InputAngle is an angle with the name that a program has for it.
type InputAngle struct {
	Name  string
	Angle Angle
}

// Note is a remark on a line of a source.
type Note struct {
	Line int
	Text string
}

// String returns the note with its line.
func (n Note) String() string { return fmt.Sprintf("line %d: %s", n.Line, n.Text) }

// Kind says what an instruction does.
type Kind uint8

// The kinds of instructions.
const (
	Apply   Kind = iota // the Operation
	Opaque              // a gate that has a name but no definition
	Measure             // Qubits, into Bits if there are any
	Reset               // Qubits, to |0⟩
	Barrier             // between what comes before and after on Qubits
	Assign              // the one of Bits, to the value of When
	Branch              // Then where When holds, Else where not
	Repeat              // Then, as long as When holds
)

var kindNames = [...]string{"gate", "opaque gate", "measure", "reset", "barrier", "assignment", "if", "while"}

// String returns the word for it.
func (k Kind) String() string {
	if int(k) >= len(kindNames) {
		return "kind " + strconv.Itoa(int(k))
	}
	return kindNames[k]
}

// Instruction is one step of a Dynamic. Which fields count depends on its Kind.
type Instruction struct {
	Kind Kind
	Line int // of the source, 0 if there is none

	Operation            // Apply, Opaque: a gate; Measure, Reset, Barrier: only its Qubits
	Bits      []int      // Measure: as many as Qubits, or none; Assign: one
	When      *Condition // Assign, Branch, Repeat

	Then, Else []Instruction
}

// Readout says which bit a qubit is measured into at the end; −1 for none.
type Readout struct{ Qubit, Bit int }

// NewDynamic returns the circuit as a Dynamic on one register of qubits, q.
func NewDynamic(c *Circuit) (*Dynamic, error) {
	if err := c.Err(); err != nil {
		return nil, err
	}
	d := &Dynamic{QubitRegisters: []Register{{Name: "q", Size: c.Qubits()}}}
	for _, g := range c.Operations() {
		d.Body = append(d.Body, Instruction{Operation: g})
	}
	return d, nil
}

// Qubits returns the number of qubits, which MaxQubits does not bound.
func (d *Dynamic) Qubits() int { return size(d.orEmpty().QubitRegisters) }

// Bits returns the number of classical bits.
func (d *Dynamic) Bits() int { return size(d.orEmpty().BitRegisters) }

// orEmpty returns the circuit, in place of nil the empty one.
func (d *Dynamic) orEmpty() *Dynamic {
	if d == nil {
		return &Dynamic{}
	}
	return d
}

func size(registers []Register) int {
	n := 0
	for _, r := range registers {
		n += r.Size
	}
	return n
}

// QubitName returns the name of a qubit: q[3], or that of its register if this is single.
func (d *Dynamic) QubitName(q int) string { return nameIn(d.orEmpty().QubitRegisters, q) }

// BitName returns the name of a bit.
func (d *Dynamic) BitName(b int) string { return nameIn(d.orEmpty().BitRegisters, b) }

func nameIn(registers []Register, i int) string {
	rest := i
	for _, r := range registers {
		if rest >= 0 && rest < r.Size {
			if r.Single {
				return r.Name
			}
			return r.Name + "[" + strconv.Itoa(rest) + "]"
		}
		rest -= r.Size
	}
	return strconv.Itoa(i)
}

// Each calls f for every instruction, in the order of the source, those inside others after these.
func (d *Dynamic) Each(f func(*Instruction)) { eachOf(d.orEmpty().Body, f) }

func eachOf(body []Instruction, f func(*Instruction)) {
	for i := range body {
		f(&body[i])
		eachOf(body[i].Then, f)
		eachOf(body[i].Else, f)
	}
}

// Err returns what is wrong with the instructions, nil if nothing is: qubits or bits out of range or given
// twice, gates that do not fit, a missing condition.
func (d *Dynamic) Err() error {
	if d == nil {
		return errors.New("circuit: the dynamic circuit is nil")
	}
	for _, r := range slices.Concat(d.QubitRegisters, d.BitRegisters) {
		if r.Size < 1 || r.Single && r.Size != 1 {
			return errors.Errorf("circuit: register %s: got %d qubits or bits, want at least one, "+
				"and of a single one exactly one", r.Name, r.Size)
		}
	}
	var err error
	qubits, bits := d.Qubits(), d.Bits()
	d.Each(func(in *Instruction) {
		if err == nil {
			err = in.check(qubits, bits)
		}
	})
	return err
}

func (in *Instruction) check(qubits, bits int) error {
	err := in.checkKind(bits)
	switch {
	case err != nil:
	case int(in.Kind) >= len(kindNames):
		err = errors.New("there is no such instruction")
	default:
		err = different("qubit", in.AllQubits(), qubits)
	}
	if err == nil {
		err = different("bit", in.Bits, bits)
	}
	if err == nil && in.When != nil {
		err = in.When.check(bits, 0)
	}
	return errors.WithMessage(err, "circuit: "+in.at())
}

// checkKind returns what is wrong with the fields that the kind needs.
func (in *Instruction) checkKind(bits int) error {
	switch in.Kind {
	case Apply, Opaque:
		if err := in.checkCounts(in.Name()); err != nil {
			return err
		}
		for _, a := range in.Angles {
			if err := a.Err(); err != nil {
				return err
			}
		}
		switch {
		case len(in.Qubits) == 0:
			return errors.New("a circuit holds no global phase")
		case in.Gate.opaque() != (in.Kind == Opaque):
			return errors.New("want a gate with a definition in Apply, and an opaque one in Opaque")
		}
	case Measure:
		if len(in.Bits) > 0 && len(in.Bits) != len(in.Qubits) {
			return errors.Errorf("want as many bits as qubits, got %d and %d", len(in.Bits), len(in.Qubits))
		}
	case Assign:
		if len(in.Bits) != 1 || in.When == nil {
			return errors.New("want one bit and a value")
		}
	case Branch, Repeat:
		if in.When == nil {
			return errors.New("want a condition")
		}
	}
	return nil
}

// different returns an error unless all are different and in [0,n).
func different(what string, all []int, n int) error {
	for i, q := range all {
		if q < 0 || q >= n {
			return errors.Errorf("%s %d out of range [0,%d)", what, q, n)
		}
		if len(all) <= 16 && slices.Contains(all[:i], q) {
			return errors.Errorf("%s %d given twice", what, q)
		}
	}
	if len(all) > 16 {
		sorted := slices.Sorted(slices.Values(all))
		if len(slices.Compact(sorted)) < len(all) {
			return errors.Errorf("a %s is given twice", what)
		}
	}
	return nil
}

// at returns how errors call the instruction: line 7: measure.
func (in *Instruction) at() string {
	name := in.Kind.String()
	if in.Kind == Apply || in.Kind == Opaque {
		name = in.Name()
	}
	if in.Line > 0 {
		return fmt.Sprintf("line %d: %s", in.Line, name)
	}
	return name
}

// Unitary returns the circuit without what is no part of a unitary: barriers, assignments of bits, resets of
// qubits that nothing has touched, and the measurements at the end, which come back as a readout. It returns
// an error with the line for anything else that is not a unitary: a gate or a reset after a measurement or a
// gate of the same qubit, what depends on a classical bit, an opaque gate; and for more than MaxQubits
// qubits.
func (d *Dynamic) Unitary() (*Circuit, []Readout, error) {
	if err := d.Err(); err != nil {
		return nil, nil, err
	}
	if d.Qubits() == 0 {
		return nil, nil, errors.Errorf("circuit: no qubits are declared: want 1 to %d", MaxQubits)
	}
	c, readout := New(d.Qubits()), []Readout(nil)
	if err := c.Err(); err != nil {
		return nil, nil, err
	}
	touched, measured := make([]bool, c.qubits), make([]int, c.qubits) // by qubit; the place in Body, from 1
	for i := range d.Body {
		in := &d.Body[i]
		for _, q := range in.AllQubits() {
			if at := measured[q]; at > 0 && in.Kind != Measure && in.Kind != Barrier {
				return nil, nil, in.noUnitary("comes after %s of %s", d.Body[at-1].at(), d.QubitName(q))
			}
		}
		switch in.Kind {
		case Apply:
			c.add(in.Name(), in.Operation.clone())
			for _, q := range in.AllQubits() {
				touched[q] = true
			}
		case Measure:
			for j, q := range in.Qubits {
				r := Readout{q, -1}
				if len(in.Bits) > 0 {
					r.Bit = in.Bits[j]
				}
				readout, measured[q] = append(readout, r), i+1
			}
		case Reset:
			for _, q := range in.Qubits {
				if touched[q] {
					return nil, nil, in.noUnitary("comes after a gate on %s", d.QubitName(q))
				}
			}
		case Opaque:
			return nil, nil, in.noUnitary("has no definition")
		case Branch, Repeat:
			return nil, nil, in.noUnitary("depends on classical bits")
		}
	}
	return c, readout, c.Err()
}

func (in *Instruction) noUnitary(format string, args ...any) error {
	return errors.Errorf("circuit: %s %s: want a unitary, with measurements at the end only", in.at(),
		fmt.Sprintf(format, args...))
}

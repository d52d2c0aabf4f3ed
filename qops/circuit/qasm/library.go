package qasm

import (
	"strings"

	"github.com/hqvit/hqvit/qops/circuit"
)

// definition of a gate that a program can call.
type definition struct {
	angles, qubits int
	// build returns what the gate does on qubits 0, 1, …; nil if the parser gave up.
	build func(angles []circuit.Angle) []circuit.Operation
	depth int // of definitions in it

	// The one operation that it is, if it is one with the angles as they are.
	row      circuit.Gate
	controls int
}

// gate returns the row of the gate table with that name.
func gate(name string) circuit.Gate {
	k, _ := circuit.Named(name)
	return k
}

// fromGate is the definition of a gate under controls.
func fromGate(controls int, k circuit.Gate) definition {
	n := controls + k.Qubits()
	base, more := k.Base()
	split := controls + more
	return definition{angles: k.Angles(), qubits: n, row: base, controls: split,
		build: func(a []circuit.Angle) []circuit.Operation {
			qubits := register(0, n)
			g := circuit.Operation{Gate: base, Controls: qubits[:split:split], Qubits: qubits[split:],
				Angles: a}
			return []circuit.Operation{g}
		}}
}

// withPhase is a gate whose OpenQASM namesake has a further phase of factor times each angle.
func withPhase(name string, factors ...float64) definition {
	d := fromGate(0, gate(name))
	build := d.build
	d.row = circuit.Gate{}
	d.build = func(a []circuit.Angle) []circuit.Operation {
		out := build(a)
		for i, f := range factors {
			if f != 0 {
				angle := []circuit.Angle{a[i].Times(f)}
				out = append(out, circuit.Operation{Gate: circuit.GlobalPhase(), Angles: angle})
			}
		}
		return out
	}
	return d
}

// builtin returns the gates that a version has without a library.
func builtin(version int) map[string]definition {
	if version == 2 {
		return map[string]definition{"U": fromGate(0, gate("u")), "CX": fromGate(0, gate("cx"))}
	}
	return map[string]definition{"U": withPhase("u", 0.5), "gphase": fromGate(0, circuit.GlobalPhase())}
}

// libraryFile returns the name of the library of a version.
func libraryFile(version int) string {
	if version == 2 {
		return "qelib1.inc"
	}
	return "stdgates.inc"
}

// libraries are made once.
var libraries = map[int]map[string]definition{2: newLibrary(2), 3: newLibrary(3)}

// library returns the gates of qelib1.inc (version 2, as Qiskit ships it) or stdgates.inc (version 3), by
// name. Phases matter under controls only: in version 3, U(θ,φ,λ) is exp(iθ/2) times our u, and u2 and u3 are
// exp(−i(φ+λ)/2) times ours.
func library(version int) map[string]definition { return libraries[version] }

func newLibrary(version int) map[string]definition {
	out := map[string]definition{}
	for _, k := range circuit.Table() {
		name := k.QASM(version)
		if name != "" && !strings.Contains(name, " ") && name != "U" {
			out[name] = fromGate(0, k)
		}
	}
	add := func(controls int, name string, others ...string) {
		for _, other := range others {
			out[other] = fromGate(controls, gate(name))
		}
	}
	if version == 3 {
		add(0, "cx", "CX")
		add(0, "p", "phase", "u1")
		add(0, "cp", "cphase")
		out["u2"], out["u3"] = withPhase("u2", -0.5, -0.5), withPhase("u", 0, -0.5, -0.5)
		return out
	}
	add(0, "p", "p")
	add(0, "cp", "cp")
	add(0, "u", "u")
	add(1, "u", "cu3")
	add(1, "sx", "csx")
	add(3, "x", "c3x")
	add(4, "x", "c4x")
	add(3, "sx", "c3sqrtx")
	out["rccx"], out["rc3x"] = fromCircuit(relativeToffoli(3)), fromCircuit(relativeToffoli(4))
	identity := fromGate(0, gate("id")).build(nil)
	out["u0"] = definition{angles: 1, qubits: 1,
		build: func([]circuit.Angle) []circuit.Operation { return identity }}
	return out
}

// fromCircuit is the definition of a gate without angles.
func fromCircuit(c *circuit.Circuit) definition {
	ops := c.Operations()
	return definition{qubits: c.Qubits(), build: func([]circuit.Angle) []circuit.Operation { return ops }}
}

// relativeToffoli returns X under two or three controls up to phases that depend on the state: Maslov,
// arXiv:1508.03273.
func relativeToffoli(n int) *circuit.Circuit {
	c := circuit.New(n)
	t := n - 1
	if n == 3 {
		return c.H(t).T(t).CX(1, t).Tdg(t).CX(0, t).T(t).CX(1, t).Tdg(t).H(t)
	}
	c.H(t).T(t).CX(2, t).Tdg(t).H(t)
	c.CX(0, t).T(t).CX(1, t).Tdg(t).CX(0, t).T(t).CX(1, t).Tdg(t)
	return c.H(t).T(t).CX(2, t).Tdg(t).H(t)
}

// register returns n qubits from first on.
func register(first, n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = first + i
	}
	return out
}

package circuit

import "strings"

// definition of a gate that a program can call.
type definition struct {
	angles, qubits int
	// ops returns what the gate does on qubits 0, 1, …; nil if the reader gave up.
	gates func(angles []Angle) []Operation
	depth int // of definitions in it
}

func ofKind(k *Gate) definition {
	qubits := register(0, k.Qubits)
	return definition{angles: k.Angles, qubits: k.Qubits, gates: func(a []Angle) []Operation { return []Operation{newOperation(k, a, qubits)} }}
}

// controlledKind is a kind under controls for which the table has no row.
func controlledKind(controls int, k *Gate) definition {
	return definition{angles: k.Angles, qubits: controls + k.Qubits, gates: func(a []Angle) []Operation {
		return []Operation{{Gate: k, Controls: register(0, controls), Qubits: register(controls, k.Qubits), Angles: a}}
	}}
}

// withPhase is a kind whose OpenQASM namesake has a further phase of factor times each angle.
func withPhase(k *Gate, factors ...float64) definition {
	d := ofKind(k)
	d.gates = func(a []Angle) []Operation {
		out := []Operation{newOperation(k, a, []int{0})}
		for i, f := range factors {
			if f != 0 {
				out = append(out, phase(a[i].Times(f)))
			}
		}
		return out
	}
	return d
}

// builtin returns the gates that a version has without a library.
func builtin(version int) map[string]definition {
	if version == 2 {
		return map[string]definition{"U": ofKind(kindU), "CX": ofKind(kindCX)}
	}
	return map[string]definition{"U": withPhase(kindU, 0.5), "gphase": ofKind(kindPhase)}
}

// library returns the gates of qelib1.inc (version 2, as Qiskit ships it) or stdgates.inc (version 3), by name.
// Phases matter under controls only: in version 3, U(θ,φ,λ) is exp(iθ/2) times our u, and u2 and u3 are exp(−i(φ+λ)/2) times ours.
func library(version int) map[string]definition {
	out := map[string]definition{}
	for _, k := range Table() {
		name := k.QASM3
		if version == 2 {
			name = k.QASM2
		}
		if name != "" && !strings.Contains(name, " ") && name != "U" {
			out[name] = ofKind(k)
		}
	}
	if version == 3 {
		out["CX"], out["phase"], out["cphase"], out["u1"] = ofKind(kindCX), ofKind(kindP), ofKind(kindCP), ofKind(kindP)
		out["u2"], out["u3"] = withPhase(kindU2, -0.5, -0.5), withPhase(kindU, 0, -0.5, -0.5)
		return out
	}
	out["p"], out["cp"], out["u"] = ofKind(kindP), ofKind(kindCP), ofKind(kindU)
	out["u0"] = definition{angles: 1, qubits: 1, gates: func([]Angle) []Operation { return []Operation{gateOn(kindI, 0)} }}
	out["cu3"], out["csx"] = controlledKind(1, kindU), controlledKind(1, kindSX)
	out["c3x"], out["c4x"], out["c3sqrtx"] = controlledKind(3, kindX), controlledKind(4, kindX), controlledKind(3, kindSX)
	return out
}

// keywords cannot be names of gates.
var keywords = func() map[string]bool {
	out := map[string]bool{}
	for _, word := range strings.Fields("OPENQASM include qreg creg qubit bit input output const gate opaque barrier measure reset if else for while in def cal defcal " +
		"let break continue end return extern box delay array int uint float angle bool complex duration stretch ctrl negctrl inv pow pi tau euler " +
		"sin cos tan exp ln log sqrt true false void switch case default") {
		out[word] = true
	}
	return out
}()

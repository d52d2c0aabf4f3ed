package circuit

import (
	"math"
	"math/cmplx"
)

var (
	halfSqrt = complex(math.Sqrt2/2, 0)
	t8       = cmplx.Rect(1, math.Pi/4)

	pauliX = Matrix{0, 1, 1, 0}
	pauliY = Matrix{0, -1i, 1i, 0}
	pauliZ = Matrix{1, 0, 0, -1}
)

// Gates of one qubit.
var (
	kindI = fixed(Gate{Name: "id", Qubits: 1, QASM2: "id", QASM3: "id", Symbol: "I", Help: "identity"}, Matrix{1, 0, 0, 1})
	kindX = fixed(Gate{Name: "x", Qubits: 1, QASM2: "x", QASM3: "x", Symbol: "X", Help: "Pauli X, bit flip"}, pauliX)
	kindY = fixed(Gate{Name: "y", Qubits: 1, QASM2: "y", QASM3: "y", Symbol: "Y", Help: "Pauli Y"}, pauliY)
	kindZ = fixed(Gate{Name: "z", Qubits: 1, QASM2: "z", QASM3: "z", Symbol: "Z", Help: "Pauli Z, phase flip"}, pauliZ)
	kindH = fixed(Gate{Name: "h", Qubits: 1, QASM2: "h", QASM3: "h", Symbol: "H", Help: "Hadamard"},
		Matrix{halfSqrt, halfSqrt, halfSqrt, -halfSqrt})
	kindS, kindSdg = adjoints(
		Gate{Name: "s", Qubits: 1, QASM2: "s", QASM3: "s", Symbol: "S", Help: "square root of Z, diag(1, i)"},
		Gate{Name: "sdg", Qubits: 1, QASM2: "sdg", QASM3: "sdg", Symbol: "S†", Help: "adjoint of S"},
		Matrix{1, 0, 0, 1i})
	kindT, kindTdg = adjoints(
		Gate{Name: "t", Qubits: 1, QASM2: "t", QASM3: "t", Symbol: "T", Help: "square root of S, diag(1, exp(iπ/4))"},
		Gate{Name: "tdg", Qubits: 1, QASM2: "tdg", QASM3: "tdg", Symbol: "T†", Help: "adjoint of T"},
		Matrix{1, 0, 0, t8})
	kindSX, kindSXdg = adjoints(
		Gate{Name: "sx", Qubits: 1, QASM2: "sx", QASM3: "sx", Symbol: "√X", Help: "square root of X"},
		Gate{Name: "sxdg", Qubits: 1, QASM2: "sxdg", QASM3: "inv @ sx", Symbol: "√X†", Help: "adjoint of √X"},
		Matrix{0.5 + 0.5i, 0.5 - 0.5i, 0.5 - 0.5i, 0.5 + 0.5i})

	kindP = rotation(Gate{Name: "p", Qubits: 1, QASM2: "u1", QASM3: "p", Symbol: "P", Help: "phase, diag(1, exp(iλ))"},
		Matrix{0, 0, 0, -1}, 1)
	kindRX = rotation(Gate{Name: "rx", Qubits: 1, QASM2: "rx", QASM3: "rx", Symbol: "RX", Help: "exp(−iθX/2)"}, pauliX.Scaled(0.5), 0.5)
	kindRY = rotation(Gate{Name: "ry", Qubits: 1, QASM2: "ry", QASM3: "ry", Symbol: "RY", Help: "exp(−iθY/2), real"}, pauliY.Scaled(0.5), 0.5)
	kindRZ = rotation(Gate{Name: "rz", Qubits: 1, QASM2: "rz", QASM3: "rz", Symbol: "RZ", Help: "exp(−iθZ/2)"}, pauliZ.Scaled(0.5), 0.5)

	kindU = &Gate{Name: "u", Qubits: 1, Angles: 3, QASM2: "u3", QASM3: "U", Symbol: "U", Help: "any gate of one qubit, P(φ)·RY(θ)·P(λ) for angles θ, φ, λ",
		Matrix:        func(a []float64) Matrix { return general(a[0], a[1], a[2]) },
		InverseAngles: func(a []Angle) []Angle { return []Angle{a[0].Times(-1), a[2].Times(-1), a[1].Times(-1)} },
		Decomposition: []Operation{paramGateOn(kindP, Theta(2), 0), paramGateOn(kindRY, Theta(0), 0), paramGateOn(kindP, Theta(1), 0)}}
	kindU2 = &Gate{Name: "u2", Qubits: 1, Angles: 2, QASM2: "u2", QASM3: "u2", Symbol: "U2", Help: "P(φ)·RY(π/2)·P(λ) for angles φ, λ",
		Matrix: func(a []float64) Matrix { return general(math.Pi/2, a[0], a[1]) },
		InverseAngles: func(a []Angle) []Angle {
			return []Angle{a[1].Times(-1).Plus(math.Pi), a[0].Times(-1).Plus(-math.Pi)}
		},
		Decomposition: []Operation{paramGateOn(kindP, Theta(1), 0), paramGateOn(kindRY, Const(math.Pi/2), 0), paramGateOn(kindP, Theta(0), 0)}}
)

// general returns the matrix of u(θ, φ, λ).
func general(theta, phi, lambda float64) Matrix {
	sin, cos := math.Sincos(theta / 2)
	return Matrix{
		complex(cos, 0), -cmplx.Rect(sin, lambda),
		cmplx.Rect(sin, phi), cmplx.Rect(cos, phi+lambda)}
}

// Gates of several qubits.
var (
	kindCX = controlled(1, kindX, Gate{Name: "cx", QASM2: "cx", QASM3: "cx", Symbol: "X", Help: "controlled X (CNOT)"})
	kindCY = controlled(1, kindY, Gate{Name: "cy", QASM2: "cy", QASM3: "cy", Symbol: "Y", Help: "controlled Y"})
	kindCZ = controlled(1, kindZ, Gate{Name: "cz", QASM2: "cz", QASM3: "cz", Symbol: "Z", Help: "controlled Z"})
	kindCH = controlled(1, kindH, Gate{Name: "ch", QASM2: "ch", QASM3: "ch", Symbol: "H", Help: "controlled Hadamard"})

	kindCP  = controlled(1, kindP, Gate{Name: "cp", QASM2: "cu1", QASM3: "cp", Symbol: "P", Help: "controlled phase"})
	kindCRX = controlled(1, kindRX, Gate{Name: "crx", QASM2: "crx", QASM3: "crx", Symbol: "RX", Help: "controlled RX"})
	kindCRY = controlled(1, kindRY, Gate{Name: "cry", QASM2: "cry", QASM3: "cry", Symbol: "RY", Help: "controlled RY, real"})
	kindCRZ = controlled(1, kindRZ, Gate{Name: "crz", QASM2: "crz", QASM3: "crz", Symbol: "RZ", Help: "controlled RZ"})
	kindCU  = &Gate{Name: "cu", Qubits: 2, Angles: 4, QASM2: "cu", QASM3: "cu", Symbol: "CU", Help: "controlled exp(iγ)·U for angles θ, φ, λ, γ",
		Matrix: func(a []float64) Matrix {
			return general(a[0], a[1], a[2]).Scaled(cmplx.Rect(1, a[3])).controlled(1, 1)
		},
		InverseAngles: func(a []Angle) []Angle { return negated([]Angle{a[0], a[2], a[1], a[3]}) },
		Decomposition: []Operation{paramGateOn(kindP, Theta(3), 0), paramGateOn(kindCP, Theta(2), 0, 1),
			paramGateOn(kindCRY, Theta(0), 0, 1), paramGateOn(kindCP, Theta(1), 0, 1)}}

	kindSwap = fixed(Gate{Name: "swap", Qubits: 2, QASM2: "swap", QASM3: "swap", Symbol: "×", Help: "exchange of two qubits"},
		Matrix{1, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1})
	kindISwap, kindISwapdg = adjoints(
		Gate{Name: "iswap", Qubits: 2, Symbol: "iSWAP", Help: "exchange of two qubits with a phase i on |01⟩ and |10⟩",
			Decomposition: []Operation{gateOn(kindSwap, 0, 1), gateOn(kindCZ, 0, 1), gateOn(kindS, 0), gateOn(kindS, 1)}},
		Gate{Name: "iswapdg", Qubits: 2, Symbol: "iSWAP†", Help: "adjoint of iSWAP",
			Decomposition: []Operation{gateOn(kindSdg, 1), gateOn(kindSdg, 0), gateOn(kindCZ, 0, 1), gateOn(kindSwap, 0, 1)}},
		Matrix{1, 0, 0, 0, 0, 0, 1i, 0, 0, 1i, 0, 0, 0, 0, 0, 1})

	kindCCX   = controlled(2, kindX, Gate{Name: "ccx", QASM2: "ccx", QASM3: "ccx", Symbol: "X", Help: "Toffoli"})
	kindCCZ   = controlled(2, kindZ, Gate{Name: "ccz", QASM3: "ctrl(2) @ z", Symbol: "Z", Help: "Z with two controls", Decomposition: []Operation{gateOn(kindH, 2), gateOn(kindCCX, 0, 1, 2), gateOn(kindH, 2)}})
	kindCSwap = controlled(1, kindSwap, Gate{Name: "cswap", QASM2: "cswap", QASM3: "cswap", Symbol: "×", Help: "Fredkin"})

	kindRZZ = pauliRow("rzz", "ZZ", Gate{QASM2: "rzz", Help: "exp(−iθZZ/2)", Decomposition: []Operation{gateOn(kindCX, 0, 1), paramGateOn(kindRZ, Theta(0), 1), gateOn(kindCX, 0, 1)}})
	kindRXX = pauliRow("rxx", "XX", Gate{QASM2: "rxx", Help: "exp(−iθXX/2)", Decomposition: []Operation{gateOn(kindH, 0), gateOn(kindH, 1),
		paramGateOn(kindRZZ, Theta(0), 0, 1), gateOn(kindH, 0), gateOn(kindH, 1)}})
	kindRYY = pauliRow("ryy", "YY", Gate{Help: "exp(−iθYY/2)", Decomposition: []Operation{gateOn(kindSdg, 0), gateOn(kindH, 0), gateOn(kindSdg, 1), gateOn(kindH, 1),
		paramGateOn(kindRZZ, Theta(0), 0, 1), gateOn(kindH, 0), gateOn(kindS, 0), gateOn(kindH, 1), gateOn(kindS, 1)}})
	kindRZX = pauliRow("rzx", "ZX", Gate{Help: "exp(−iθZX/2), Z on the first qubit", Decomposition: []Operation{gateOn(kindH, 1), paramGateOn(kindRZZ, Theta(0), 0, 1), gateOn(kindH, 1)}})

	kindRBS = rotation(Gate{Name: "rbs", Qubits: 2, Symbol: "RBS", Help: "real rotation |01⟩ → cos θ|01⟩ − sin θ|10⟩, |10⟩ → sin θ|01⟩ + cos θ|10⟩ (arXiv:2209.08167)",
		Decomposition: []Operation{gateOn(kindH, 0), gateOn(kindH, 1), gateOn(kindCZ, 0, 1), paramGateOn(kindRY, Theta(0), 0), paramGateOn(kindRY, Theta(0).Times(-1), 1),
			gateOn(kindCZ, 0, 1), gateOn(kindH, 0), gateOn(kindH, 1)}},
		Matrix{0, 0, 0, 0, 0, 0, 1i, 0, 0, -1i, 0, 0, 0, 0, 0, 0}, 1)
	kindGivens = rotation(Gate{Name: "givens", Qubits: 2, Symbol: "G", Help: "real rotation |01⟩ → cos θ/2|01⟩ + sin θ/2|10⟩ (single excitation), RBS(−θ/2)",
		Decomposition: []Operation{paramGateOn(kindRBS, Theta(0).Times(-0.5), 0, 1)}},
		Matrix{0, 0, 0, 0, 0, 0, -0.5i, 0, 0, 0.5i, 0, 0, 0, 0, 0, 0}, 0.5)
)

// pauliRow completes the row of a two-qubit Pauli rotation.
func pauliRow(name, pauli string, k Gate) *Gate {
	k.Name, k.Qubits, k.Symbol = name, 2, "R"+pauli
	return rotation(k, pauliMatrix(pauli).Scaled(0.5), 0.5)
}

// Table returns the rows of the gate table. Any of them takes further controls by Circuit.Control, and PauliRotation, Diagonal, Unitary and Evolution make further kinds.
func Table() []*Gate {
	return []*Gate{
		kindI, kindX, kindY, kindZ, kindH, kindS, kindSdg, kindT, kindTdg, kindSX, kindSXdg,
		kindP, kindRX, kindRY, kindRZ, kindU, kindU2,
		kindCX, kindCY, kindCZ, kindCH, kindCP, kindCRX, kindCRY, kindCRZ, kindCU,
		kindSwap, kindISwap, kindISwapdg, kindCCX, kindCCZ, kindCSwap,
		kindRXX, kindRYY, kindRZZ, kindRZX, kindRBS, kindGivens,
	}
}

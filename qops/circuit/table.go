package circuit

import (
	"math"
	"math/cmplx"
	"slices"
)

//go:generate go test . -run TestGenerated -update

// Table returns the rows of the gate table. Any of them takes further controls by Circuit.Control; NewGate,
// Unitary, Diagonal, Evolution and PauliRotation make further gates.
func Table() []Gate { return slices.Clone(table) }

// Named returns the gate of the table with that name, false if there is none.
func Named(name string) (Gate, bool) {
	r := registry[name]
	return Gate{r}, r != nil
}

// rows returns the gate table as it is written: a new gate is a new row here, and a run of go generate.
func rows() []row {
	return slices.Concat(oneQubit(), controlledGates(), exchanges(), twoQubitRotations(), deviceGates())
}

var (
	halfSqrt = complex(math.Sqrt2/2, 0)

	pauliX = Matrix{0, 1, 1, 0}
	pauliY = Matrix{0, -1i, 1i, 0}
	pauliZ = Matrix{1, 0, 0, -1}
)

func oneQubit() []row {
	return []row{
		{name: "id", builder: "I(q)", qasm2: "id", qasm3: "id",
			symbol: "I", help: "identity", fixed: Matrix{1, 0, 0, 1}},
		{name: "x", builder: "X(q)", qasm2: "x", qasm3: "x",
			symbol: "X", help: "Pauli X, bit flip", fixed: pauliX},
		{name: "y", builder: "Y(q)", qasm2: "y", qasm3: "y", symbol: "Y", help: "Pauli Y", fixed: pauliY},
		{name: "z", builder: "Z(q)", qasm2: "z", qasm3: "z",
			symbol: "Z", help: "Pauli Z, phase flip", fixed: pauliZ},
		{name: "h", builder: "H(q)", qasm2: "h", qasm3: "h", symbol: "H", help: "Hadamard",
			fixed: Matrix{halfSqrt, halfSqrt, halfSqrt, -halfSqrt}},
		{name: "s", builder: "S(q)", qasm2: "s", qasm3: "s",
			symbol: "S", help: "square root of Z, diag(1, i)",
			fixed: Matrix{1, 0, 0, 1i}},
		{name: "sdg", builder: "Sdg(q)", qasm2: "sdg", qasm3: "sdg",
			symbol: "S†", help: "adjoint of S", adjointOf: "s"},
		{name: "t", builder: "T(q)", qasm2: "t", qasm3: "t",
			symbol: "T", help: "square root of S, diag(1, exp(iπ/4))",
			fixed: Matrix{1, 0, 0, cmplx.Rect(1, math.Pi/4)}},
		{name: "tdg", builder: "Tdg(q)", qasm2: "tdg", qasm3: "tdg",
			symbol: "T†", help: "adjoint of T", adjointOf: "t"},
		{name: "sx", builder: "SX(q)", qasm2: "sx", qasm3: "sx", symbol: "√X", help: "square root of X",
			fixed: Matrix{0.5 + 0.5i, 0.5 - 0.5i, 0.5 - 0.5i, 0.5 + 0.5i}},
		{name: "sxdg", builder: "SXdg(q)", qasm2: "sxdg", qasm3: "inv @ sx",
			symbol: "√X†", help: "adjoint of √X",
			adjointOf: "sx"},

		{name: "p", builder: "P(q, lambda)", qasm2: "u1", qasm3: "p",
			symbol: "P", help: "phase, diag(1, exp(iλ))",
			rotation: Matrix{0, 0, 0, -1}},
		{name: "rx", builder: "RX(q, theta)", qasm2: "rx", qasm3: "rx", symbol: "RX", help: "exp(−iθX/2)",
			rotation: pauliX.Scaled(0.5)},
		{name: "ry", builder: "RY(q, theta)", qasm2: "ry", qasm3: "ry",
			symbol: "RY", help: "exp(−iθY/2), real",
			rotation: pauliY.Scaled(0.5)},
		{name: "rz", builder: "RZ(q, theta)", qasm2: "rz", qasm3: "rz", symbol: "RZ", help: "exp(−iθZ/2)",
			rotation: pauliZ.Scaled(0.5)},

		{name: "u", builder: "U(q, theta, phi, lambda)", qasm2: "u3", qasm3: "U", symbol: "U",
			help:   "any gate of one qubit, P(φ)·RY(θ)·P(λ) for angles θ, φ, λ",
			qubits: 1, angles: 3,
			matrix: func(a []float64) Matrix { return general(a[0], a[1], a[2]) },
			inverseAngles: func(a []Angle) []Angle {
				return []Angle{a[0].Times(-1), a[2].Times(-1), a[1].Times(-1)}
			},
			define: func(c *Circuit) { c.P(0, Theta(2)).RY(0, Theta(0)).P(0, Theta(1)) }},
		{name: "u2", builder: "U2(q, phi, lambda)", qasm2: "u2", qasm3: "u2", symbol: "U2",
			help:   "P(φ)·RY(π/2)·P(λ) for angles φ, λ",
			qubits: 1, angles: 2,
			matrix: func(a []float64) Matrix { return general(math.Pi/2, a[0], a[1]) },
			inverseAngles: func(a []Angle) []Angle {
				return []Angle{a[1].Times(-1).Plus(math.Pi), a[0].Times(-1).Plus(-math.Pi)}
			},
			define: func(c *Circuit) { c.P(0, Theta(1)).RY(0, Const(math.Pi/2)).P(0, Theta(0)) }},
	}
}

// general returns the matrix of u(θ, φ, λ).
func general(theta, phi, lambda float64) Matrix {
	sin, cos := math.Sincos(theta / 2)
	return Matrix{
		complex(cos, 0), -cmplx.Rect(sin, lambda),
		cmplx.Rect(sin, phi), cmplx.Rect(cos, phi+lambda)}
}

func controlledGates() []row {
	return []row{
		{name: "cx", builder: "CX(control, q)", qasm2: "cx", qasm3: "cx",
			symbol: "X", help: "controlled X (CNOT)",
			base: "x", controls: 1},
		{name: "cy", builder: "CY(control, q)", qasm2: "cy", qasm3: "cy", symbol: "Y", help: "controlled Y",
			base: "y", controls: 1,
			defineCX: func(c *Circuit) { c.Sdg(1).CX(0, 1).S(1) }},
		{name: "cz", builder: "CZ(control, q)", qasm2: "cz", qasm3: "cz", symbol: "Z", help: "controlled Z",
			base: "z", controls: 1,
			defineCX: func(c *Circuit) { c.H(1).CX(0, 1).H(1) }},
		{name: "ch", builder: "CH(control, q)", qasm2: "ch", qasm3: "ch",
			symbol: "H", help: "controlled Hadamard",
			base: "h", controls: 1,
			defineCX: func(c *Circuit) { c.RY(1, Const(math.Pi/4)).CX(0, 1).RY(1, Const(-math.Pi/4)) }},

		{name: "cp", builder: "CP(control, q, lambda)", qasm2: "cu1", qasm3: "cp",
			symbol: "P", help: "controlled phase",
			base: "p", controls: 1,
			defineCX: func(c *Circuit) {
				half := Theta(0).Times(0.5)
				c.P(0, half).CX(0, 1).P(1, half.Times(-1)).CX(0, 1).P(1, half)
			}},
		{name: "crx", builder: "CRX(control, q, theta)", qasm2: "crx", qasm3: "crx",
			symbol: "RX", help: "controlled RX",
			base: "rx", controls: 1,
			defineCX: func(c *Circuit) { c.H(1).CRZ(0, 1, Theta(0)).H(1) }},
		{name: "cry", builder: "CRY(control, q, theta)", qasm2: "cry", qasm3: "cry",
			symbol: "RY", help: "controlled RY, real",
			base: "ry", controls: 1,
			defineCX: func(c *Circuit) {
				half := Theta(0).Times(0.5)
				c.RY(1, half).CX(0, 1).RY(1, half.Times(-1)).CX(0, 1)
			}},
		{name: "crz", builder: "CRZ(control, q, theta)", qasm2: "crz", qasm3: "crz",
			symbol: "RZ", help: "controlled RZ",
			base: "rz", controls: 1,
			defineCX: func(c *Circuit) {
				half := Theta(0).Times(0.5)
				c.RZ(1, half).CX(0, 1).RZ(1, half.Times(-1)).CX(0, 1)
			}},
		{name: "cu", builder: "CU(control, q, theta, phi, lambda, gamma)", qasm2: "cu", qasm3: "cu",
			symbol: "CU",
			help:   "controlled exp(iγ)·U for angles θ, φ, λ, γ",
			qubits: 2, angles: 4,
			matrix: func(a []float64) Matrix {
				return general(a[0], a[1], a[2]).Scaled(cmplx.Rect(1, a[3])).controlled(1, 1)
			},
			inverseAngles: func(a []Angle) []Angle { return negate([]Angle{a[0], a[2], a[1], a[3]}) },
			define: func(c *Circuit) {
				c.P(0, Theta(3)).CP(0, 1, Theta(2)).CRY(0, 1, Theta(0)).CP(0, 1, Theta(1))
			}},
	}
}

func exchanges() []row {
	return []row{
		{name: "swap", builder: "Swap(a, b)", qasm2: "swap", qasm3: "swap",
			symbol: "×", help: "exchange of two qubits",
			fixed:    Matrix{1, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1},
			defineCX: func(c *Circuit) { c.CX(0, 1).CX(1, 0).CX(0, 1) }},
		{name: "iswap", builder: "ISwap(a, b)", symbol: "iSWAP",
			help:   "exchange of two qubits with a phase i on |01⟩ and |10⟩",
			fixed:  Matrix{1, 0, 0, 0, 0, 0, 1i, 0, 0, 1i, 0, 0, 0, 0, 0, 1},
			define: func(c *Circuit) { c.Swap(0, 1).CZ(0, 1).S(0).S(1) }},
		{name: "iswapdg", builder: "ISwapdg(a, b)",
			symbol: "iSWAP†", help: "adjoint of iSWAP", adjointOf: "iswap"},

		{name: "ccx", builder: "CCX(a, b, q)", qasm2: "ccx", qasm3: "ccx", symbol: "X", help: "Toffoli",
			base: "x", controls: 2,
			// Nielsen and Chuang, figure 4.9, as in qelib1.inc.
			defineCX: func(c *Circuit) {
				c.H(2).CX(1, 2).Tdg(2).CX(0, 2).T(2).CX(1, 2).Tdg(2).CX(0, 2)
				c.T(1).T(2).H(2).CX(0, 1).T(0).Tdg(1).CX(0, 1)
			}},
		{name: "ccz", builder: "CCZ(a, b, q)", qasm3: "ctrl(2) @ z", symbol: "Z", help: "Z with two controls",
			base: "z", controls: 2,
			define: func(c *Circuit) { c.H(2).CCX(0, 1, 2).H(2) }},
		{name: "cswap", builder: "CSwap(control, a, b)", qasm2: "cswap", qasm3: "cswap",
			symbol: "×", help: "Fredkin",
			base: "swap", controls: 1,
			defineCX: func(c *Circuit) { c.CX(2, 1).CCX(0, 1, 2).CX(2, 1) }},
	}
}

func twoQubitRotations() []row {
	return []row{
		{name: "rxx", builder: "RXX(a, b, theta)", qasm2: "rxx", symbol: "RXX", help: "exp(−iθXX/2)",
			rotation: pauliMatrix("XX").Scaled(0.5),
			define:   func(c *Circuit) { c.H(0).H(1).RZZ(0, 1, Theta(0)).H(0).H(1) }},
		{name: "ryy", builder: "RYY(a, b, theta)", symbol: "RYY", help: "exp(−iθYY/2)",
			rotation: pauliMatrix("YY").Scaled(0.5),
			define: func(c *Circuit) {
				c.Sdg(0).H(0).Sdg(1).H(1).RZZ(0, 1, Theta(0)).H(0).S(0).H(1).S(1)
			}},
		{name: "rzz", builder: "RZZ(a, b, theta)", qasm2: "rzz", symbol: "RZZ", help: "exp(−iθZZ/2)",
			rotation: pauliMatrix("ZZ").Scaled(0.5),
			define:   func(c *Circuit) { c.CX(0, 1).RZ(1, Theta(0)).CX(0, 1) }},
		{name: "rzx", builder: "RZX(a, b, theta)", symbol: "RZX", help: "exp(−iθZX/2), Z on the first qubit",
			rotation: pauliMatrix("ZX").Scaled(0.5),
			define:   func(c *Circuit) { c.H(1).RZZ(0, 1, Theta(0)).H(1) }},

		// arXiv:2209.08167
		{name: "rbs", builder: "RBS(a, b, theta)", symbol: "RBS",
			help: "real rotation |01⟩ → cos θ|01⟩ − sin θ|10⟩, |10⟩ → sin θ|01⟩ + cos θ|10⟩ " +
				"(arXiv:2209.08167)",
			rotation: Matrix{0, 0, 0, 0, 0, 0, 1i, 0, 0, -1i, 0, 0, 0, 0, 0, 0},
			define: func(c *Circuit) {
				c.H(0).H(1).CZ(0, 1).RY(0, Theta(0)).RY(1, Theta(0).Times(-1)).CZ(0, 1).H(0).H(1)
			}},
		{name: "givens", builder: "Givens(a, b, theta)", symbol: "G",
			help:     "real rotation |01⟩ → cos θ/2|01⟩ + sin θ/2|10⟩ (single excitation), RBS(−θ/2)",
			rotation: Matrix{0, 0, 0, 0, 0, 0, -0.5i, 0, 0, 0.5i, 0, 0, 0, 0, 0, 0},
			define:   func(c *Circuit) { c.RBS(0, 1, Theta(0).Times(-0.5)) }},
	}
}

// deviceGates are what devices have natively and libraries of gates lack.
func deviceGates() []row {
	pauli := func(a float64) Matrix { return Matrix{0, cmplx.Rect(1, -a), cmplx.Rect(1, a), 0} }
	return []row{
		{name: "gpi", builder: "GPI(q, phi)", symbol: "GPI",
			help:   "X about an axis of phase φ, RZ(φ)·X·RZ(−φ)",
			qubits: 1, angles: 1,
			matrix:        func(a []float64) Matrix { return pauli(a[0]) },
			inverseAngles: func(a []Angle) []Angle { return a },
			define:        func(c *Circuit) { c.X(0).RZ(0, Theta(0).Times(2)) }},
		{name: "gpi2", builder: "GPI2(q, phi)", symbol: "GPI2",
			help:   "RX(π/2) about an axis of phase φ, RZ(φ)·RX(π/2)·RZ(−φ)",
			qubits: 1, angles: 1,
			matrix: func(a []float64) Matrix {
				return expGenerator(pauli(a[0]).Scaled(0.5), 0.5,
					math.Pi/2)
			},
			inverseAngles: func(a []Angle) []Angle { return []Angle{a[0].Plus(math.Pi)} },
			define: func(c *Circuit) {
				c.RZ(0, Theta(0).Times(-1)).RX(0, Const(math.Pi/2)).RZ(0, Theta(0))
			}},
		{name: "ms", builder: "MS(a, b, phi0, phi1)", symbol: "MS",
			help:   "Mølmer–Sørensen, RXX(π/2) about axes of phases φ0 and φ1",
			qubits: 2, angles: 2,
			matrix: func(a []float64) Matrix {
				return expGenerator(pauli(a[0]).kron(pauli(a[1])).Scaled(0.5), 0.5, math.Pi/2)
			},
			inverseAngles: func(a []Angle) []Angle { return []Angle{a[0].Plus(math.Pi), a[1]} },
			define: func(c *Circuit) {
				c.RZ(0, Theta(0).Times(-1)).RZ(1, Theta(1).Times(-1)).RXX(0, 1, Const(math.Pi/2))
				c.RZ(0, Theta(0)).RZ(1, Theta(1))
			}},
		{name: "ecr", builder: "ECR(a, b)", symbol: "ECR", help: "echoed cross-resonance, (XI − YX)/√2",
			fixed: Matrix{0, 0, halfSqrt, 1i * halfSqrt, 0, 0, 1i * halfSqrt, halfSqrt,
				halfSqrt, -1i * halfSqrt, 0, 0, -1i * halfSqrt, halfSqrt, 0, 0},
			define: func(c *Circuit) { c.RZ(0, Const(math.Pi/2)).SX(1).CX(0, 1).X(0) }},
	}
}

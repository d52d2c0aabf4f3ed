package qasm_test

import (
	"math"
	"math/cmplx"
	"testing"

	"github.com/hqvit/hqvit/internal/circuittest"
	"github.com/hqvit/hqvit/qops/circuit"
)

// one is a matrix on one qubit, written out; nothing here is taken from the gate table or the builder.
type one [2][2]complex128

var (
	denseX = one{{0, 1}, {1, 0}}
	denseY = one{{0, -1i}, {1i, 0}}
	denseH = one{{math.Sqrt2 / 2, math.Sqrt2 / 2}, {math.Sqrt2 / 2, -math.Sqrt2 / 2}}
)

func turn(phi float64) complex128 { return cmplx.Rect(1, phi) }

func phase(phi float64) one { return one{{1, 0}, {0, turn(phi)}} }

func both(phi float64) one { return one{{turn(phi), 0}, {0, turn(phi)}} }

func denseRX(a float64) one {
	c, s := complex(math.Cos(a/2), 0), complex(0, -math.Sin(a/2))
	return one{{c, s}, {s, c}}
}

func denseRY(a float64) one {
	c, s := complex(math.Cos(a/2), 0), complex(math.Sin(a/2), 0)
	return one{{c, -s}, {s, c}}
}

// denseU is U of version 3, with the phase θ/2 that its specification gives it.
func denseU(theta, phi, lambda float64) one {
	c, s := complex(math.Cos(theta/2), 0), complex(math.Sin(theta/2), 0)
	return both(theta / 2).times(one{{c, -turn(lambda) * s}, {turn(phi) * s, turn(phi+lambda) * c}})
}

func (u one) times(v one) one {
	var out one
	for i := range 2 {
		for j := range 2 {
			out[i][j] = u[i][0]*v[0][j] + u[i][1]*v[1][j]
		}
	}
	return out
}

// power is Sylvester's formula over the eigenvalues, with their phases in (−π, π].
func (u one) power(k float64) one {
	half := (u[0][0] + u[1][1]) / 2
	root := cmplx.Sqrt(half*half - u[0][0]*u[1][1] + u[0][1]*u[1][0])
	a, b := half+root, half-root
	f := func(z complex128) complex128 {
		p := cmplx.Phase(z)
		if p < 1e-12-math.Pi {
			p = math.Pi
		}
		return turn(k * p)
	}
	slope := (f(a) - f(b)) / (a - b)
	var out one
	for i := range 2 {
		for j := range 2 {
			out[i][j] = slope * u[i][j]
		}
		out[i][i] += f(a) - slope*a
	}
	return out
}

// step is a matrix on a qubit, where every qubit of on is 1 and every one of off is 0.
type step struct {
	u       one
	target  int
	on, off []int
}

// product multiplies steps, the first one first, entry by entry; qubit 0 is the most significant.
func product(n int, steps []step) circuit.Matrix {
	size := 1 << n
	bit := func(i, q int) int { return i >> (n - 1 - q) & 1 }
	out := make(circuit.Matrix, size*size)
	for i := range size {
		out[i*size+i] = 1
	}
	for _, s := range steps {
		for column := range size {
			for i := range size {
				active := bit(i, s.target) == 0
				for _, q := range s.on {
					active = active && bit(i, q) == 1
				}
				for _, q := range s.off {
					active = active && bit(i, q) == 0
				}
				if active {
					j := i | 1<<(n-1-s.target)
					a, b := out[i*size+column], out[j*size+column]
					out[i*size+column] = s.u[0][0]*a + s.u[0][1]*b
					out[j*size+column] = s.u[1][0]*a + s.u[1][1]*b
				}
			}
		}
	}
	return out
}

// on returns the steps of one matrix on several qubits.
func on(u one, qubits ...int) []step {
	var out []step
	for _, q := range qubits {
		out = append(out, step{u: u, target: q})
	}
	return out
}

func then(parts ...[]step) []step {
	var out []step
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

// TestOddPrograms compares what strange programs are read as with matrices that this file multiplies itself.
func TestOddPrograms(t *testing.T) {
	u := denseU(0.3, 0.7, -1.1)
	for name, tc := range map[string]struct {
		source string
		qubits int
		want   []step
	}{
		"powers below 0 and of parts": {"qubit[2] q; pow(-0.5) @ x q[0]; pow(1/3) @ h q[1]; pow(-2) @ " +
			"U(0.3, 0.7, -1.1) q[0]; pow(2.5) @ y q[1]; pow(-pi) @ U(0.3, 0.7, -1.1) q[1];", 2,
			then(on(denseX.power(-0.5), 0), on(denseH.power(1.0/3), 1), on(u.power(-2), 0),
				on(denseY.power(2.5), 1), on(u.power(-math.Pi), 1))},
		"controls of powers of inverses": {"qubit[3] q; ctrl @ pow(1/3) @ inv @ U(0.3, 0.7, -1.1) q[2], q[0]; " +
			"negctrl @ ctrl @ pow(-1.5) @ h q[2], q[0], q[1]; inv @ ctrl @ pow(2) @ negctrl @ rx(0.4) " +
			"q[1], q[2], q[0];", 3,
			[]step{{u.power(-1).power(1.0 / 3), 0, []int{2}, nil}, {denseH.power(-1.5), 1, []int{0}, []int{2}},
				{denseRX(-0.8), 0, []int{1}, []int{2}}}},
		"powers of controls": {"qubit[3] q; pow(0.5) @ ctrl @ rx(0.4) q[0], q[1]; pow(-1/2) @ negctrl(2) @ " +
			"U(0.3, 0.7, -1.1) q[0], q[2], q[1];", 3,
			[]step{{denseRX(0.2), 1, []int{0}, nil}, {u.power(-0.5), 1, nil, []int{0, 2}}}},
		"large powers": {"qubit[2] q; pow(1000000) @ x q[0]; pow(1000001) @ h q[1]; ctrl @ pow(-16777215) " +
			"@ s q[0], q[1];", 2, then(on(denseH, 1), []step{{phase(math.Pi / 2), 1, []int{0}, nil}})},
		"phases under controls": {"gate g(a) x { gphase(a/2); U(a, 0, 0) x; } qubit[2] q; ctrl @ g(0.6) " +
			"q[1], q[0]; ctrl @ pow(3) @ gphase(0.2) q[0]; negctrl @ gphase(0.5) q[1];", 2,
			[]step{{both(0.3).times(denseU(0.6, 0, 0)), 0, []int{1}, nil}, {phase(0.6), 0, nil, nil},
				{one{{turn(0.5), 0}, {0, 1}}, 1, nil, nil}}},
		"aliases of slices": {"qubit[5] q; let a = q[4:-2:0]; let b = a[1:-1] ++ q[{1, 3}]; rx(0.1) a; " +
			"ry(0.2) b[0]; rx(0.3) b[-1]; let c = b[:-1:]; let d = b[::-1]; cx c[0], d[0]; ry(0.4) " +
			"c[1:2];", 5,
			then(on(denseRX(0.1), 4, 2, 0), on(denseRY(0.2), 2), on(denseRX(0.3), 3),
				[]step{{denseX, 2, []int{3}, nil}}, on(denseRY(0.4), 1, 0))},
		"loops down and loops that are empty": {"qubit[4] q; for int i in [3:-2:0] { rx(i/4) q[i]; } for " +
			"int i in [2:1] { x q; } for uint i in {2, 0, 2} ry(0.1) q[i]; for int i in [-3:-1] { ry(i) " +
			"q[i]; }", 4,
			then(on(denseRX(0), 3, 1), on(denseRY(0.1), 2, 0, 2), on(denseRY(-3), 1), on(denseRY(-2), 2),
				on(denseRY(-1), 3))},
		"names in blocks": {"int n = 1; qubit q; { int n = 2; { float n = n/4.0; rx(n) q; } n = 3; ry(n) " +
			"q; } rx(n) q; for int n in [5:5] { ry(n) q; n = 6; rx(n) q; } if (n == 1) { int n = 7; ry(n) " +
			"q; } ry(n) q;", 1,
			then(on(denseRX(0.5), 0), on(denseRY(3), 0), on(denseRX(1), 0), on(denseRY(5), 0),
				on(denseRX(6), 0), on(denseRY(7), 0), on(denseRY(1), 0))},
		"switch": {"qubit q; for int i in [-1:2] { switch (i) { case -1, 1 { rx(0.1) q; } case 2 { ry(0.2) " +
			"q; } default { x q; } } }", 1,
			then(on(denseRX(0.1), 0), on(denseX, 0), on(denseRX(0.1), 0), on(denseRY(0.2), 0))},
		"subroutines": {"def f(int n) -> int { if (n <= 1) { return 1; } return n * f(n-1); } def " +
			"g(qubit[2] a, angle t) { rx(t) a[1]; ry(t) a[0]; } qubit[3] q; rx(f(4)) q[0]; g(q[2:-1:1], " +
			"0.3); g(q[0:1], f(3));", 3,
			then(on(denseRX(24), 0), on(denseRX(0.3), 1), on(denseRY(0.3), 2), on(denseRX(6), 1),
				on(denseRY(6), 0))},
		"arrays that come back": {"def f(mutable array[int[8], 2] a, readonly array[int[8], #dim = 1] b) { " +
			"a[0] = a[1] + b[0]; a[1] = 300; } array[int[8], 2] a = {1, 2}; array[int[8], 1] b = {3}; f(a, " +
			"b); qubit q; rx(a[0]) q; ry(a[1]) q; a[0] = 2.7; rx(a[0]) q;", 1,
			then(on(denseRX(5), 0), on(denseRY(44), 0), on(denseRX(2), 0))},
		"parts of arrays": {"array[int[8], 3, 2] a = {{1, 2}, {3, 4}, {5, 6}}; array[int[8], 2] b = a[0:1, " +
			"1]; a[1:2, 0] = b; a[0] = a[2]; array[int[8], 3] d = {7, 8, 9}; array[int[8], 4] c = b ++ " +
			"d[1:2]; qubit q; rx(b[1]) q; ry(a[1][0] + a[2, 0]) q; rx(a[0, 0]) q; ry(a[1:2][0][1]) q; " +
			"rx(c[3]) q;", 1,
			then(on(denseRX(4), 0), on(denseRY(6), 0), on(denseRX(4), 0), on(denseRY(4), 0), on(denseRX(9), 0))},
		"casts": {"qubit q; bit[64] b = 5; b[63] = 1; rx(int[3](b)) q; ry(uint[4](-1)) q; " +
			"rx(int[2](b[0:1])) q; ry(bool(0.1)) q; rx(angle[2](2)) q; uint[3] u = 5; u *= 3; ry(u) q; u " +
			"-= 8; rx(u) q; int[3] i = 3; i += 1; ry(i) q; rx(int(-2.9)) q;", 1,
			then(on(denseRX(-3), 0), on(denseRY(15), 0), on(denseRX(1), 0), on(denseRY(1), 0),
				on(denseRX(math.Pi/2), 0), on(denseRY(7), 0),
				on(denseRX(7), 0), on(denseRY(-4), 0), on(denseRX(-2), 0))},
		"numbers": {"qubit q; const int n = 9007199254740993; if (n == 9007199254740992) x q; if (n > " +
			"9007199254740992) rx(0.1) q; ry(2**70 / 2**69) q; const int least = -9223372036854775808; if " +
			"(least + 9223372036854775807 == -1) rx(pow(2, -1)) q;", 1,
			then(on(denseRX(0.1), 0), on(denseRY(2), 0), on(denseRX(0.5), 0))},
		"version 2": {"OPENQASM 2.0; gate g(a,b) x,y { rx(a-b^2) x; cx x,y; barrier x; } qreg q[2]; qreg " +
			"r[2]; g(2^-1,-.5e0) q,r; ry(-2^2+sin(pi/2)*3) r[1]; cu3(pi,0,pi) q[0],r;", 4,
			then([]step{{denseRX(0.25), 0, nil, nil}, {denseX, 2, []int{0}, nil},
				{denseRX(0.25), 1, nil, nil}, {denseX, 3, []int{1}, nil}},
				on(denseRY(-1), 3), []step{{one{{0, 1}, {1, 0}}, 2, []int{0}, nil}, {denseX, 3, []int{0}, nil}})},
	} {
		t.Run(name, func(t *testing.T) {
			source := tc.source
			if name != "version 2" {
				source = three + source
			}
			circuittest.SamePhase(t, name, matrix(t, parsed(t, source), nil, nil),
				product(tc.qubits, tc.want), 1e-12)
		})
	}
}

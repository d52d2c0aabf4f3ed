package qasm_test

import (
	"fmt"
	"strings"
	"testing"
)

// TestLibraries compares the gates of both libraries, as the parser knows them, with their definitions by U
// and CX. Version 2 is up to phase. Sources: qelib1.inc of arXiv:1707.03429 and of Qiskit, the OpenQASM 3
// specification's standard library, both from the built-in U, CX and gphase.
func TestLibraries(t *testing.T) {
	for version, library := range map[int]string{2: qelib1, 3: stdgates} {
		head := fmt.Sprintf("OPENQASM %d;\n", version)
		include := map[int]string{2: "include \"qelib1.inc\";\n", 3: "include \"stdgates.inc\";\n"}[version]
		for line := range strings.SplitSeq(strings.TrimSpace(library), "\n") {
			name, rest, _ := strings.Cut(strings.TrimPrefix(line, "gate "), " ")
			name, angles, _ := strings.Cut(name, "(")
			values := map[int]string{0: "", 1: "(0.4)", 2: "(0.4,1.1)", 3: "(0.4,1.1,-0.7)",
				4: "(0.4,1.1,-0.7,0.9)"}[strings.Count(angles, ",")+min(1, len(angles))]
			operands, _, _ := strings.Cut(rest, " {")
			qubits := strings.Count(operands, ",") + 1
			call, register := name+values+" q[0]", fmt.Sprintf("qubit[%d] q;\n", qubits+version-2)
			if version == 2 {
				register = fmt.Sprintf("qreg q[%d];\n", qubits)
			} else {
				call = "ctrl @ " + call + ", q[1]"
			}
			for q := version - 1; q < qubits+version-2; q++ {
				call += fmt.Sprintf(", q[%d]", q)
			}
			defined, _, _ := strings.Cut(library, line)
			got := parsed(t, head+include+register+call+";")
			want := parsed(t, head+defined+line+"\n"+register+call+";")
			samePhase(t, fmt.Sprint(version, " ", name), matrix(t, got, nil, nil), matrix(t, want, nil, nil),
				1e-14)
		}
	}
}

const qelib1 = `
gate u3(theta,phi,lambda) q { U(theta,phi,lambda) q; }
gate u2(phi,lambda) q { U(pi/2,phi,lambda) q; }
gate u1(lambda) q { U(0,0,lambda) q; }
gate cx c,t { CX c,t; }
gate id a { U(0,0,0) a; }
gate x a { u3(pi,0,pi) a; }
gate y a { u3(pi,pi/2,pi/2) a; }
gate z a { u1(pi) a; }
gate h a { u2(0,pi) a; }
gate s a { u1(pi/2) a; }
gate sdg a { u1(-pi/2) a; }
gate t a { u1(pi/4) a; }
gate tdg a { u1(-pi/4) a; }
gate rx(theta) a { u3(theta,-pi/2,pi/2) a; }
gate ry(theta) a { u3(theta,0,0) a; }
gate rz(phi) a { u1(phi) a; }
gate sx a { sdg a; h a; sdg a; }
gate sxdg a { s a; h a; s a; }
gate cz a,b { h b; cx a,b; h b; }
gate cy a,b { sdg b; cx a,b; s b; }
gate swap a,b { cx a,b; cx b,a; cx a,b; }
gate ch a,b { h b; sdg b; cx a,b; h b; t b; cx a,b; t b; h b; s b; x b; s a; }
gate ccx a,b,c { h c; cx b,c; tdg c; cx a,c; t c; cx b,c; tdg c; cx a,c; t b; t c; h c; cx a,b; t a; tdg b; cx a,b; }
gate cswap a,b,c { cx c,b; ccx a,b,c; cx c,b; }
gate crx(lambda) a,b { u1(pi/2) b; cx a,b; u3(-lambda/2,0,0) b; cx a,b; u3(lambda/2,-pi/2,0) b; }
gate cry(lambda) a,b { u3(lambda/2,0,0) b; cx a,b; u3(-lambda/2,0,0) b; cx a,b; }
gate crz(lambda) a,b { u1(lambda/2) b; cx a,b; u1(-lambda/2) b; cx a,b; }
gate cu1(lambda) a,b { u1(lambda/2) a; cx a,b; u1(-lambda/2) b; cx a,b; u1(lambda/2) b; }
gate cu3(theta,phi,lambda) c,t { u1((lambda+phi)/2) c; u1((lambda-phi)/2) t; cx c,t; u3(-theta/2,0,-(phi+lambda)/2) t; cx c,t; u3(theta/2,phi,0) t; }
gate cu(theta,phi,lambda,gamma) c,t { u1(gamma) c; cu3(theta,phi,lambda) c,t; }
gate csx a,b { h b; cu1(pi/2) a,b; h b; }
gate rxx(theta) a,b { u3(pi/2,theta,0) a; h b; cx a,b; u1(-theta) b; cx a,b; h b; u2(-pi,pi-theta) a; }
gate rzz(theta) a,b { cx a,b; u1(theta) b; cx a,b; }
gate c3x a,b,c,d { h d; cu1(pi/4) a,d; cx a,b; cu1(-pi/4) b,d; cx a,b; cu1(pi/4) b,d; cx b,c; cu1(-pi/4) c,d; cx a,c; cu1(pi/4) c,d; cx b,c; cu1(-pi/4) c,d; cx a,c; cu1(pi/4) c,d; h d; }
`

const stdgates = `
gate p(λ) a { ctrl @ gphase(λ) a; }
gate x a { U(π, 0, π) a; gphase(-π/2); }
gate y a { U(π, π/2, π/2) a; gphase(-π/2); }
gate z a { p(π) a; }
gate h a { U(π/2, 0, π) a; gphase(-π/4); }
gate s a { p(π/2) a; }
gate sdg a { inv @ s a; }
gate t a { p(π/4) a; }
gate tdg a { inv @ t a; }
gate sx a { h a; s a; h a; }
gate rx(θ) a { U(θ, -π/2, π/2) a; gphase(-θ/2); }
gate ry(θ) a { U(θ, 0, 0) a; gphase(-θ/2); }
gate rz(λ) a { gphase(-λ/2); U(0, 0, λ) a; }
gate cx a, b { ctrl @ x a, b; }
gate cy a, b { ctrl @ y a, b; }
gate cz a, b { ctrl @ z a, b; }
gate cp(λ) a, b { ctrl @ p(λ) a, b; }
gate crx(θ) a, b { ctrl @ rx(θ) a, b; }
gate cry(θ) a, b { ctrl @ ry(θ) a, b; }
gate crz(θ) a, b { ctrl @ rz(θ) a, b; }
gate ch a, b { ctrl @ h a, b; }
gate swap a, b { cx a, b; cx b, a; cx a, b; }
gate ccx a, b, c { ctrl @ ctrl @ x a, b, c; }
gate cswap a, b, c { ctrl @ swap a, b, c; }
gate cu(θ,φ,λ,γ) a, b { p(γ-θ/2) a; ctrl @ U(θ, φ, λ) a, b; }
gate CX a, b { ctrl @ U(π, 0, π) a, b; p(-π/2) a; }
gate phase(λ) q { U(0, 0, λ) q; }
gate cphase(λ) a, b { ctrl @ phase(λ) a, b; }
gate id a { U(0, 0, 0) a; }
gate u1(λ) q { U(0, 0, λ) q; }
gate u2(φ,λ) q { gphase(-(φ+λ+π/2)/2); U(π/2, φ, λ) q; }
gate u3(θ,φ,λ) q { gphase(-(φ+λ+θ)/2); U(θ, φ, λ) q; }
`

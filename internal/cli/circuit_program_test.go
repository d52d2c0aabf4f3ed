package cli

import (
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// programs writes small programs into the working directory, a new one.
func programs(t *testing.T) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, source := range map[string]string{
		"bell.qasm": "OPENQASM 2.0;\ninclude \"qelib1.inc\";\nqreg in[2];\ncreg c[2];\nh in[0];\ncx in[0],in[1];\nmeasure in -> c;\n",
		"again.QASM": "OPENQASM 3.0;\ninclude \"stdgates.inc\";\nqubit[2] q;\nbit[2] c;\nh q[0];\nc[0] = measure q[0];\n" +
			"if (c[0]) x q[1];\nreset q[0];\nc[1] = measure q[1];\n",
		"plain.qasm": "include \"qelib1.inc\";\nqreg q[2];\nx q[1];\n",
		"input.qasm": "OPENQASM 3;\ninput float a;\nqubit q;\nrx(a) q;\n",
		"inputs.qasm": "OPENQASM 3;\ninput float theta;\ninput angle phi;\ninput int n;\nqubit[n] q;\n" +
			"include \"stdgates.inc\";\nrx(theta) q[0];\nry(2*phi) q[1];\n",
		"empty.qasm":  "// nothing\n",
		"header.qasm": "OPENQASM 3.0;\ninclude \"stdgates.inc\";\n",
		"wrong.qasm":  "OPENQASM 2.0;\nqreg q[1];\nfoo q[0];\n",
		"large.qasm":  "OPENQASM 3;\nqubit[300] q;\nfor int i in [0:9] h q;\n",
		"sixty.qasm3": "OPENQASM 3;\nqubit[8] q;\nh q;\n",
		"notes.svg":   "something of the user's",
	} {
		write(t, name, source)
	}
}

// TestProgramWithNoise: the probabilities of a Bell pair, of which each gate depolarises its qubits and each
// bit is misread, are known; by trajectories they are near, on more qubits too.
func TestProgramWithNoise(t *testing.T) {
	programs(t)
	write(t, "chain.qasm", "OPENQASM 2.0;\ninclude \"qelib1.inc\";\nqreg q[15];\ncreg c[2];\nx q;\nmeasure q[14] -> c[0];\n"+
		"measure q[3] -> c[1];\n")
	write(t, "three.qasm", "OPENQASM 2.0;\ninclude \"qelib1.inc\";\nqreg q[3];\nx q[0];\nx q[1];\nccx q[0],q[1],q[2];\n")
	// CX depolarises by 16p/15: of the two bits ⟨ZZ⟩ = (1 − 16·0.03/15)·(1 − 2·0.02)², and ⟨Z⟩ = 0.
	play(t, []call{
		{"circuit bell.qasm --noise depolarizing=0.03,readout=0.02 --probabilities", done,
			`\nwith the noise depolarizing=0.03,readout=0.02, on a density matrix\nprobabilities of c\[0\] c\[1\]\n` +
				`00  0.473027\n01  0.026973\n10  0.026973\n11  0.473027\n$`},
		{"circuit bell.qasm --noise depolarizing=0.03,readout=0.02 --probabilities --trajectories 1000 " +
			"--seed 2", done,
			`, by 1000 trajectories, seed 2\nprobabilities of c\[0\] c\[1\]\n00  0.4[678]\d+ ± 0.00\d+\n01  0.0[23]\d+ ± 0.00`},
		{"circuit bell.qasm --noise depolarizing=0.03 --shots 100 --seed 3", done,
			`\n100 shots of c\[0\] c\[1\], seed 3\n00  \d+\n(01  \d\n)?(10  \d\n)?11  \d+\n$`},
		{"circuit chain.qasm --noise bit-flip=0.1 --probabilities", failed,
			`noise on 15 qubits takes runs with random errors, --trajectories N: a density matrix is for at most 13\n`},
		{"circuit chain.qasm --noise bit-flip=0.1 --probabilities --shots 50 --trajectories 2000", done,
			`probabilities of c\[0\] c\[1\]\n00  0.0[01]\d+ ± 0.00\d+\n01  0.(08|09|10)\d+ ± 0.00\d+\n10  0.(08|09|10)\d+ ± (.*)\n` +
				`11  0.8[0-2]\d+ ± (.*)\n50 shots of `},
		{"circuit three.qasm --noise depolarizing=0 --probabilities", done,
			`probabilities of q\[0\] q\[1\] q\[2\]\n111  1.000000\n$`},
		{"circuit again.QASM --noise depolarizing=0.1 --shots 5", failed,
			`no noise, only --shots without: circuit: line 7`},
		{"circuit bell.qasm --trajectories 5 --shots 5", wrongUsage,
			`--trajectories are runs with errors of --noise, which is not given`},
		{"circuit bell.qasm --noise bit-flip=0.1 --shots 5 --trajectories 0", wrongUsage,
			`trajectories is 0, want at least 1`},
		{"circuit bell.qasm --noise bit-flip=0.1", wrongUsage,
			`want what is run with it, --probabilities or --shots N`},
		{"circuit bell.qasm --noise bit-flip=0.1 --amplitudes", wrongUsage, `mixed state, which has no amplitudes`},
		{"circuit bell.qasm --noise bit-flop=0.1 --shots 5", wrongUsage, `--noise: .*bit-flop`},
		{"circuit --noise bit-flip=0.1", wrongUsage, `--noise: want a program to run, FILE.qasm`},
	})
}

func TestProgram(t *testing.T) {
	programs(t)
	play(t, []call{
		{"circuit bell.qasm", done,
			`^in\[0\]: ─┤H├─●─┤M├─(.|\n)*\nc\[2\]: (.|\n)*\n2 qubits, 2 gates \(cx 1, h 1\), 1 on two qubits, ` +
				`depth 3, 0 trainable angles, 2 bits, 2 measurements\na unitary, and at its end measures in\[0\] into c\[0\], ` +
				`in\[1\] into c\[1\]\n$`},
		{"circuit bell.qasm --ascii --width 20", done, `in\[0\]: -\[H\]-`},
		{"circuit bell.qasm --amplitudes", done,
			`\namplitudes of \|in\[0\] in\[1\]⟩\n00  \+0.707107 \+0.000000i\n11  \+0.707107 \+0.000000i\n$`},
		{"circuit bell.qasm --probabilities", done,
			`\nprobabilities of c\[0\] c\[1\]\n00  0.500000\n11  0.500000\n$`},
		{"circuit bell.qasm --shots 100 --seed 3", done,
			`\n100 shots of c\[0\] c\[1\], seed 3\n00  \d+\n11  \d+\n$`},
		{"circuit bell.qasm --qasm 3", done,
			`^OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit\[2\] in_2;\nbit\[2\] c;\nh in_2\[0\];\n` +
				`cx in_2\[0\], in_2\[1\];\nc = measure in_2;\n$`},
		{"circuit again.QASM --qasm 2", failed,
			`again.QASM: qasm: Write: line 7: OpenQASM 2 compares whole registers`},
		{"circuit again.QASM", done, `\nnot a unitary: line 7: if depends on classical bits: want a unitary`},
		{"circuit again.QASM --shots 50", done, `\n50 shots of c\[0\] c\[1\], seed 1\n00  \d+\n11  \d+\n$`},
		{"circuit again.QASM --amplitudes", failed,
			`again.QASM: no amplitudes or probabilities, only --shots: circuit: line 7`},
		{"circuit plain.qasm --shots 9 --probabilities", done,
			`plain.qasm: line 1: no OPENQASM line; read as version 2(.|\n)*` +
				`probabilities of q\[0\] q\[1\]\n01  1.000000\n9 shots of q\[0\] q\[1\], seed 1\n01  9\n$`},
		{"circuit sixty.qasm3 --probabilities", done,
			`\n00000000  0.003906\n(.|\n)*\nand 192 smaller ones\n$`},
		{"circuit large.qasm", done,
			`^(large.qasm: .*\n)?not drawn: 3000 instructions on 300 qubits, at most 2000 of each are; --svg has no limit\n300 qubits, 3000 gates`},
		{"circuit large.qasm --shots 1", failed, `a state of 300 qubits needs more than 4 GiB`},
		{"circuit input.qasm", done, `RX\(θ0\)(.|\n)*1 trainable angle\ninputs: a is θ0\na unitary\n$`},
		{"circuit input.qasm --ascii", done, `RX\(theta0\)(.|\n)*\ninputs: a is theta0\n`},
		{"circuit input.qasm --shots 3", failed,
			`\nhqvit: input.qasm: input a has no value: give numbers, as in --input a=pi/4\n`},
		{"circuit input.qasm --input a=pi --amplitudes", done,
			`RX\(π\)(.|\n)*0 trainable angles\na unitary\namplitudes of \|q⟩\n1  \+0.000000 -1.000000i\n$`},
		{"circuit input.qasm --input a=-pi/2 --qasm 3", done, `\nrx\(-pi/2\) q;\n$`},
		{"circuit input.qasm --input b=1", failed,
			`input.qasm: qasm: there is no input "b": the program has a\n$`},
		{"circuit input.qasm --input a=x", failed,
			`input.qasm: qasm: the value of the input a = x: unknown name "x"`},
		{"circuit inputs.qasm", failed, `line 5, column 7: the input n has no value, and one is needed while the ` +
			`program is read \(give it one, as in hqvit circuit --input n=3, or in qasm.Options\)\n$`},
		{"circuit inputs.qasm --input n=2", done, `\ninputs: theta is θ0, phi is θ1\na unitary\n$`},
		{"circuit inputs.qasm --input n=2 --probabilities", failed,
			`inputs theta and phi have no value: give numbers, as in --input theta=pi/4,phi=pi/4\n`},
		{"circuit inputs.qasm --input n=2,theta=pi/2 --input phi=mod(7,4)-3 --probabilities", done,
			`\nprobabilities of q\[0\] q\[1\]\n00  0.500000\n10  0.500000\n$`},
		{"circuit inputs.qasm --input n=2,thet=1", failed,
			`there is no input "thet" \(did you mean theta\?\): the program has theta, phi and n\n$`},
		{"circuit inputs.qasm --input n", wrongUsage, `--input "n": want NAME=VALUE, as in theta=0.3,phi=pi/4\n`},
		{"circuit inputs.qasm --input n=1 --input n=2", wrongUsage, `--input: n has two values, want one\n$`},
		{"circuit --input n=1", wrongUsage, `--input: want a program to run, FILE.qasm\n$`},
		{"circuit plain.qasm --strict", failed, `plain.qasm: qasm: line 1, column 1: no OPENQASM line; read as ` +
			`version 2, since it includes qelib1.inc, which Strict does not allow\n$`},
		{"circuit bell.qasm --strict", done, `\na unitary`},
		{"circuit empty.qasm", failed,
			`empty.qasm: qasm: there is no statement: want a program, such as OPENQASM 3.0;`},
		{"circuit header.qasm", done, `^0 qubits, (.*)\nthe program declares no qubits\n$`},
		{"circuit header.qasm --shots 2", failed, `the program declares no qubits: there is nothing to run\n`},
		{"circuit bell.qasm --svg bell.svg", done, `^bell.svg\n2 qubits`},
		{"circuit bell.qasm --svg bell.svg", done, `^bell.svg\n`},
		{"circuit bell.qasm --svg notes.svg", wrongUsage,
			`--svg notes.svg: the file that is there is not an SVG file, and is not replaced`},
		{"circuit bell.qasm --svg bell.qasm", wrongUsage, `--svg bell.qasm: want a name that ends in .svg`},
		{"circuit --svg notes.svg", wrongUsage, `--svg notes.svg: the file that is there is not an SVG file`},
		{"circuit bell.qasm --shots 0", wrongUsage, `shots is 0, want at least 1`},
		{"circuit bell.qasm --size m --head 1", wrongUsage,
			`bell.qasm is a program: leave out --size and --head`},
		{"circuit --shots 4", wrongUsage, `--shots: want a program to run, FILE.qasm`},
		{"circuit wrong.qasm", failed, `hqvit: wrong.qasm: qasm: line 3, column 1: unknown gate "foo"`},
		{"circuit none.qasm", failed, `none.qasm: no such file`},
	})
	picture, err := os.ReadFile("bell.svg")
	if err != nil || xml.Unmarshal(picture, new(struct{})) != nil || !strings.Contains(string(picture),
		">in[1]</text>") {
		t.Errorf("bell.svg is no XML with the names of registers (%v)", err)
	}
	if kept, _ := os.ReadFile("notes.svg"); string(kept) != "something of the user's" {
		t.Error("notes.svg was written over")
	}
}

// What --qasm prints is a program that says the same.
func TestProgramsGoRound(t *testing.T) {
	programs(t)
	for _, version := range []string{"2", "3"} {
		stdout, _ := command(t, done, "circuit bell.qasm --qasm "+version)
		write(t, filepath.Join(".", "round"+version+".qasm"), stdout)
		got, _ := command(t, done, "circuit round"+version+".qasm --amplitudes")
		if !strings.Contains(got, "00  +0.707107 +0.000000i\n11  +0.707107 +0.000000i\n") {
			t.Errorf("version %s: %s", version, got)
		}
	}
}

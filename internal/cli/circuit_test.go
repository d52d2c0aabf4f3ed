package cli

import (
	"encoding/xml"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"testing"

	"github.com/hqvit/hqvit/train/rundir"
)

func TestCircuit(t *testing.T) {
	withRun(t, "hqvit")
	legend := `^q0 ancilla, q1-q4 index of the query, q5-q8 data of the query, q9-q12 index of the key, ` +
		`q13-q16 data of the key\n`
	resources := `\n17 qubits, 38 gates \(cswap 4, cx 16, h 2, ry 16\)(.*)\n$`
	paper := `^q0 ancilla, q1-q4 index of the query, q5-q10 data of the query, q11-q14 index of the key, ` +
		`q15-q20 data of the key\n` +
		`(.|\n)*q5: .*RY\(θ0\)(.|\n)*q15: .*RY\(θ12\)(.|\n)*\n21 qubits, 56 gates \(cswap 6, cx 24, h 2, ` +
		`ry 24\)(.*)\n$`
	play(t, []call{
		{"circuit", done, legend + `(.|\n)*q5: .*RY\(θ0\)(.|\n)*q13: .*RY\(θ8\)(.|\n)*` + resources},
		{"circuit --model hqvit-paper", done, paper},
		{"circuit --size s --ascii --width 60", done, `q5:  -\[RY\(theta0\)\]`},
		{"circuit --model hqvit-m --block 3 --head 3 --width 0", done, `\n23 qubits, `},
		{"circuit a", done, legend + `(.|\n)*q5: [^θ]*RY\(-?\d(.|\n)*` + resources},
		{"circuit a/best.safetensors --block 1 --svg c.svg", done, legend + `c.svg` + resources},
		{"circuit --qasm 3", done,
			`^OPENQASM 3.0;(.|\n)*input float\[64\] theta15;\n(.|\n)*\nry\(theta0\) q\[5\];\n`},
		{"circuit a --qasm 3", done, `^OPENQASM 3.0;(.|\n)*\nry\(-?\d.*\) q\[5\];\n`},
		{"circuit --qasm 2", wrongUsage,
			`^hqvit: OpenQASM 2 has no free angles: name a run, or use --qasm 3\n$`},
		{"circuit --qasm 4", wrongUsage, `qasm is 4, want 2 or 3`},
		{"circuit --model vit", wrongUsage, `model vit has no quantum attention`},
		{"circuit --block 2", wrongUsage, `want a block in \[0,2\) and a head in \[0,4\)`},
		{"circuit --width -1", wrongUsage, `width is -1`},
		{"circuit a --size m", wrongUsage, `leave out --model and --size`},
		{"circuit b", failed, `b: no such file`},
		{"circuit --svg none/c.svg", wrongUsage, `--svg none/c.svg: there is no folder none`},
		{"circuit a b", wrongUsage, `got a b, want hqvit circuit`},
	})
	picture, err := os.ReadFile("c.svg")
	if err != nil || xml.Unmarshal(picture, new(struct{})) != nil {
		t.Errorf("c.svg is no XML (%v)", err)
	}
}

// The angles of a learned circuit are those in the weights, the query's before the key's, each on its own
// qubit.
func TestCircuitHasTheLearnedAngles(t *testing.T) {
	withRun(t, "hqvit")
	w, err := rundir.ReadWeights("a/best.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	for i := range 8 {
		block, head := i/4, i%4
		program, _ := command(t, done, fmt.Sprintf("circuit a --qasm 2 --block %d --head %d", block, head))
		rotations := regexp.MustCompile(`ry\(([^)]*)\) q\[(\d+)\];`).FindAllStringSubmatch(program, -1)
		if len(rotations) != 16 {
			t.Fatalf("block %d, head %d: %d rotations, want 16:\n%s", block, head, len(rotations), program)
		}
		for i, rotation := range rotations {
			which, first := "q", 5
			if i >= 8 {
				which, first = "k", 13
			}
			want := w.Tensors[fmt.Sprintf("blocks.%d.attn.%s.theta", block, which)].Float32s()[8*head+i%8]
			got, err := strconv.ParseFloat(rotation[1], 32)
			if err != nil || float32(got) != want || rotation[2] != strconv.Itoa(first+i%4) {
				t.Errorf("block %d, head %d: rotation %d is %s, want %v on qubit %d",
					block, head, i, rotation[0], want, first+i%4)
			}
		}
	}
}

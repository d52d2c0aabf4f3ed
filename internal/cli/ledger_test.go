package cli

import (
	"encoding/json"
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/vit/ledger"
)

func TestLedger(t *testing.T) {
	withRun(t, "hqvit")
	write(t, "recipe.yaml", "model: hqvit-m\n")
	write(t, "wrong.yaml", "model: vit\n")
	for name, ansatz := range map[string]string{"usual": "real-amplitudes", "other": "brick"} {
		write(t, name+".yaml", "architecture: {model: transformer, image: 32, channels: 1, classes: 10, "+
			"patch: 8, depth: 2, "+
			"hidden: 64, heads: 4, layers: 2, score: swap, ansatz: "+ansatz+", pooling: flatten}\n")
	}
	play(t, []call{
		{"ledger", done,
			`qubits +17: ancilla 1, index 2·4, data 2·4; the paper's 2·log2\(T·d\)\+1 is 17; two tokens ` +
				`alone: 9\n` +
				`(.|\n)*whole image: both copies and the test +556 +564 +1120 +547 +counted\n(.|\n` +
				`)*Holds: 17 qubits, as in the paper`},
		{"ledger --model hqvit-paper", done,
			`qubits +21: ancilla 1, index 2·4, data 2·6; the paper's 2·log2\(T·d\)\+1 is 21; two tokens ` +
				`alone: 13\n` +
				`(.|\n)*whole image: both copies and the test +2116 +2126 +4242 +2099 +counted\n(.|\n` +
				`)*Holds: 21 qubits, as in the paper`},
		{"ledger a --error 0.1", done, `shots a pair, error 0.1 +100 `},
		{"ledger a/best.safetensors --relative 1", done, `shots a pair, 100 % of ρ +255 `},
		{"ledger recipe.yaml", done, `attention +4 blocks of 4 heads, circuits of 2 layers\nqubits +23:`},
		{"ledger usual.yaml", done, `2 blocks of 4 heads, circuits of 2 layers\nqubits +17:`},
		{"ledger other.yaml", wrongUsage, `:brick has no swap test of RealAmplitudes`},
		{"ledger --model hqvit-paper:frozen --image 256", done,
			`whole image: both copies and the test +131140 +131150 +262290 .* by formula\n`},
		{"ledger --image 24", done, `qubits +17: .* is 17;`}, // 9 tokens on 4 qubits
		{"ledger --model hqvit-paper --image 40 --svg l.svg", done, `\nl.svg\n$`},
		{"ledger --model vit", wrongUsage,
			`vit has no swap test of RealAmplitudes, want a model with the score swap`},
		{"ledger wrong.yaml", wrongUsage, `vit has no swap test`},
		{"ledger --model hqvit:qsann", done, `circuit +4 qubits, 12 CX, 56 gates on one qubit`},
		{"ledger --model hqvit:qmsan --json", done, `"per_head":256`},
		{"ledger --model hqvit:qmsan --svg l.svg", wrongUsage, `leave out --svg`},
		{"ledger --model hqvit:sinkhorn", wrongUsage, `no circuit that can be counted`},
		{"ledger --model hqvit:cosine", wrongUsage, `hqvit:cosine has no swap test`},
		{"ledger --image 33", wrongUsage, `do not tile`},
		{"ledger --ranks 1,2,1000 --network 5:12.5 --batch 4096 --micro 4", done,
			`(?s)5:12.5, ranks +rounds +step of 4096 images +efficiency.*\n1 +0 +\S+ \S+ +100.0 %.*\n1000 +11 .*` +
				`qubits, 4 layers.*\n40 +\d+ .*5:12.5 +5 µs, 12.5 GB/s: given`},
		{"ledger --ranks 2 --size m", done, `(?s)an image of hqvit-m.*ethernet-10, ranks.*slingshot-200, ranks`},
		{"ledger --ranks 2 --model vit", wrongUsage, `no run of vit on one rank to fit: add a line of hqvit bench`},
		{"ledger --ranks 0", wrongUsage, `ranks is 0, want numbers from 1 to 65536`},
		{"ledger --ranks 2 --micro 500", wrongUsage, `want 1 ≤ micro ≤ batch`},
		{"ledger --ranks 2 --network fast", wrongUsage, `network is "fast", want one of ethernet-10, `},
		{"ledger --ranks 2 --memory 0", wrongUsage, `memory is 0, want a number of GB above 0`},
		{"ledger --ranks 2 --svg a.svg", wrongUsage, `--svg has no meaning with --ranks`},
		{"ledger --ranks 2 a", wrongUsage, `leave out a and say --model`},
		{"ledger --ranks 2 --runs wrong.yaml", wrongUsage, `wrong.yaml: line 1: want fit or check`},
		{"ledger --memory 2", wrongUsage, `--memory has no meaning without --ranks`},
		{"ledger --image 0", wrongUsage, `image is 0`},
		{"ledger --image 1073741824", wrongUsage,
			`1.15e\+19 weights and 2.6e\+33 values for an image, .*; want at most 1.34e\+08 weights`},
		{"ledger --error 0", wrongUsage, `errors of 0 and 0.1, want both finite and above 0`},
		{"ledger --relative NaN", wrongUsage, `errors of 0.01 and NaN`},
		{"ledger a --size m", wrongUsage, `leave out --model and --size`},
		{"ledger none.yaml", failed, `none.yaml`},
		{"ledger b", failed, `b: no such file`},
		{"ledger --svg none/l.svg", wrongUsage, `^hqvit: --svg none/l.svg: there is no folder none\n$`},
		{"ledger a b", wrongUsage, `got a b, want hqvit ledger`},
	})
	picture, err := os.ReadFile("l.svg")
	if err != nil || xml.Unmarshal(picture, new(struct{})) != nil ||
		!strings.Contains(string(picture), "preparation, one shot") {
		t.Errorf("l.svg is no picture (%v)", err)
	}
}

// TestLedgerInJSON reads every field of the line back.
func TestLedgerInJSON(t *testing.T) {
	text, _ := command(t, done, "ledger --model hqvit-m --json")
	var l ledger.Ledger
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&l); err != nil || strings.Count(text, "\n") != 1 {
		t.Fatal(err, text)
	}
	if l.Tokens != 64 || l.Width != 32 || l.Heads != 4 || l.Blocks != 4 || l.Drawn.Gates["cswap"] != 5 ||
		l.Qubits.Total != 23 ||
		l.Angles.Effective != 15 || l.Budget.Pairs != 64*64*16 || len(l.OverWidth) != 20 {
		t.Errorf("got %+v", l)
	}
}

// TestLedgerPicture compares the plot in docs/resources.md with what the command draws, ignoring numbers,
// which depend on how a machine rounds; -update regenerates it.
func TestLedgerPicture(t *testing.T) {
	path, err := filepath.Abs("../../docs/plots/ledger.svg")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	command(t, done, "ledger --model hqvit-paper --svg ledger.svg")
	fresh, err := os.ReadFile("ledger.svg")
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		write(t, path, string(fresh))
	}
	shown, err := os.ReadFile(path)
	if err != nil || withoutFigures(string(shown)) != withoutFigures(string(fresh)) {
		t.Errorf("%s is another picture (%v)", path, err)
	}
}

package cli

import (
	"os"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/vit"
)

// Each mistake in a call is answered by one line that says what is wrong and what to do, in the words of the
// caller: none of the libraries'.
func TestMistakes(t *testing.T) {
	set := digits(t)
	t.Chdir(t.TempDir())
	write(t, "notes.txt", "call the dentist")
	const architecture = "{model: transformer, image: 32, channels: 1, classes: 10, patch: 8, depth: 1, " +
		"hidden: 16, heads: 4, score: swap, layers: 2, pooling: flatten}\n"
	for name, text := range map[string]string{
		"full": "architecture: " + architecture, "fraction": "epochs: 1.5\n", "empty": "", "comment": "# lr: 1\n",
		"patch":    "model: hqvit\narchitecture:\n  model: transformer\n  patch: 4.5\n",
		"two":      "epochs: 1\n---\nepochs: 2\n",
		"twice":    "epochs: 1\nlr: 0.1\nepochs: 2\n",
		"unknown":  "optimiser: sgd\n",
		"inside":   "architecture: {model: transformer, heds: 4}\n",
		"none":     "epochs:\n",
		"list":     "- epochs\n",
		"text":     "just text\n",
		"quoted":   "epochs: \"3\"\n",
		"yes":      "augment: yes\n",
		"negative": "seed: -1\n",
		"anchor":   "lr: &rate 0.1\n",
		"tab":      "architecture:\n\tmodel: logreg\n",
		"stem":     "architecture: {stem: 4}\n",
		"hidden":   "architecture: " + strings.Replace(architecture, "hidden: 16", "hidden: 1000000000", 1),
		"depth":    "architecture: " + strings.Replace(architecture, "depth: 1", "depth: 1000000", 1),
		"number":   "model: 5\n",
	} {
		write(t, name+".yaml", text)
	}
	var calls []call
	for _, c := range []call{
		// commands and arguments
		{"trian", wrongUsage, `unknown command "trian" \(did you mean train\?\); there are bench, circuit, `},
		{"data lst", wrongUsage,
			`unknown command "lst" \(did you mean list\?\); there are fetch, info, list, verify`},
		{"help trian", wrongUsage, `unknown command "trian" \(did you mean train\?\)`},
		{"train more", wrongUsage, `train takes flags alone, got more; hqvit train --help lists them`},
		{"eval", wrongUsage, `eval: got nothing, want hqvit eval DIR, where DIR is a run or a name from hqvit models`},
		{"info a b", wrongUsage,
			`info: got a b, want hqvit info FILE\|DIR, where FILE\|DIR is a file of weights or`},
		{"predict a", wrongUsage,
			`got a, want hqvit predict \[DIR\] IMAGE\.\.\., where DIR is .* IMAGE is a picture file, or what else the model takes`},
		{"data info mnits", wrongUsage, `unknown set "mnits" \(did you mean mnist\?\), want folder:PATH, idx:PATH`},
		{"export a", wrongUsage,
			`got a, want hqvit export DIR FILE, where DIR is .* and FILE is the ONNX file to write`},
		{"export a b.txt", wrongUsage, `export: b.txt: want a name that ends in .onnx`},
		{"export a none/b.onnx", wrongUsage, `export: none/b.onnx: there is no folder none`},
		{"export a b.onnx --opset 16", wrongUsage, `--opset is 16, want 17 to `},
		{"export a b.onnx --opset new", wrongUsage, `--opset is "new", want a whole number`},
		{"export a b.onnx", failed, `a: no such file or directory`},
		{"export notes.txt b.onnx", failed, `weights file notes.txt: not a safetensors file`},
		// flags
		{"train --epoch 3", wrongUsage, `unknown flag --epoch \(did you mean --epochs\?\); hqvit train --help`},
		{"train --bogus", wrongUsage, `unknown flag --bogus; hqvit train --help lists the flags`},
		{"train -model vit", wrongUsage, `unknown flag -model, flags begin with two hyphens: --model`},
		{"train --model", wrongUsage, `--model has no value, want a MODEL`},
		{"train --batch NaN", wrongUsage, `--batch is "NaN", want a whole number`},
		{"train --batch 1e3", wrongUsage, `--batch is "1e3", want a whole number`},
		{"train --seed -1", wrongUsage, `--seed is "-1", want a whole number of at least 0`},
		{"train --limit 100 --model hqvit:qsann:depth=1000000", wrongUsage,
			`hqvit:qsann:depth=1000000: score qsann: ` +
				`QSANN: an embedding of depth 1000000: want at most 16, a layer for each`},
		{"train --model hqvit:qsann:qubits=99", wrongUsage, `qubits is 99, want at most 30`},
		{"compare --models hqvit:dot:cosine,vit", wrongUsage, `two scores, dot and cosine: want one of them`},
		{"train --lr fast", wrongUsage, `--lr is "fast", want a number`},
		{"train --augment=maybe", wrongUsage, `--augment is "maybe", want true or false`},
		{"train --normalize=maybe", wrongUsage, `--normalize is "maybe", want true or false`},
		{"train --threads 0", wrongUsage, `--threads is "0", want a whole number from 1 to 1024`},
		{"bench --threads 3000000", wrongUsage, `--threads is "3000000", want a whole number from 1 to 1024`},
		{"bench --seconds Inf", wrongUsage, `--seconds is "Inf", want a number above 0`},
		{"train --freeze=", wrongUsage, `--freeze is "", want a PATTERN`},
		{"train --lr-factor= --lr-factor *=0.1", wrongUsage, `--lr-factor is "", want a PATTERN=FACTOR`},
		{"train --freeze ,", wrongUsage, `--freeze is ",", want a PATTERN`},
		{"train --from=", wrongUsage, `--from is empty, want a directory; without it, leave out the flag`},
		{"train --config=", wrongUsage, `--config is empty, want a file`},
		{"train --model=", wrongUsage, `--model is empty, want a MODEL`},
		{"compare --from=", wrongUsage, `--from is empty, want a directory`},
		{"eval a --data=", wrongUsage, `--data is empty, want a `},
		{"train --lr 1e-320", wrongUsage, `lr is 1e-320, too small for float32, want at least 1.2e-38`},
		{"train --lr 1e39", wrongUsage, `lr is 1e\+39, too large for float32, want at most 3.4e\+38`},
		{"train --clip 1e-50", wrongUsage, `clip is 1e-50, too small for float32`},
		{"train --shots 99999999999999999999999", wrongUsage,
			`--shots is "99999999999999999999999", want a number that is not as large`},
		{"train --ema 0.99999999", wrongUsage, `ema is 0.99999999, which is 1 in float32, want at most 0.9999999`},
		{"train --temperature 1e-300 --teacher a", wrongUsage, `temperature is 1e-300, too small for float32`},
		{"train --distill-weight 1e-300 --teacher a", wrongUsage,
			`distill_weight is 1e-300, too small for float32`},
		{"train --optimizer adamw:eps=1e-320", wrongUsage, `optimizer adamw: eps: 1e-320, too small for float32`},
		{"train --optimizer adamw:decay=1e-60", wrongUsage, `optimizer adamw: decay: 1e-60, too small for float32`},
		{"train --optimizer adamw:beta2=0.99999999999", wrongUsage, `beta2: 0.99999999999, which is 1 in float32`},
		{"train --loss cross-entropy:smoothing=1e-46", wrongUsage, `smoothing: 1e-46, too small for float32`},
		{"train --lr-factor *=1e-37", wrongUsage,
			`"\*=1e-37" makes a learning rate of 2e-40, too small for float32`},
		// names
		// mitigation and sweeps
		{"train --mitigate readuot --noise readout=0.1", wrongUsage,
			`--mitigate: .*no method "readuot" \(did you mean readout\?\)`},
		{"train --mitigate zne=1,3:liner --noise bit-flip=0.1", wrongUsage,
			`no fit "liner" \(did you mean linear\?\); there are richardson, linear, exponential`},
		{"train --mitigate zne=1 --noise bit-flip=0.1", wrongUsage,
			`scales \[1\], want two or more to extrapolate from`},
		{"train --mitigate weight=1 --noise bit-flip=0.1", wrongUsage,
			`the circuits of attention conserve no number of ones`},
		{"train --mitigate readout --noise none", wrongUsage, `there is no noise to mitigate`},
		{"train --mitigate readout", wrongUsage,
			`mitigation is "readout", and there is no noise to mitigate: want noise or device with it`},
		{"train --mitigate=", wrongUsage, `--mitigate is empty`},
		{"train --model cnn --mitigate readout", wrongUsage,
			`vit: a cnn has no circuits: want no shots, noise, device and mitigation`},
		{"compare --mitigate readout", wrongUsage,
			`--mitigate, --device, --noise and --shots are those of a sweep: want --sweep with them`},
		{"compare --sweep shots=100 --mitigate readout", wrongUsage,
			`--sweep shots and --mitigate: there is no noise to mitigate, want --noise or --device`},
		{"compare --sweep shots=100 --sweep shots=10", wrongUsage, `--sweep shots is given twice`},
		{"compare --sweep shots=100 --shots 10", wrongUsage, `--sweep shots and --shots exclude each other`},
		{"compare --sweep bit-flop=0.1", wrongUsage, `.*did you mean bit-flip`},
		{"compare --sweep bit-flip=0.1 --device trapped-ion-20", wrongUsage,
			`--sweep bit-flip and --device exclude each other: a device has noise of its own`},
		{"compare --sweep shots=1 --device trapped-ion-20 --noise bit-flip=0.1", wrongUsage,
			`--device and --noise exclude each other`},
		{"compare --sweep bit-flip=0.1 --mitigate zne=3,1", wrongUsage, `--mitigate: .*want rising numbers from 1`},
		{"compare --sweep bit-flip=0.1 --sweep-limit -1", wrongUsage,
			`--shots is 0 and --sweep-limit -1, want 0 or more`},
		{"train --model hqvt", wrongUsage, `no model "hqvt" \(did you mean hqvit\?\); there are cnn, `},
		{"train --model hqvit:cosin", wrongUsage,
			`no change "cosin" \(did you mean cosine\?\); there are the scores`},
		{"train --size x", wrongUsage, `size is "x", want s or m`},
		{"train --model cnn --size m", wrongUsage, `size is "m", but cnn comes in one size: leave out the size`},
		{"train --optimizer sdg", wrongUsage, `optimizer "sdg" \(did you mean sgd\?\), want one of adamw, sgd`},
		{"train --optimizer adamw:beta=1", wrongUsage, `no option "beta" \(did you mean beta1 or beta2\?\), want`},
		{"train --loss mes", wrongUsage, `loss "mes" \(did you mean mse\?\), want one of cross-entropy, bce, mse`},
		{"train --schedule cosin", wrongUsage, `schedule "cosin" \(did you mean cosine\?\)`},
		{"train --select acc", wrongUsage,
			`select is "acc" \(did you mean accuracy or auc\?\), want one of accuracy, loss`},
		{"train --data fashion", wrongUsage, `unknown set "fashion" \(did you mean fashion-mnist\?\)`},
		{"train --data foldr:x", wrongUsage, `unknown kind "foldr" \(did you mean folder\?\), want folder:PATH`},
		{"train --data folder:", wrongUsage, `"folder:" has no path, want folder:PATH`},
		// files
		{"train --config none.yml", failed, `config: open none.yml: no such file`},
		{"train --config full.yaml --size m", wrongUsage,
			`--size m with the architecture of full.yaml: leave out --size, or name the model .* by --model`},
		{"train --config fraction.yaml", wrongUsage,
			`config fraction.yaml: line 1: epochs is 1.5, want a whole number`},
		{"train --config patch.yaml", wrongUsage, `line 4: architecture.patch is 4.5, want a whole number`},
		{"train --config empty.yaml", wrongUsage,
			`config empty.yaml: there is nothing in it, want lines such as epochs`},
		{"train --config comment.yaml", wrongUsage, `there is nothing in it`},
		{"train --config two.yaml", wrongUsage, `line 3 begins a second document, want one`},
		{"train --config twice.yaml", wrongUsage, `line 3: epochs is given twice, first in line 1`},
		{"train --config unknown.yaml", wrongUsage, `line 1: unknown key "optimiser" \(did you mean optimizer\?\)`},
		{"train --config inside.yaml", wrongUsage,
			`line 1: unknown key "architecture.heds" \(did you mean heads\?\)`},
		{"train --config none.yaml", wrongUsage, `line 1: epochs has no value, want a whole number`},
		{"train --config list.yaml", wrongUsage, `line 1 is a list, want keys with values, such as epochs: 8`},
		{"train --config text.yaml", wrongUsage, `line 1 is "just text", want keys with values`},
		{"train --config quoted.yaml", wrongUsage, `line 1: epochs is "3", want a whole number`},
		{"train --config yes.yaml", wrongUsage, `line 1: augment is "yes", want true or false`},
		{"train --config negative.yaml", wrongUsage, `line 1: seed is -1, want a whole number of at least 0`},
		{"train --config anchor.yaml", wrongUsage, `line 1: lr is an anchor, an alias or a tag, want a number`},
		{"train --config tab.yaml", wrongUsage, `line 2 is not YAML, want lines such as`},
		{"train --config stem.yaml", wrongUsage, `architecture.stem is 4, want a list such as \[16, 32\]`},
		{"train --config number.yaml", wrongUsage, `line 1: model is 5, want a text, in quotes if`},
		{"train --config notes.txt", wrongUsage, `config notes.txt: line 1 is "call the dentist", want keys`},
		{"train --config hidden.yaml", wrongUsage,
			`about 1.28e\+11 weights .*, \S+ GiB in training with 32 images`},
		{"train --config depth.yaml", wrongUsage,
			`architecture: about 1.\d+e\+10 weights .*; want at most 1.34e\+08`},
		{"train --batch 100000000 --micro 100000000", wrongUsage,
			`micro is 100000000, for which training takes about`},
		{"train --log notes.txt", wrongUsage, `--log notes.txt: the file that is there has no lines of JSON`},
		{"train --data " + set + " --out notes.txt", failed, `notes.txt is a file, want the directory of a run`},
	} {
		c.seen = "hqvit: (.*: )?" + c.seen
		calls = append(calls, c)
	}
	if len(calls) < 30 {
		t.Fatal("too few")
	}
	play(t, calls)
	for _, c := range calls {
		_, stderr := command(t, c.code, c.line)
		for _, private := range []string{"strconv", "parsing", "Go struct", "cannot unmarshal", "goccy", "pflag",
			"invalid syntax", "%!"} {
			if strings.Contains(stderr, private) {
				t.Errorf("hqvit %s: %q in %s", c.line, private, stderr)
			}
		}
	}
	if entries, err := os.ReadDir("runs"); err == nil {
		t.Errorf("mistakes have left %v", entries)
	}
}

// What a recipe says is not dropped or overruled without a word.
func TestRecipesAreKept(t *testing.T) {
	set := digits(t)
	t.Chdir(t.TempDir())
	write(t, "own.yaml", "epochs: 1\nbatch: 45\narchitecture: {model: transformer, image: 28, channels: 3, "+
		"classes: 10, patch: 14, depth: 1, hidden: 8, heads: 2, score: dot, pooling: mean}\n")
	write(t, "sized.yaml", "epochs: 1\nbatch: 45\nmodel: hqvit\nsize: m\n")
	said := `config own.yaml: the architecture is for 3 channels and 10 classes; idx-\d+ has 1 channel and ` +
		`3 classes, which the model gets\n`
	play(t, []call{
		{"train --config own.yaml --out a --data " + set, done, said},
		{"train --config a/config.yaml --out b", done, `^vit-p14-d196-b1-h2:mean on`}, // nothing to say
		{"compare --models own.yaml --seeds 2 --out c --data " + set, done,
			`models: own.yaml: the architecture is for 3 channels`},
		{"compare --config own.yaml --models logreg --seeds 1 --out d --data " + set, done,
			`own.yaml: the architecture is not used, as --models says which models are compared\n`},
		{"train --config sized.yaml --limit 1 --model logreg --out e --data " + set, done, `^(.*\n)?logreg on`},
	})
}

// What a model is called follows from what it is, in every command, and is no trouble to a file system.
func TestNamesInEveryCommand(t *testing.T) {
	set := digits(t)
	t.Chdir(t.TempDir())
	play(t, []call{
		{"bench --model vit-matched --threads 1 --seconds 0.001", done, ` vit-matched threads=1 `},
		{"bench --model hqvit-paper:dot --threads 1 --seconds 0.001", done, ` vit-paper threads=1 `},
		{"circuit --model vit-matched", wrongUsage, `model vit-matched has no quantum attention`},
		{"ledger --model vit-matched", wrongUsage, `vit-matched has no swap test`},
		{"train --epochs 1 --batch 45 --model hqvit:cosine --data " + set, done,
			`\nruns/idx-\d+-hqvit-cosine-s1\n$`},
		{"train --resume --model hqvit:cosine --data " + set + " --epochs 1 --batch 45", done,
			`resuming at the evaluation after epoch 1 of 1, from runs/idx-\d+-hqvit-cosine-s1/`},
	})
}

// A run that has lost its recipe is not resumed with another one.
func TestResumeWithoutRecipe(t *testing.T) {
	withRun(t, "logreg")
	kept := read(t, "a/config.yaml")
	if err := os.Remove("a/config.yaml"); err != nil {
		t.Fatal(err)
	}
	write(t, "kept.yaml", kept)
	play(t, []call{
		{"train --resume --out a", failed, `^hqvit: a has lost its config.yaml, which says what is resumed: give ` +
			`that recipe by --config\n$`},
		{"train --resume --out a --config kept.yaml", done, `resuming at the evaluation`},
	})
}

// What can be done with a run is said in commands that can be pasted.
func TestNextSteps(t *testing.T) {
	text := nextSteps("hqvit", "it's mine", vit.Config{Model: vit.Transformer})
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		if !strings.HasPrefix(line, "hqvit ") || !strings.Contains(line, ` 'it'\''s mine'`) {
			t.Errorf("no command: %s", line)
		}
	}
	if strings.Contains(nextSteps("hqvit", "a", vit.Config{Model: vit.CNN}), "explain") {
		t.Error("a model without attention is to be explained")
	}
}

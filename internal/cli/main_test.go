package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/train/rundir"
)

func TestTranscripts(t *testing.T) {
	data := digits(t)
	quick := " --data " + data + " --model hqvit --epochs 2 --batch 32 "
	for name, calls := range map[string][]call{
		"train, eval, and what a directory holds": {
			{"train" + quick + "--out a", done, `53643 parameters, 128 of them quantum(.|\n)*test accuracy`},
			{"train --help", done, `summary.json, curves.svg, confusion.svg`},
			{"train" + quick + "--out a", failed,
				`\nhqvit: train: a holds a run already; resume it, overwrite it, or choose another ` +
					`directory\n$`},
			{"train" + quick + "--out a --overwrite --model vit", done,
				`70147 parameters, 0 of them quantum`},
			{"eval a", done, `split=test images=30 loss=\d\.\d+ accuracy=[01]\.\d+ (.|\n)*class +precision`},
			{"eval a --split val", done, `split=val images=15 `},
			{"eval a --split all", wrongUsage, `split "all", want train, val or test`},
			{"eval b", failed, `^hqvit: b: no such file or directory; runs near it: a; hqvit models lists the models that come trained\n$`},
		},
		"resume": {
			{"train" + quick + "--out a --resume", failed,
				`^hqvit: a holds no run to resume; without --resume a new one starts there\n$`},
			{"train" + quick + "--out a", done, "test accuracy"},
			{"train --out a --resume", done,
				`resuming at the evaluation after epoch 2 of 2, from a/last.ckpt`},
			{"train --out a --resume --seed 2", failed,
				`a/last.ckpt is of another run: seed was "1", now it is "2"`},
		},
		"a default directory is never in the way": {
			{"train" + quick + "--resume --model logreg", done,
				`no run to resume in runs/idx-\d+-logreg-s1: a new one starts there\n`},
			{"train" + quick, done, `\nruns/idx-\d+-hqvit-s1\n`},
			{"train" + quick, done, `\nruns/idx-\d+-hqvit-s1-2\n`},
			{"train" + quick + "--resume", done, `\nruns/idx-\d+-hqvit-s1-2\n`},
		},
		"config": {
			{"train --config good.yaml --out a --epochs 1", done, "epoch 1/1"},
			{"train --config a/config.yaml --out smaller --batch 16", done, "epoch 1/1"}, // than its micro-batch
			{"train --config unknown.yaml", wrongUsage,
				`^hqvit: config unknown.yaml: line 2: unknown key "epoch" \(did you mean epochs\?\)`},
			{"train --config mixup.yaml", wrongUsage,
				`^hqvit: data: augment: mixup 9, want 0 or 0.05 to 2\n$`},
			{"train --config none.yaml", failed, `none.yaml: no such file`},
			{"train --config depth.yaml", wrongUsage,
				`^hqvit: config depth.yaml: architecture.depth is 0, want at least 1\n$`},
			{"compare --models depth.yaml", wrongUsage,
				`^hqvit: models: depth.yaml: architecture.depth is 0, want at least 1\n$`},
			{"train --config patch.yaml", wrongUsage,
				`^hqvit: config patch.yaml: architecture: patches of 7 do not tile`},
			{"train --config map.yaml", wrongUsage, `^hqvit: config map.yaml: line 2: ` +
				`optimizer is keys with values, want NAME:field=value,..., such as sgd:momentum=0.9\n$`},
			{"train --config list.yaml", wrongUsage, `list.yaml: .*loss is a list, want NAME:field=value,...`},
		},
		"compare": {
			{"compare --data " + data + " --epochs 1 --batch 32 --models hqvit,logreg --seeds 2 --out c",
				done, `\| logreg \| (.|\n)*logreg is .* hqvit(.|\n)*c/report.html`},
			{"compare --data " + data + " --epochs 1 --batch 32 --models hqvit,logreg --seeds 2 --out c",
				done, `\[4/4\] logreg, seed 2: test accuracy \S+ \(was done\)`},
			{"compare --data " + data + " --epochs 2 --batch 32 --models hqvit,logreg --seeds 2 --out c",
				failed, `epochs was "1", now it is "2"; choose another directory`},
			{"compare --data " + data + " --models hqvit,nope", wrongUsage, `no model "nope"`},
			{"compare --data " + data + " --seeds 0", wrongUsage, `seeds is 0`},
			{"report c", done, `## .*2 seeds`},
			{"report d", failed, `d: no such file`},
			{"report", wrongUsage, `no directory given`},
			{"report c/runs", failed, `no results.json in c/runs or the directories in it`},
			{"report . --page page.md", done, `^page.md\n$`},
			{"report d --page page.md", failed, `d: no such file`},
			{"eval c/runs/hqvit/s2", done, `split=test`},
		},
		"compare recipes": {
			{"compare --data " + data +
				" --epochs 1 --batch 32 --seeds 1 --pooling mean --out c --models own.yaml," +
				"own.yaml:cosine,twin=own.yaml:matched,logreg", done,
				`\| own \| (.|\n)*\| own:cosine \| (.|\n)*\| twin \| (.|\n)*twin has \d+ parameters, ` +
					`\d+ (fewer|more) than the \d+ of the model it matches`},
			{"compare --data " + data +
				" --epochs 1 --batch 32 --seeds 2 --pooling mean --out e --from c --models " +
				"own.yaml:cosine,logreg", done, `reused: c/runs/own-cosine/s1\n(.|\n)*\[1/4\] ` +
				`own:cosine, seed 1: .* \(was done\)(.|\n)*\[3/4\] own:cosine, seed 2: test ` +
				`accuracy \S+ \(\d+ s\)`},
			{"eval c/runs/twin/s1", done, "accuracy"},
			{"compare --data " + data + " --models own.yaml:nope", wrongUsage,
				`own.yaml: vit: no change "nope"; there are the scores swap, hadamard, `},
			{"compare --data " + data + " --models unknown.yaml", wrongUsage, `unknown key "epoch"`},
			{"compare --data " + data + " --models logreg:mean", wrongUsage,
				`logreg has no attention to change`},
			{"compare --data " + data + " --models hqvit:matched:cosine", wrongUsage,
				`a matched model has the score dot`},
		},
		"wrong usage": {
			{"train --model nope", wrongUsage, `no model "nope"; there are cnn, hqvit, hqvit-m`},
			{"train --data nope", wrongUsage, `unknown set "nope", want folder:PATH`},
			{"train --data idx:none --out a", failed, `idx:none`},
			{"train --epochs 0", wrongUsage, `epochs is 0, want at least 1`},
			{"train --batch -1", wrongUsage, `batch is -1`},
			{"train --limit -1", wrongUsage, `limit is -1`},
			{"train --lr 0", wrongUsage, `lr is 0`},
			{"train --optimizer adamw:decay=-1", wrongUsage, `Decay -1`},
			{"train --clip NaN", wrongUsage, `clip is NaN`},
			{"train --loss cross-entropy:smoothing=2", wrongUsage, `Smoothing 2`},
			{"train --schedule none", wrongUsage, `schedule "none", want one of one-cycle, cosine, constant`},
			{"train --resume --overwrite", wrongUsage, `exclude each other`},
			{"bench --seconds 0", wrongUsage, `--seconds is "0", want a number above 0`},
			{"bench --micro 48", wrongUsage, `micro is 48, want a divisor of the model's batch of 128`},
			{"bench --micro 0", wrongUsage, `micro is 0, want a divisor of the model's batch of 128`},
			{"bench --circuit --micro 8", wrongUsage, `--micro has no meaning with --circuit=true`},
			{"bench --qubits 4", wrongUsage, `--qubits has no meaning with --circuit=false`},
			{"bench --circuit --model vit", wrongUsage, `--model has no meaning with --circuit=true`},
			{"bench --circuit --qubits 0", wrongUsage,
				`qubits is 0, layers is 4 and batch is 64, want at least 1`},
			{"bench --circuit --qubits 64", wrongUsage,
				`more than 4 GiB for 64 states of 64 qubits in float32`},
			{"bench --circuit --qubits 29 --batch 1 --double", wrongUsage,
				`more than 4 GiB for 1 state of 29 qubits in float64`},
			{"data info nope", wrongUsage, `unknown set "nope"`},
			{"data verify nope", wrongUsage, `unknown set "nope"`},
			{"--verbose train --model nope", wrongUsage, `no model "nope"(.|\n)*resolve.go:\d+`},
		},
		"data and version": {
			{"data list", done, `mnist +28×28×1 +10 +60000`},
			{"data info cifar10-jpeg", done, `not comparable with figures for CIFAR-10`},
			{"data fetch mnist", done, `train-images-idx3-ubyte.gz\n`},
			{"data verify mnist", done, `t10k-labels-idx1-ubyte.gz: ok`},
			{"data verify octmnist --data-dir .", failed, `1 of 1 file missing or with a wrong checksum`},
			{"version", done, `^hqvit \S+\n(revision .*\n)?go +1\.\S+\nkernels +\S+\nmachine +.*\n$`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			write(t, "good.yaml", "data: "+data+"\nmodel: hqvit\nlimit: 50\n")
			write(t, "unknown.yaml", "data: mnist\nepoch: 3\n")
			write(t, "mixup.yaml", "data: mnist\naugmentation: {mixup: 9}\n")
			write(t, "own.yaml",
				"lr: 0.001\nbatch: 32\nmicro: 16\narchitecture: {model: transformer, "+
					"image: 32, channels: 1, classes: 10, patch: 8, embed: 16, position: true, depth: 1, "+
					"hidden: 32, heads: 2, score: swap, layers: 2, pooling: flatten}\n")
			write(t, "depth.yaml",
				"data: mnist\narchitecture: {model: transformer, image: 32, channels: 1, classes: 10, "+
					"patch: 8}\n")
			write(t, "patch.yaml",
				"architecture: {model: transformer, image: 32, channels: 1, classes: 10, patch: 7, "+
					"depth: 1, hidden: 4}\n")
			write(t, "map.yaml", "epochs: 1\noptimizer: {name: sgd, momentum: 0.9}\n")
			write(t, "list.yaml", "loss: [mse]\n")
			play(t, calls)
		})
	}
}

func TestOneFileForAnyNumberOfThreads(t *testing.T) {
	data := digits(t)
	t.Chdir(t.TempDir())
	for _, model := range []string{"hqvit", "vit"} {
		var want string
		for threads := 1; threads <= 3; threads++ {
			dir := fmt.Sprint(model, threads)
			command(t, done,
				fmt.Sprintf("train --data %s --model %s --epochs 2 --batch 96 --augment --threads %d "+
					"--out %s", data, model, threads, dir))
			content, err := os.ReadFile(filepath.Join(dir, rundir.WeightsFile))
			if err != nil {
				t.Fatal(err)
			}
			if threads > 1 && string(content) != want {
				t.Errorf("%s: %d threads give another file than one", model, threads)
			}
			want = string(content)
		}
		if strings.Contains(want, data) || strings.Contains(want, "thread") {
			t.Error("best.safetensors holds a path or the number of threads")
		}
	}
}

// A run's config.yaml reproduces it.
func TestConfigOfARunReproducesIt(t *testing.T) {
	data := digits(t)
	t.Chdir(t.TempDir())
	command(t, done,
		"train --data "+data+" --model vit --epochs 2 --batch 48 --lr 0.004 --schedule cosine "+
			"--optimizer adamw:decay=0 --clip 1 --loss cross-entropy:smoothing=0.1 --limit 100 --seed 9 "+
			"--out a")
	command(t, done, "train --config a/config.yaml --out b")
	for _, name := range []string{rundir.WeightsFile, rundir.ConfigFile} {
		a, _ := os.ReadFile(filepath.Join("a", name))
		b, err := os.ReadFile(filepath.Join("b", name))
		if err != nil || !bytes.Equal(a, b) {
			t.Errorf("%s differs (%v):\n%s\n%s", name, err, a, b)
		}
	}
}

// summaryOf reads the summary of a run.
func summaryOf(t *testing.T, dir string) train.Summary {
	t.Helper()
	var summary train.Summary
	text, err := os.ReadFile(filepath.Join(dir, rundir.SummaryFile))
	if err == nil {
		err = json.Unmarshal(text, &summary)
	}
	if err != nil {
		t.Fatal(err)
	}
	return summary
}

// eval prints the metrics that train wrote.
func TestEvalAgreesWithTrain(t *testing.T) {
	data := digits(t)
	t.Chdir(t.TempDir())
	command(t, done, "train --data "+data+" --epochs 2 --batch 32 --out a")
	summary := summaryOf(t, "a")
	stdout, _ := command(t, done, "eval a --threads 3")
	want := fmt.Sprintf("accuracy=%.4f balanced_accuracy=%.4f",
		summary.TestAccuracy, summary.TestBalancedAccuracy)
	if !strings.Contains(stdout, want) {
		t.Errorf("eval says %s, train %s", stdout, want)
	}
	if summary.Notes["qubits"] == 0 || summary.Groups["quantum"] == 0 {
		t.Errorf("no qubits in the summary of a quantum model: %+v", summary)
	}
}

func TestBenchPrintsOneLine(t *testing.T) {
	play(t, []call{
		{"bench --model vit --threads 1 --seconds 0.001", done,
			`^hqvit \S+ vit threads=1 params=77322 train_images_per_s=\d+ infer_images_per_s=\d+\n$`},
		{"bench --model vit --threads 1 --micro 8 --seconds 0.001", done,
			`^hqvit \S+ vit threads=1 params=77322 train_images_per_s=\d+ `},
		{"bench --circuit --qubits 3 --layers 2 --batch 5 --threads 2 --seconds 0.001", done,
			`^hqvit \S+ circuit qubits=3 layers=2 batch=5 threads=2 dtype=float32 forward_us=[\d.]+ ` +
				`gradient_us=[\d.]+\n$`},
		{"bench --circuit --double --seconds 0.001", done,
			`^hqvit \S+ circuit qubits=10 layers=4 batch=64 threads=\d+ dtype=float64 forward_us=`},
		{"bench --circuit --split --qubits 4 --layers 2 --threads 1 --seconds 0.001", done,
			`^hqvit \S+ state qubits=4 layers=2 ranks=1 threads=1 dtype=float32 forward_ms=[\d.]+ gradient_ms=[\d.]+ ` +
				`exchange_ms=0.0 fastest_forward_ms=[\d.]+ fastest_gradient_ms=[\d.]+ fastest_exchange_ms=0.00 exchanges=0 sent_mb=0.0 direct_exchanges=0 direct_sent_mb=0.0 peak_mb=\d+ norm=(1.0|0.99999)\d+\n$`},
		{"bench --circuit --split --qubits 4 --batch 2", wrongUsage, `--batch has no meaning for one state`},
		{"bench --circuit --direct", wrongUsage, `--direct has no meaning without --split`},
		{"bench --split", wrongUsage, `--split has no meaning with --circuit=false`},
		{"bench --circuit --split --qubits 60", wrongUsage,
			`more than 4 GiB a rank for a state of 60 qubits in float32 on 1 rank`},
		{"bench --circuit --split --qubits 0", wrongUsage, `qubits is 0 and layers is 4, want at least 1`},
	})
}

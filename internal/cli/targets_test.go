package cli

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/trained"
)

// tableOf writes a table of rows with a plain rule: price = 100 + 30·size − 20·old, old being a word.
func tableOf(t *testing.T, path string, rows int) {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 1))
	text := "size,age,noise,price\n"
	for range rows {
		size, age, price := random.Float64()*4, "new", 100.0
		if random.IntN(2) == 1 {
			age, price = "old", price-20
		}
		text += fmt.Sprintf("%.3f,%s,%.3f,%.3f\n", size, age, random.NormFloat64(), price+30*size)
	}
	write(t, path, text)
}

// A table goes the whole way: train, eval, predict in the units of the file, stop and resume, export, and
// open.
func TestTableOfValues(t *testing.T) {
	t.Chdir(t.TempDir())
	tableOf(t, "houses.csv", 200)
	tableOf(t, "others.csv", 50)
	write(t, "new.csv", "age,size,noise\nnew,1,0\nold,3,0\n")
	const fast = " --data csv:houses.csv --model vit --epochs 25 --batch 16 --lr 0.003"
	command(t, done, "train --out a"+fast)
	stdout, _ := command(t, done, "eval a --json --svg a.svg")
	var e measured
	if err := json.Unmarshal([]byte(stdout), &e); err != nil || e.Values == nil || e.Count != 40 ||
		e.Names[0] != "price" || !(e.Values.R2 > 0.95) || !(e.Values.RMSE < 10 && e.Values.RMSE > 0.01) {
		t.Fatalf("%s, %v", stdout, err)
	}
	if s := summaryOf(t, "a"); float64(s.TestMetrics["rmse"]) != e.Values.RMSE ||
		s.TestMetrics["r2"] != e.Values.R2 || s.TestAccuracy.Known() {
		t.Errorf("summary %+v, eval %s", s, stdout)
	}
	stdout, _ = command(t, done, "predict a new.csv --json")
	for i, line := range strings.Split(strings.TrimSpace(stdout), "\n") {
		var p prediction
		if err := json.Unmarshal([]byte(line), &p); err != nil || p.Row != i+1 || len(p.Values) != 1 ||
			math.Abs(p.Values[0].Value-[]float64{130, 170}[i]) > 10 {
			t.Errorf("row %d: %s, %v", i, line, err)
		}
	}
	play(t, []call{
		{"predict a new.csv", done, `^new.csv:1: price 1[23]\d`},
		{"info a", done, `features +size, age=new, age=old, noise\ntargets +mean`},
		{"info --card a", done, `predicts 1 value of vectors of 4 features`},
		{"eval a --data csv:others.csv", done, `split=all examples=50 .* rmse=`},
		{"export a a.onnx", done, `input +vector +float32 \(N, 4\)\noutput +values +float32 \(N, 1\)`},
		{"serve a", failed, `is for vectors of 4 features and gives 1 value`},
		{"explain a new.png", failed, `is a model of vectors, and attention is drawn over pictures`},
		{"eval a --data mnist", wrongUsage, `mnist has pictures .* the model is for vectors`},
		{"train --out b --loss bce" + fast, failed, `loss bce is not one of values: want mse`},
		{"train --out b --select auc" + fast, failed, `select is "auc", want one of loss, rmse, mae, r2`},
		{"train --out b --data csv:houses.csv --model cnn", wrongUsage, `a stem has convolutions over pictures`},
	})
	write(t, "wrong.csv", "size,age,noise\n1,ancient,0\n")
	play(t, []call{{"predict a wrong.csv", failed, `wrong.csv: data: line 2: column age holds "ancient"`}})

	// Stopped after an epoch and resumed, the run ends with the same weights.
	ctx, cancel := context.WithCancel(context.Background())
	var out bytes.Buffer
	stop := &stopAt{text: "epoch 3/25", cancel: cancel}
	if code := (program{}).run(ctx, strings.Fields("train --out b"+fast), &out, stop); code != failed {
		t.Fatalf("exit code %d, %s", code, stop.String())
	}
	command(t, done, "train --resume --out b")
	a, _ := os.ReadFile("a/best.safetensors")
	b, _ := os.ReadFile("b/best.safetensors")
	if len(a) == 0 || !bytes.Equal(a, b) {
		t.Error("a run that was resumed has other weights")
	}

	m, openErr := trained.Open("a")
	if openErr != nil {
		t.Fatal(openErr)
	}
	defer m.Close()
	got, openErr := m.PredictNumbers(t.Context(), []float32{1, 1, 0, 0})
	if openErr != nil || math.Abs(got[0].Values[0]-130) > 10 || got[0].Class != "" {
		t.Errorf("%+v, %v", got, openErr)
	}
	if _, openErr = m.PredictNumbers(t.Context(), []float32{1}); openErr == nil ||
		!strings.Contains(openErr.Error(), "has 1 number, want 4") {
		t.Error(openErr)
	}
}

// archive writes arrays of bytes as an archive of NumPy.
func archive(t *testing.T, path string, arrays map[string][]byte, dims map[string][]int) {
	t.Helper()
	var content bytes.Buffer
	z := zip.NewWriter(&content)
	for name, values := range arrays {
		w, err := z.Create(name + ".npy")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(npy(values, dims[name])); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	write(t, path, content.String())
}

func npy(values []byte, dims []int) []byte {
	shape := strings.ReplaceAll(strings.Trim(fmt.Sprint(dims), "[]"), " ", ", ")
	header := fmt.Sprintf("%-117s\n", "{'descr': '|u1', 'fortran_order': False, 'shape': ("+shape+",), }")
	start := binary.LittleEndian.AppendUint16([]byte("\x93NUMPY\x01\x00"), uint16(len(header)))
	return append(append(start, header...), values...)
}

// Pictures with several labels, and sequences, go through the same commands to the report of a comparison.
func TestLabelsAndSequences(t *testing.T) {
	t.Chdir(t.TempDir())
	const n, side = 120, 8
	random := rand.New(rand.NewPCG(2, 1))
	images, labels, classes := make([]byte, n*side*side), make([]byte, n*2), make([]byte, n)
	for i := range n {
		for half := range 2 { // a label for each half that is bright
			labels[2*i+half] = byte(random.IntN(2))
			for at := range side * side / 2 {
				images[(i*2+half)*side*side/2+at] = byte(random.IntN(100)) + 120*labels[2*i+half]
			}
		}
		classes[i] = labels[2*i]
	}
	dims := map[string][]int{"images": {n, side, side}, "labels": {n, 2}}
	archive(t, "labels.npz", map[string][]byte{"images": images, "labels": labels}, dims)
	dims["labels"] = []int{n}
	archive(t, "rows.npz", map[string][]byte{"images": images, "labels": classes}, dims)

	const fast = " --epochs 12 --batch 16 --lr 0.003 --augment=false"
	play(t, []call{
		{"train --data npz:labels.npz --model vit --out a" + fast, done, `read as labels;(?s:.*)test AUC (1|0\.9)`},
		{"eval a --svg a.svg", done, `split=test examples=24 .* auc=(?s:.*)label +AUC +average precision`},
		{"train --data npz:labels.npz --loss mse --out x" + fast, failed, `loss mse is not one of labels`},
		{"train --data npz:labels.npz --teacher a --out x" + fast, wrongUsage,
			`a teacher teaches the classes of pictures`},
		{"train --data npz:rows.npz:of=sequences --model hqvit --out b" + fast, done,
			`96 training|test accuracy (1|0\.9)`},
		{"info b", done, `examples +sequences of 8 steps of 8 features(?s:.*)tokens +8 steps, width 64: a linear embedding, with a position code`},
		{"train --from b --data npz:labels.npz --out c --model hqvit --size s" + fast, done,
			`is for 2 classes, the data has 2 labels`},
		{"serve a", failed, `gives 2 labels`},
	})
	write(t, "q.npy", string(npy(images[:2*side*side], []int{2, side, side})))
	play(t, []call{
		{"predict b q.npy", done, fmt.Sprintf(`^q.npy:1: %d 0\.\d+, `, classes[0])},
		{"predict b labels.npz", failed, `labels.npz: data: npy: an archive .*, want a single array`},
	})
	command(t, done, "compare --data npz:labels.npz --models vit,logreg --seeds 2 --out d"+fast)
	command(t, done, "compare --data npz:rows.npz:of=sequences --models hqvit,logreg --seeds 1 --out e"+fast)
	tableOf(t, "houses.csv", 120)
	stdout, _ := command(t, done, "compare --data csv:houses.csv --models vit,logreg --seeds 2 --out f"+fast)
	for _, want := range []string{"| model | test RMSE | MAE | R² | parameters |",
		"In RMSE (lower is better) logreg is ",
		"Mflop per example", "87 training, 9 validation and 24 test examples"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("no %q in the report:\n%s", want, stdout)
		}
	}
	for dir, want := range map[string]string{"d": "ROC curves of the labels", "e": "Confusion matrices",
		"f": "Predicted against true values"} {
		page, err := os.ReadFile(dir + "/report.html")
		if err != nil || !strings.Contains(string(page), want) {
			t.Errorf("%s: no %q in the report, %v", dir, want, err)
		}
		command(t, done, "report "+dir)
	}
	play(t, []call{{"report --page page.md d e f", done, `page.md`}})
}

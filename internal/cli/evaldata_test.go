package cli

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// No row that a run was trained on is evaluated as a new one without a word: not by another name of the file,
// in a copy, in a part, nor after the file has changed.
func TestEvalOfWhatWasTrainedOn(t *testing.T) {
	t.Chdir(t.TempDir())
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	tableOf(t, "houses.csv", 200)
	const fast = " --model logreg --epochs 20 --batch 16 --lr 0.1"
	command(t, done, "train --data csv:houses.csv:target=price --out r"+fast)
	text := read(t, "houses.csv")
	lines := strings.SplitAfter(text, "\n")
	if err := os.Mkdir("else", 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, "else/houses.csv", text)
	write(t, "copy.csv", text)
	write(t, "part.csv", strings.Join(lines[:51], ""))
	write(t, "new.csv", lines[0]+"9.125,old,1.5,7\n")
	own := `is what the run was trained on: only its test examples are evaluated\n` +
		`data=csv-\S+ split=test examples=40 `
	play(t, []call{
		{"eval r", done, `^data=csv-houses.csv split=test examples=40 `},
		{"eval r --data csv:houses.csv", done, `^csv-houses.csv ` + own},
		{"eval r --data csv:" + here + "/houses.csv", done, `^csv-houses.csv ` + own},
		{"eval r --data csv:else/houses.csv", done, `^csv-houses.csv ` + own},
		{"eval r --data csv:copy.csv", done, `^csv-copy.csv ` + own},
		{"eval r --data csv:copy.csv --split train", done, `^data=csv-copy.csv split=train examples=144 `},
		{"eval r --data csv:part.csv", done,
			`^warning: (3\d|40) of 50 examples are the same as some that the ` +
				`run was trained on\ndata=csv-part.csv split=all examples=50 `},
		{"eval r --data csv:new.csv", done,
			`^(warning: the value.*\n)?data=csv-new.csv split=all examples=1 `},
		{"eval r/best.safetensors --data csv:houses.csv", done,
			`^warning: the model was trained on a set of the ` +
				`same name, csv-houses.csv: some of these examples may be`},
	})
	write(t, "houses.csv", text+"1,old,0.5,110\n")
	play(t, []call{{"eval r", done,
		`^warning: csv-houses.csv is not what it was when the run was trained: its ` +
			`test examples may be`}})

	insects(t, "old", 20, 1, nil)
	command(t, done, "train --data folder:old --out pictures"+fast)
	insects(t, "same", 20, 1, nil)
	insects(t, "other", 20, 2, nil)
	ownPictures := `is what the run was trained on: only its test images are evaluated\n(warning: .*\n)?` +
		`data=folder-\S+ split=test images=12 `
	play(t, []call{
		{"eval pictures --data folder:" + here + "/old", done, `^folder-old ` + ownPictures},
		{"eval pictures --data folder:same", done, `^folder-same ` + ownPictures},
		{"eval pictures --data folder:other", done, `^data=folder-other split=all images=60 `},
	})
}

// Labels and values near chance are followed by a warning, what has no value is called so, and so is a split
// without examples.
func TestWhatIsNearChance(t *testing.T) {
	t.Chdir(t.TempDir())
	text := "a,b,easy,lot,value\n"
	for i := range 200 {
		text += fmt.Sprintf("%d,%d,%d,%d,%d.5\n", i%20, i%7, i%20/10, i*i*7%11%2, i*i*13%17)
	}
	write(t, "t.csv", text)
	write(t, "six.csv", "a,y\n1,p\n2,q\n3,p\n4,q\n5,p\n6,q\n")
	write(t, "four.csv", "a,y\n1,p\n2,q\n3,p\n4,q\n")
	const fast = " --model logreg --epochs 8 --batch 16 --lr 0.1 --out "
	play(t, []call{
		{"train --data csv:t.csv:target=easy,lot:drop=value" + fast + "labels", done,
			`warning: 1 of 2 labels may be answered by chance: lot \(AUC 0\.\d+\); .*; more --epochs`},
		{"eval labels", done, `^warning: 1 of 2 labels may be answered by chance: lot `},
		{"train --data csv:t.csv:target=value:drop=easy,lot" + fast + "values", done,
			`warning: the value may be predicted no better than by the mean.*: value \(R² `},
		{"eval values", done, `^warning: the value may be predicted no better than by the mean`},
		{"train --data csv:six.csv" + fast + "six", done,
			`(?s)there are no validation examples: the last epoch.*AUC not defined, with the weights`},
		{"eval six --json", done, `"auc":null`},
		{"train --data csv:four.csv" + fast + "four", done,
			`warning: there are no test examples: nothing will say`},
		{"train --data csv:six.csv --model hqvit --epochs 2 --batch 16 --out circuits", done,
			`AUC not defined`},
		{"eval circuits --sweep shots=10 --json", done, `"auc":null`},
		{"eval circuits --sweep shots=10", done, `10 .* none `},
	})
	if strings.Contains(read(t, "six/summary.json"), "NaN") {
		t.Error("a summary has NaN")
	}
}

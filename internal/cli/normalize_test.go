package cli

import (
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"os"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/train/rundir"
	"github.com/hqvit/hqvit/trained"
)

// A model that was trained on normalised images normalises its input with the mean and deviation of those.
func TestNormalize(t *testing.T) {
	set, other := digits(t), digits(t)
	t.Chdir(t.TempDir())
	command(t, done, "train --normalize --model vit --epochs 8 --batch 16 --lr 0.005 --out a --data "+set)
	savePNG(t, "first.png", picture(image.NewGray(image.Rect(0, 0, 28, 28)), 0))
	m, err := (program{}).openModel("a", trained.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	if len(m.meta.Mean) != 1 || !(m.meta.Mean[0] > 0.1 && m.meta.Mean[0] < 0.7) ||
		!(m.meta.Std[0] > 0.05 && m.meta.Std[0] < 0.5) {
		t.Errorf("the model holds %v, %v", m.meta.Mean, m.meta.Std)
	}
	play(t, []call{
		{"predict a first.png --top 1", done, `^first.png: 0 `},
		{"eval a --data " + other, done, `accuracy=(1\.0000|0\.9\d+)`},
	})
	summary := summaryOf(t, "a")
	stdout, _ := command(t, done, "eval a --json")
	var result evaluation
	if err := json.Unmarshal([]byte(stdout), &result); err != nil {
		t.Fatal(err)
	}
	if result.Accuracy != float64(summary.TestAccuracy) || result.AUC != summary.TestAUC ||
		result.Images != 30 ||
		len(result.Classes) != 3 || len(result.Confusion[0]) != 3 {
		t.Errorf("eval says %s, train %+v", stdout, summary)
	}
}

// photographs writes a folder of coloured images of two classes, and returns the name of the set.
func photographs(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for class, name := range []string{"sea", "sunset"} {
		if err := os.Mkdir(dir+"/"+name, 0o755); err != nil {
			t.Fatal(err)
		}
		for i := range 12 {
			img := image.NewRGBA(image.Rect(0, 0, 20+i, 24))
			for at := range len(img.Pix) / 4 {
				noise := uint8((at*7 + i*13) % 60)
				img.Set(at%(20+i), at/(20+i), color.RGBA{uint8(60+130*class) + noise, 80 + noise,
					uint8(190-130*class) + noise, 255})
			}
			savePNG(t, fmt.Sprintf("%s/%s/%d.png", dir, name, i), img)
		}
	}
	return "folder:" + dir
}

// normalOf returns the means by which a run's model normalises; nil if it does not.
func normalOf(t *testing.T, dir string) []float32 {
	t.Helper()
	m, err := (program{}).openModel(dir, trained.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	return m.meta.Mean
}

// Coloured images are normalised unless the user says no, grey ones only if the user says yes. The run's
// config.yaml says which, so that it reproduces the run, and a run resumes only with the same choice.
func TestNormalizeAsSuits(t *testing.T) {
	colour, grey := photographs(t), digits(t)
	t.Chdir(t.TempDir())
	write(t, "no.yaml", "normalize: false\n")
	write(t, "grey.yaml", "normalize: false\ndata: "+grey+"\n")
	train1 := "train --model logreg --epochs 1 --batch 8 "
	for _, c := range []struct {
		dir, line string
		channels  int
	}{
		{"colour", train1 + "--data " + colour, 3},
		{"colour-no", train1 + "--normalize=false --data " + colour, 0},
		{"colour-file", train1 + "--config no.yaml --data " + colour, 0},
		{"colour-overruled", train1 + "--config no.yaml --normalize --data " + colour, 3},
		{"colour-other", train1 + "--config grey.yaml --data " + colour, 3}, // what suited the file's data
		{"colour-again", "train --config colour/config.yaml", 3},
		{"colour-no-again", "train --config colour-no/config.yaml", 0},
		{"grey", train1 + "--data " + grey, 0},
		{"grey-yes", train1 + "--normalize --data " + grey, 1},
		{"grey-yes-again", "train --config grey-yes/config.yaml", 1},
	} {
		command(t, done, c.line+" --out "+c.dir)
		if got := normalOf(t, c.dir); len(got) != c.channels {
			t.Errorf("%s: normalised by means %v, want %d", c.dir, got, c.channels)
		}
		text, err := os.ReadFile(c.dir + "/" + rundir.ConfigFile)
		if want := fmt.Sprintf("\nnormalize: %v\n", c.channels > 0); err != nil ||
			!strings.Contains(string(text), want) {
			t.Errorf("%s: want %q in the configuration\n%s", c.dir, want, text)
		}
	}
	for _, name := range []string{"colour", "colour-no", "grey-yes"} {
		was, err := os.ReadFile(name + "/" + rundir.WeightsFile)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := os.ReadFile(name + "-again/" + rundir.WeightsFile); err != nil ||
			string(was) != string(again) {
			t.Errorf("%s: the configuration of the run makes other weights", name)
		}
	}
	play(t, []call{
		{"train --out colour --resume", done, `test accuracy`},
		{"train --out colour --resume --normalize=false", failed, `is of another run: normalization was "\{`},
		{"train --out grey --resume --normalize", failed,
			`is of another run: normalization was none, now it is "\{`},
		{"train --normalize=maybe", wrongUsage, `normalize`},
	})
}

// Each model of a comparison gets its images as its recipe says; the flag overrides it.
func TestCompareNormalizesByRecipe(t *testing.T) {
	colour, grey := photographs(t), digits(t)
	t.Chdir(t.TempDir())
	write(t, "yes.yaml", "model: logreg\nnormalize: true\n")
	write(t, "no.yaml", "model: logreg\nnormalize: false\n")
	write(t, "other.yaml", "model: logreg\nnormalize: false\ndata: mnist\n")
	for _, c := range []struct {
		dir, line string
		want      map[string]int
	}{
		{"a", "--data " + colour, map[string]int{"yes": 3, "no": 0, "plain": 3, "other": 3}},
		{"b", "--data " + grey, map[string]int{"yes": 1, "no": 0, "plain": 0, "other": 0}},
		{"c", "--normalize=false --data " + colour,
			map[string]int{"yes": 0, "no": 0, "plain": 0, "other": 0}},
	} {
		command(t, done,
			"compare --seeds 1 --epochs 1 --batch 8 --models no.yaml,yes.yaml,plain=logreg,other.yaml "+
				"--out "+c.dir+" "+c.line)
		for name, channels := range c.want {
			if got := normalOf(t, c.dir+"/runs/"+name+"/s1"); len(got) != channels {
				t.Errorf("%s, %s: normalised by means %v, want %d", c.dir, name, got, channels)
			}
		}
	}
}

package cli

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/data"
)

// picture draws a bright third on a dark background, as in the images of digits: third 0 is on top.
func picture(canvas draw.Image, third int) image.Image {
	b := canvas.Bounds()
	for y := range b.Dy() {
		for x := range b.Dx() {
			c := color.Gray{50}
			if y*3/b.Dy() == third {
				c.Y = 150
			}
			canvas.Set(x, y, c)
		}
	}
	return canvas
}

func savePNG(t *testing.T, path string, img image.Image) {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	write(t, path, b.String())
}

// withRun changes to a new directory with a run a.
func withRun(t *testing.T, model string) {
	t.Helper()
	set := digits(t)
	t.Chdir(t.TempDir())
	command(t, done, "train --epochs 8 --batch 16 --lr 0.005 --out a --data "+set+" --model "+model)
}

func TestPredict(t *testing.T) {
	withRun(t, "vit")
	size := image.Rect(0, 0, 28, 28)
	savePNG(t, "first.png", picture(image.NewGray(size), 0))
	savePNG(t, "second.png", picture(image.NewRGBA(size), 1))
	savePNG(t, "large.png", picture(image.NewNRGBA64(image.Rect(0, 0, 300, 300)), 2))
	if err := os.MkdirAll("folder/below", 0o755); err != nil {
		t.Fatal(err)
	}
	var jpg bytes.Buffer
	if err := jpeg.Encode(&jpg, picture(image.NewGray(size), 2), nil); err != nil {
		t.Fatal(err)
	}
	write(t, "folder/below/third.JPG", jpg.String())
	savePNG(t, "folder/a.png", picture(image.NewGray(size), 1))
	write(t, "folder/notes.txt", "no image")
	write(t, "torn.png", "\x89PNG\r\n\x1a\n")
	write(t, "empty.png", "")
	write(t, "cut.jpg", jpg.String()[:jpg.Len()-60])
	var moving bytes.Buffer
	if err := gif.Encode(&moving, picture(image.NewGray(size), 0), nil); err != nil {
		t.Fatal(err)
	}
	write(t, "moving.png", moving.String())
	if err := os.Mkdir("empty", 0o755); err != nil {
		t.Fatal(err)
	}
	play(t, []call{
		{"predict a first.png second.png large.png", done,
			`^first.png: 0 [01]\.\d{4}, \d [01]\.\d{4}, \d [01]\.\d{4}\n` +
				`second.png: 1 .*\nlarge.png: 2 .*\n$`},
		{"predict a/best.safetensors folder --top 1", done,
			`^folder: 1 file left out that is no picture\nfolder/a.png: 1 [01]\.\d{4}\nfolder/below/third.JPG: 2 [01]\.\d{4}\n$`},
		{"predict a first.png --json --top 9", done,
			`^\{"image":"first.png","inverted":false,"classes":\[\{"class":"0",` +
				`"probability":[01](\.\d+)?\}(,\{[^}]*\}){2}\]\}\n$`},
		{"predict a first.png none.png", failed, `^hqvit: data: open none.png: no such file`},
		{"predict a torn.png", failed,
			`^hqvit: data: torn.png: the file is damaged or of a rare kind: PNG: unexpected EOF`},
		{"predict a empty", failed, `^hqvit: predict: folder empty has no picture`},
		{"explain a first.png --out first.svg", done, `^first.png: 0, \d+\.\d %\nfirst.svg\n$`},
		{"explain a first.png --out first.svg --truth 1", done, `^first.png: 0, `},
		{"explain a first.png --truth nine", wrongUsage, `truth "nine", want a class of the model: 0, 1`},
		{"explain a first.png --out first.gif", wrongUsage,
			`--out first.gif: want a name that ends in .png or .svg`},
		{"explain a none.png", failed, `none.png: no such file`},
		{"predict a empty.png", failed,
			`^hqvit: data: empty.png: want a picture \(PNG, JPEG, GIF, BMP, TIFF or WebP\), the file is empty\n$`},
		{"predict a moving.png --top 1", done, `^moving.png: 0 [01]\.\d{4}\n$`}, // what it is counts
		{"predict a cut.jpg", failed, `^hqvit: data: cut.jpg: the file is damaged: JPEG: `},
		{"train --data empty", wrongUsage,
			`^hqvit: data: unknown set "empty"; for the folder or file of that name write folder:empty, `},
		{"train --data folder:empty", failed,
			`want a folder of them for each class: PATH/CLASS/1.png, or .*; there is nothing\n$`},
		{"predict a -", failed, `^hqvit: data: standard input: want a picture`},
		{"predict b first.png", failed, `b: no such file`},
		{"predict folder/notes.txt first.png", failed,
			`^hqvit: weights file folder/notes.txt: not a safetensors file`},
		{"predict a", wrongUsage, `got a, want hqvit predict \[DIR\] IMAGE...`},
		{"predict a first.png --top 0", wrongUsage, `top is 0`},
	})
}

// The result does not depend on the format of an image, where it comes from, or what else is classified.
func TestPredictOnlySeesPixels(t *testing.T) {
	withRun(t, "hqvit")
	size := image.Rect(0, 0, 28, 28)
	savePNG(t, "grey.png", picture(image.NewGray(size), 1))
	savePNG(t, "colour.png", picture(image.NewRGBA(size), 1))
	want, _ := command(t, done, "predict a grey.png --json")
	_, want, _ = strings.Cut(want, ",")
	stdout, _ := command(t, done, "predict a colour.png grey.png colour.png --json --threads 2")
	for _, line := range strings.SplitAfter(stdout, "\n")[:3] {
		if _, got, _ := strings.Cut(line, ","); got != want {
			t.Errorf("got %swant %s", got, want)
		}
	}
	content, err := os.ReadFile("grey.png")
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	file.Write(content)
	file.Seek(0, 0)
	stdin := os.Stdin
	os.Stdin = file
	defer func() { os.Stdin = stdin }()
	var out, stderr bytes.Buffer
	if code := (program{}).run(context.Background(), []string{"predict", "a", "-", "--json"}, &out,
		&stderr); code != done {
		t.Fatal(stderr.String())
	}
	if _, got, _ := strings.Cut(out.String(), ","); got != want {
		t.Errorf("from standard input: got %swant %s", got, want)
	}
}

// Images come class by class: a limit that leaves none of a class says so.
func TestLimitSaysWhatItLeavesOut(t *testing.T) {
	set := photographs(t)
	t.Chdir(t.TempDir())
	play(t, []call{
		{"train --model logreg --epochs 1 --batch 4 --limit 4 --out a --data " + set, done,
			`^--limit 4 leaves no training image of 1 of 2 classes: sunset\n`},
		{"train --model logreg --epochs 1 --batch 4 --limit 14 --out b --data " + set, done,
			`^logreg on folder-`},
	})
}

// A folder of PNGs trains a model, which then classifies images that were not in it.
func TestFolderTrainsAndPredictsOthers(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("HQVIT_DATA", t.TempDir()) // so that MNIST is that of the module
	pictureFolder(t)
	set, err := data.Load(t.Context(), "mnist", data.Options{})
	if err != nil {
		t.Fatal(err)
	}
	classes, count := []string{"zero", "one"}, map[int]int{}
	line := "predict runs/mine --top 1"
	for i, label := range set.Test.Labels {
		if label > 1 {
			continue
		}
		if count[label]++; count[label] <= 30 || count[label] > 60 { // the first thirty are in the folder
			continue
		}
		name := fmt.Sprintf("%s%d.png", classes[label], i)
		if _, err := os.Stat("pictures/" + classes[label] + fmt.Sprintf("/%d.png", i)); err == nil {
			t.Fatal(name, " is in the folder")
		}
		savePNG(t, name, &image.Gray{Pix: set.Test.Images[i*28*28 : (i+1)*28*28], Stride: 28,
			Rect: image.Rect(0, 0, 28, 28)})
		line += " " + name
	}
	command(t, done, "train --data folder:pictures --epochs 12 --batch 16 --out runs/mine")
	stdout, _ := command(t, done, line)
	right := 0
	for line := range strings.SplitSeq(strings.TrimSpace(stdout), "\n") {
		name, class, _ := strings.Cut(line, ": ")
		class, _, _ = strings.Cut(class, " ")
		if strings.HasPrefix(name, class) {
			right++
		}
	}
	t.Logf("%d of 60 right", right)
	if right < 57 {
		t.Errorf("%d of 60 right, want at least 57\n%s", right, stdout)
	}
}

// A folder of pictures in the place of a model is for the default model.
func TestPredictFolderAlone(t *testing.T) {
	seven, err := os.ReadFile(filepath.Join("..", "..", "testdata", "seven.png"))
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	if err := os.Mkdir("pics", 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, "pics/seven.png", string(seven))
	play(t, []call{{"predict pics", done, `(^|\n)pics/seven.png: 7 `}})
}

package main

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/train"
)

// picture draws a bright third on dark ground, as in the images of digits: third 0 is on top.
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

// trained is a directory with a run a, in which the test then is.
func trained(t *testing.T, model string) {
	t.Helper()
	set := digits(t)
	t.Chdir(t.TempDir())
	hqvit(t, done, "train --epochs 8 --batch 16 --lr 0.005 --out a --data "+set+" --model "+model)
}

func TestPredict(t *testing.T) {
	trained(t, "vit")
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
	if err := os.Mkdir("empty", 0o755); err != nil {
		t.Fatal(err)
	}
	play(t, []call{
		{"predict a first.png second.png large.png", done, `^first.png: 0 [01]\.\d{4}, \d [01]\.\d{4}, \d [01]\.\d{4}\nsecond.png: 1 .*\nlarge.png: 2 .*\n$`},
		{"predict a/best.safetensors folder --top 1", done, `^folder/a.png: 1 [01]\.\d{4}\nfolder/below/third.JPG: 2 [01]\.\d{4}\n$`},
		{"predict a first.png --json --top 9", done, `^\{"image":"first.png","inverted":false,"classes":\[\{"class":"0","probability":[01](\.\d+)?\}(,\{[^}]*\}){2}\]\}\n$`},
		{"predict a first.png none.png", failed, `^hqvit: data: open none.png: no such file`},
		{"predict a torn.png", failed, `^hqvit: data: torn.png: want a PNG or JPEG image`},
		{"predict a empty", failed, `^hqvit: predict: folder empty holds no file`},
		{"explain a first.png --out first.svg", done, `^first.png: 0, \d+\.\d %\nfirst.svg\n$`},
		{"explain a first.png --out first.gif", wrongUsage, `first.gif, want a name that ends in .svg or .png`},
		{"explain a none.png", failed, `none.png: no such file`},
		{"predict a -", failed, `^hqvit: data: standard input: want a PNG or JPEG image`},
		{"predict b first.png", failed, `b: no such file`},
		{"predict folder/notes.txt first.png", failed, `^hqvit: train: folder/notes.txt: no safetensors file`},
		{"predict a", wrongUsage, `at least 2 arg`},
		{"predict a first.png --top 0", wrongUsage, `top is 0`},
	})
}

// What an image is stored as changes nothing, nor where it comes from, nor what else is classified.
func TestPredictOnlySeesPixels(t *testing.T) {
	trained(t, "hqvit")
	size := image.Rect(0, 0, 28, 28)
	savePNG(t, "grey.png", picture(image.NewGray(size), 1))
	savePNG(t, "colour.png", picture(image.NewRGBA(size), 1))
	want, _ := hqvit(t, done, "predict a grey.png --json")
	_, want, _ = strings.Cut(want, ",")
	stdout, _ := hqvit(t, done, "predict a colour.png grey.png colour.png --json --threads 2")
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
	if code := run(context.Background(), []string{"predict", "a", "-", "--json"}, &out, &stderr); code != done {
		t.Fatal(stderr.String())
	}
	if _, got, _ := strings.Cut(out.String(), ","); got != want {
		t.Errorf("from standard input: got %swant %s", got, want)
	}
}

func TestInfo(t *testing.T) {
	trained(t, "hqvit")
	write(t, "other.safetensors", "\x02\x00\x00\x00\x00\x00\x00\x00{}")
	play(t, []call{
		{"info a", done, `model +hqvit\nimages +28×28×1, brought to 32×32\n(.|\n)*parameters +53557, 48 of them quantum\nflops +1\.972 million an image, 5\.917 million in a training step\nqubits +21 .*\ndata +idx-\d+\nclasses +3: 0, 1, 2\nweights +of epoch \d, validation loss .*\nrun +8 epochs of 135 images, seed 1, (.|\n)*test AUC`},
		{"info a/best.safetensors", done, `classes +3: 0, 1, 2\nweights +of epoch \d, validation loss \d\.\d+, accuracy \d\.\d+, AUC \d\.\d+\n$`},
		{"info a --tensors", done, `blocks.1.attn.q.theta +float32 \(1, 12\)\n`},
		{"info other.safetensors", failed, `^hqvit: other.safetensors: no "architecture" in the metadata, want a file that hqvit train wrote\n$`},
		{"info none", failed, `none: no such file`},
		{"info", wrongUsage, `accepts 1 arg`},
	})
	if err := os.Remove(filepath.Join("a", train.SummaryFile)); err != nil {
		t.Fatal(err)
	}
	play(t, []call{{"info a", done, `run +not ended`}})
}

func TestExplainNeedsAttention(t *testing.T) {
	trained(t, "logreg")
	savePNG(t, "first.png", picture(image.NewGray(image.Rect(0, 0, 28, 28)), 0))
	play(t, []call{{"explain a first.png", failed, `logreg has no attention`}})
}

// The weights drawn are those of the image: rows that are distributions, of a model with as many blocks and heads as its name says.
func TestAttendReadsEveryHead(t *testing.T) {
	trained(t, "vit")
	savePNG(t, "first.png", picture(image.NewGray(image.Rect(0, 0, 28, 28)), 0))
	m, err := openModel("a", 1)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	command := explainCommand()
	command.SetContext(context.Background())
	a, _, err := m.attend(command, "first.png", invertAuto)
	if err != nil {
		t.Fatal(err)
	}
	if len(a.Blocks) != 2 || a.Blocks[0].Heads != 4 || a.Blocks[1].Tokens != 16 || a.Picture.Bounds().Dx() != 32 {
		t.Fatalf("%d blocks, picture %v", len(a.Blocks), a.Picture.Bounds())
	}
	for _, block := range a.Blocks {
		for row := 0; row < len(block.Weights); row += block.Tokens {
			sum := 0.0
			for _, w := range block.Weights[row : row+block.Tokens] {
				sum += w
			}
			if sum < 1-1e-5 || sum > 1+1e-5 {
				t.Fatalf("row %d sums to %v", row, sum)
			}
		}
	}
}

// ink draws the picture as a scan has it: dark on white paper.
func ink(canvas draw.Image, third int) image.Image {
	b := canvas.Bounds()
	for y := range b.Dy() {
		for x := range b.Dx() {
			c := color.Gray{255}
			if y*3/b.Dy() == third && x > 0 && x < b.Dx()-1 && y > 0 && y < b.Dy()-1 {
				c.Y = 55
			}
			canvas.Set(x, y, c)
		}
	}
	return canvas
}

// A dark image on white paper is inverted for a model of bright images on black, and only then; the output says so, and --invert overrules.
func TestPredictInverts(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	for third := range 3 { // the training images: bright on black
		if err := os.MkdirAll(fmt.Sprintf("set/%d", third), 0o755); err != nil {
			t.Fatal(err)
		}
		for i := range 30 {
			img := image.NewGray(image.Rect(0, 0, 28, 28))
			ink(img, third)
			for p := range img.Pix {
				img.Pix[p] = uint8(int(255-img.Pix[p]) * (30 + i) / 60) // of different brightness
			}
			savePNG(t, fmt.Sprintf("set/%d/%d.png", third, i), img)
		}
	}
	hqvit(t, done, "train --data folder:set --model vit --epochs 12 --batch 12 --lr 0.005 --augment=false --out a")
	paper := ink(image.NewGray(image.Rect(0, 0, 28, 28)), 2).(*image.Gray)
	savePNG(t, "paper.png", paper)
	savePNG(t, "photo.png", ink(image.NewNRGBA(image.Rect(0, 0, 280, 280)), 1))
	black := image.NewGray(paper.Rect)
	for p := range black.Pix {
		black.Pix[p] = 255 - paper.Pix[p]
	}
	savePNG(t, "black.png", black)
	play(t, []call{
		{"predict a paper.png photo.png black.png --top 1", done, `^paper.png \(inverted\): 2 .*\nphoto.png \(inverted\): 1 .*\nblack.png: 2 .*\n$`},
		{"predict a paper.png --json --top 1", done, `^\{"image":"paper.png","inverted":true,"classes":\[\{"class":"2",`},
		{"predict a black.png paper.png --invert never --top 1", done, `^black.png: 2 .*\npaper.png: `},
		{"predict a black.png --invert always --top 1", done, `^black.png \(inverted\): `},
		{"explain a paper.png --out paper.svg", done, `^paper.png \(inverted\): 2, `},
		{"predict a paper.png --invert maybe", wrongUsage, `invert "maybe", want auto, always, never`},
	})
	figures := func(line string) string {
		stdout, _ := hqvit(t, done, line)
		_, figures, _ := strings.Cut(stdout, `"classes"`)
		return figures
	}
	if got, want := figures("predict a paper.png --json"), figures("predict a black.png --json"); got != want {
		t.Errorf("the inverted image gets %s, the image itself %s", got, want)
	}
	if figures("predict a paper.png --json --invert never") == figures("predict a black.png --json") {
		t.Error("--invert never inverts")
	}
}

// A folder of PNGs trains a model, which then names pictures that were not in it.
func TestFolderTrainsAndPredictsOthers(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("HQVIT_DATA", t.TempDir()) // so that MNIST is that of the module
	pictureFolder(t)
	set, err := data.Load("mnist", data.Options{})
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
		savePNG(t, name, &image.Gray{Pix: set.Test.Images[i*28*28 : (i+1)*28*28], Stride: 28, Rect: image.Rect(0, 0, 28, 28)})
		line += " " + name
	}
	hqvit(t, done, "train --data folder:pictures --epochs 12 --batch 16 --out runs/mine")
	stdout, _ := hqvit(t, done, line)
	right := 0
	for said := range strings.SplitSeq(strings.TrimSpace(stdout), "\n") {
		name, class, _ := strings.Cut(said, ": ")
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

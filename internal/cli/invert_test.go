package cli

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"os"
	"strings"
	"testing"
)

// ink draws the image like a scan: dark on white paper.
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

// A dark image on white paper is inverted for a model of bright images on black, and only then; the output
// says so, and --invert overrides it.
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
	command(t, done,
		"train --data folder:set --model vit --epochs 12 --batch 12 --lr 0.005 --augment=false --out a")
	paper := ink(image.NewGray(image.Rect(0, 0, 28, 28)), 2).(*image.Gray)
	savePNG(t, "paper.png", paper)
	savePNG(t, "photo.png", ink(image.NewNRGBA(image.Rect(0, 0, 280, 280)), 1))
	black := image.NewGray(paper.Rect)
	for p := range black.Pix {
		black.Pix[p] = 255 - paper.Pix[p]
	}
	savePNG(t, "black.png", black)
	play(t, []call{
		{"predict a paper.png photo.png black.png --top 1", done,
			`^paper.png \(inverted\): 2 .*\nphoto.png \(inverted\): 1 .*\nblack.png: 2 .*\n$`},
		{"predict a paper.png --json --top 1", done,
			`^\{"image":"paper.png","inverted":true,"classes":\[\{"class":"2",`},
		{"predict a black.png paper.png --invert never --top 1", done, `^black.png: 2 .*\npaper.png: `},
		{"predict a black.png --invert always --top 1", done, `^black.png \(inverted\): `},
		{"explain a paper.png --out paper.svg", done, `^paper.png \(inverted\): 2, `},
		{"predict a paper.png --invert maybe", wrongUsage, `invert "maybe", want auto, always, never`},
	})
	figures := func(line string) string {
		stdout, _ := command(t, done, line)
		_, figures, _ := strings.Cut(stdout, `"classes"`)
		return figures
	}
	if got, want := figures("predict a paper.png --json"),
		figures("predict a black.png --json"); got != want {
		t.Errorf("the inverted image gets %s, the image itself %s", got, want)
	}
	if figures("predict a paper.png --json --invert never") == figures("predict a black.png --json") {
		t.Error("--invert never inverts")
	}
}

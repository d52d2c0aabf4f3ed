package draw_test

import (
	"bytes"
	"encoding/xml"
	"image"
	"image/color"
	"image/png"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/draw"
)

var red = draw.NewColour("red", 0xff0000, 0xff8080)

// scene has one shape of each kind.
func scene() *draw.Picture {
	p := &draw.Picture{Width: 100, Height: 80, Title: "a <title>", Description: "what it shows"}
	p.Rect(draw.Style{Fill: red, Opacity: 0.5}, draw.Box{Left: 10, Top: 10, Right: 30, Bottom: 20})
	p.Rect(draw.Style{Stroke: draw.Ink}, draw.Box{Left: 40, Top: 10, Right: 60, Bottom: 20})
	p.Line(draw.Style{Stroke: red, Width: 4, Dashed: true}, draw.At(10, 30), draw.At(90, 30))
	p.Line(draw.Style{Stroke: red, Width: 3}, draw.At(10, 40), draw.At(math.NaN(), 5),
		draw.At(50, 50), draw.At(90, 40))
	p.Circle(draw.Style{Fill: draw.Ink}, draw.At(75, 15), 5)
	img := image.NewNRGBA(image.Rect(0, 0, 2, 1))
	img.Set(1, 0, color.NRGBA{0, 0xff, 0, 0xff})
	p.Image(draw.Box{Left: 10, Top: 60, Right: 30, Bottom: 70}, img)
	p.Image(draw.Box{Left: 0, Top: 0, Right: 30, Bottom: 70}, nil)
	p.Text(draw.Face{Size: 10, Anchor: draw.Middle}, draw.At(65, 65), "H\x00<b>")
	p.Text(draw.Face{Size: 10, Up: true}, draw.At(95, 75), "up")
	return p
}

func written(t *testing.T, p *draw.Picture, f draw.Format) []byte {
	t.Helper()
	var first, second bytes.Buffer
	if err := errors.WithStack(p.Write(&first, f)); err != nil {
		t.Fatal(err)
	}
	if err := p.Write(&second, f); err != nil || !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Errorf("another file the second time (%v)", err)
	}
	return first.Bytes()
}

func TestSVG(t *testing.T) {
	text := string(written(t, scene(), draw.SVG))
	for _, want := range []string{
		`viewBox="0 0 100 80" role="img"`, "<title>a &lt;title&gt;</title>", "<desc>what it shows</desc>",
		".red{color:#ff0000}", "@media (prefers-color-scheme:dark){.paper{color:#14171b}.red{color:#ff8080}",
		`<path class="red" fill="currentColor" opacity="0.5" d="M10 10H30V20H10Z"/>`,
		`stroke-dasharray="5 3"`, `d="M10 40L50 50L90 40"/>`, `>H·&lt;b&gt;</text>`, `rotate(-90)`,
		`<image x="10" y="60" width="20" height="10"`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
	for _, bad := range []string{"NaN", "http://", "url("} {
		if strings.Contains(strings.Replace(text, "http://www.w3.org/2000/svg", "", 1), bad) {
			t.Errorf("%s in\n%s", bad, text)
		}
	}
	for d := xml.NewDecoder(strings.NewReader(text)); ; {
		if _, err := d.Token(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

func TestPNG(t *testing.T) {
	img, err := png.Decode(bytes.NewReader(written(t, scene(), draw.PNG)))
	if err != nil {
		t.Fatal(err)
	}
	if got := img.Bounds().Size(); got != image.Pt(200, 160) {
		t.Errorf("%v pixels, want 200 by 160", got)
	}
	white, ink := color.NRGBA{0xff, 0xff, 0xff, 0xff}, color.NRGBA{0x1b, 0x1f, 0x24, 0xff}
	full := color.NRGBA{0xff, 0, 0, 0xff}
	for at, want := range map[draw.Point]color.NRGBA{
		{X: 5, Y: 5}: white, {X: 20, Y: 15}: {0xff, 0x7f, 0x7f, 0xff}, {X: 50, Y: 15}: white,
		{X: 75, Y: 15}: ink, {X: 12, Y: 30}: full, {X: 16.5, Y: 30}: white, {X: 30, Y: 45}: full,
		{X: 50, Y: 50}: full, {X: 15, Y: 65}: white, {X: 25, Y: 65}: {0, 0xff, 0, 0xff},
	} {
		got := color.NRGBAModel.Convert(img.At(int(2*at.X), int(2*at.Y))).(color.NRGBA)
		if max(apart(got.R, want.R), apart(got.G, want.G), apart(got.B, want.B)) > 2 {
			t.Errorf("%v at %v, want %v", got, at, want)
		}
	}
}

func apart(a, b uint8) int { return max(int(a)-int(b), int(b)-int(a)) }

// A text is as wide in the picture as Width says, centred on its point, upright as well.
func TestTextIsWhereItIsMeasured(t *testing.T) {
	const word = "HITCHHIKE"
	for anchor, middle := range map[draw.Anchor]float64{draw.Start: 0.5, draw.Middle: 0, draw.End: -0.5} {
		for _, up := range []bool{false, true} {
			f := draw.Face{Size: 20, Anchor: anchor, Up: up}
			p := &draw.Picture{Width: 300, Height: 300}
			p.Text(f, draw.At(150, 150), word)
			img, err := png.Decode(bytes.NewReader(written(t, p, draw.PNG)))
			if err != nil {
				t.Fatal(err)
			}
			b := dark(img)
			shift := middle * f.Width(word)
			want := draw.Around(draw.At(150+shift, 150), f.Width(word)/2, 7.2)
			if up {
				want = draw.Around(draw.At(150, 150-shift), 7.2, f.Width(word)/2)
			}
			for _, edge := range [][2]float64{{b.Left, want.Left}, {b.Right, want.Right}, {b.Top, want.Top},
				{b.Bottom, want.Bottom}} {
				if math.Abs(edge[0]-edge[1]) > 2.5 {
					t.Errorf("anchor %d, up %v: the text is at %v, want %v", anchor, up, b, want)
					break
				}
			}
		}
	}
}

// A hyphen is a short bar and no minus sign, and a zero has no stroke through it.
func TestHyphenAndZero(t *testing.T) {
	f := draw.Face{Size: 40, Anchor: draw.Middle}
	painted := func(s string) image.Image {
		p := &draw.Picture{Width: 100, Height: 100}
		p.Text(f, draw.At(50, 50), s)
		img, err := png.Decode(bytes.NewReader(written(t, p, draw.PNG)))
		if err != nil {
			t.Fatal(err)
		}
		return img
	}
	hyphen, minus := dark(painted("-")), dark(painted("\u2212"))
	if w := f.Width("-"); math.Abs(w-0.333*40) > 0.01 || math.Abs(hyphen.Width()-0.25*40) > 1 ||
		minus.Width() < 1.8*hyphen.Width() || math.Abs(hyphen.Left+hyphen.Right-100) > 1 ||
		math.Abs(hyphen.Top-minus.Top) > 1 || math.Abs(hyphen.Bottom-minus.Bottom) > 1 {
		t.Errorf("the hyphen is %v wide and at %v, the minus sign at %v", w, hyphen, minus)
	}
	zero := painted("0")
	for x := 96; x <= 104; x++ { // of 200: the middle, where the stroke of the Go font's zero is
		for y := 92; y <= 108; y++ {
			if r, _, _, _ := zero.At(x, y).RGBA(); r != 0xffff {
				t.Fatalf("the zero has ink at %d, %d", x, y)
			}
		}
	}
	if b := dark(zero); b.Width() < 17 || b.Height() < 26 || math.Abs(f.Width("0")-f.Width("8")) > 1e-9 {
		t.Errorf("the zero is at %v", b)
	}
}

// dark returns the box of what is not white.
func dark(img image.Image) draw.Box {
	b := draw.Box{Left: math.Inf(1), Top: math.Inf(1)}
	for y := range img.Bounds().Dy() {
		for x := range img.Bounds().Dx() {
			if r, _, _, _ := img.At(x, y).RGBA(); r < 0x8000 {
				px, py := float64(x)/2, float64(y)/2
				b = draw.Box{Left: min(b.Left, px), Top: min(b.Top, py), Right: max(b.Right, px),
					Bottom: max(b.Bottom, py)}
			}
		}
	}
	return b
}

func TestCut(t *testing.T) {
	f := draw.Face{Size: 10}
	for _, s := range []string{"", "a", "hqvit:orthogonal", "日本語\nzwei", strings.Repeat("m", 300)} {
		for _, width := range []float64{0, 5, 30, 1e4} {
			got := f.Cut(s, width)
			switch {
			case f.Width(s) <= width && got != draw.Printable(s):
				t.Errorf("%q, which fits in %v, becomes %q", s, width, got)
			case f.Width(s) > width &&
				(!strings.HasSuffix(got, "…") || width >= 20 && f.Width(got) > width):
				t.Errorf("%q becomes %q for a width of %v", s, got, width)
			}
		}
	}
}

func TestFormatOf(t *testing.T) {
	for name, want := range map[string]draw.Format{"a.svg": draw.SVG, "b/C.PNG": draw.PNG} {
		if got, err := draw.FormatOf(name); err != nil || got != want {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	if _, err := draw.FormatOf("a.gif"); err == nil ||
		!strings.Contains(err.Error(), `file "a.gif", want a name`) {
		t.Errorf("a.gif: %v", err)
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestTheErrorOfTheWriter(t *testing.T) {
	for _, f := range []draw.Format{draw.SVG, draw.PNG} {
		if err := scene().Write(full{}, f); err == nil || !strings.Contains(err.Error(), "disk full") {
			t.Errorf("got %v, want disk full", err)
		}
	}
}

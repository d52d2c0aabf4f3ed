package data_test

import (
	"bytes"
	"context"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"image"
	"image/color"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/hqvit/hqvit/data"
)

// The values that a caller gets wrong, with some that are right.
var (
	sizes  = rapid.SampledFrom([]int{math.MinInt, -1, 0, 1, 2, 3, 8, 5000, math.MaxInt})
	counts = rapid.SampledFrom([]int{math.MinInt, -1, 0, 1, 2, 7, 1 << 20})
	reals  = rapid.SampledFrom([]float64{math.NaN(), math.Inf(-1), math.Inf(1), -1, 0, 0.1, 0.5, 1, 2, 1e300})
	names  = rapid.SampledFrom([]string{"", " ", "nist", "mnist:", ":", "folder:", "idx:", "npz:", "npz:/",
		"folder:/none"})
	shapes = rapid.Custom(func(t *rapid.T) data.Shape {
		return data.Shape{sizes.Draw(t, "h"), sizes.Draw(t, "w"), sizes.Draw(t, "c")}
	})
	indices = rapid.SliceOfN(rapid.SampledFrom([]int{math.MinInt, -1, 0, 1, 2, 3, 9, math.MaxInt}), 0, 4)
	floats  = rapid.SliceOfN(rapid.Map(reals, func(v float64) float32 { return float32(v) }), 0, 20)
	labels  = rapid.OneOf(rapid.Just([]int(nil)), indices)
)

var splits = rapid.Custom(func(t *rapid.T) data.Split {
	s := data.Split{Shape: shapes.Draw(t, "shape"), Labels: labels.Draw(t, "labels")}
	if rapid.Bool().Draw(t, "sound shape") {
		s.Shape = data.Shape{rapid.IntRange(1, 3).Draw(t, "h"), rapid.IntRange(1, 3).Draw(t, "w"),
			rapid.SampledFrom([]int{1, 3}).Draw(t, "c")}
	}
	if rapid.Bool().Draw(t, "8 bit") {
		s.Images = rapid.SliceOfN(rapid.Uint8(), 0, 54).Draw(t, "images")
	}
	if rapid.Bool().Draw(t, "real") {
		s.Floats = floats.Draw(t, "floats")
	}
	if n := s.Len(); n > 0 && rapid.Bool().Draw(t, "labels fit") {
		s.Labels = make([]int, n)
		for i := range s.Labels {
			s.Labels[i] = rapid.IntRange(-1, 3).Draw(t, "label")
		}
	}
	return s
})

var transforms = rapid.Custom(func(t *rapid.T) data.Transform {
	return data.Transform{Size: sizes.Draw(t, "size"), Mean: floats.Draw(t, "mean"),
		Std: floats.Draw(t, "std")}
})

var augments = rapid.Custom(func(t *rapid.T) data.Augment {
	return data.Augment{
		Shift: reals.Draw(t, "shift"), Rotate: reals.Draw(t, "rotate"), Scale: reals.Draw(t, "scale"),
		Flip: rapid.Bool().Draw(t, "flip"), Crop: sizes.Draw(t, "crop"), Cutout: sizes.Draw(t, "cutout"),
		MixUp: reals.Draw(t, "mixup"), CutMix: reals.Draw(t, "cutmix"),
	}
})

// images are nil, empty, changed by the user, or sound.
var images = rapid.Custom(func(t *rapid.T) *data.Images {
	switch rapid.IntRange(0, 3).Draw(t, "images") {
	case 0:
		return nil
	case 1:
		return &data.Images{Channels: sizes.Draw(t, "channels"), Size: sizes.Draw(t, "size"),
			Labels: labels.Draw(t, "labels")}
	}
	transform := data.Transform{Size: rapid.IntRange(1, 4).Draw(t, "size")}
	p, err := transform.Apply(splits.Draw(t, "split"))
	if err != nil {
		return nil
	}
	if rapid.Bool().Draw(t, "changed") {
		p.Channels, p.Size, p.Labels = sizes.Draw(t, "channels"), sizes.Draw(t, "size"),
			labels.Draw(t, "labels")
	}
	return p
})

var pictures = rapid.Custom(func(t *rapid.T) *data.Picture {
	return rapid.SampledFrom([]*data.Picture{nil, {}}).Draw(t, "picture")
})

var contexts = rapid.Custom(func(t *rapid.T) context.Context {
	done, cancel := context.WithCancel(context.Background())
	cancel()
	return rapid.SampledFrom([]context.Context{nil, done, context.Background()}).Draw(t, "context")
})

// calls has an entry for every exported function and method of the package. An entry draws arguments, most of
// them wrong, and calls it; it fails the test where an error is due and none comes.
var calls = map[string]func(t *rapid.T){
	"List": func(t *rapid.T) {
		for _, d := range data.List() {
			d.Classes[0], d.Files[0] = "changed", data.File{}
		}
		if d := data.List()[0]; d.Classes[0] == "changed" || d.Files[0].Name == "" {
			t.Error("a caller can change the table of sets")
		}
	},
	"Describe": func(t *rapid.T) {
		if _, err := data.Describe(names.Draw(t, "name")); err == nil {
			t.Error("an unknown set is described")
		}
		d, err := data.Describe("cifar10")
		if err != nil {
			t.Fatal(err)
		}
		d.Classes[0], d.Files[0].URLs[0] = "changed", "changed"
		if d, _ := data.Describe("cifar10"); d.Classes[0] == "changed" || d.Files[0].URLs[0] == "changed" {
			t.Error("a caller can change the table of sets")
		}
	},
	"Load": func(t *rapid.T) {
		if _, err := data.Load(contexts.Draw(t, "context"), names.Draw(t, "name"), options(t)); err == nil {
			t.Error("a set that does not exist is loaded")
		}
	},
	"Verify": func(t *rapid.T) {
		if _, err := data.Verify(contexts.Draw(t, "context"), names.Draw(t, "name"), options(t)); err == nil {
			t.Error("a set that does not exist is verified")
		}
	},
	"Fetch": func(t *rapid.T) {
		if _, err := data.Fetch(contexts.Draw(t, "context"), names.Draw(t, "name"), options(t)); err == nil {
			t.Error("a set that does not exist is fetched")
		}
	},
	"Check": func(t *rapid.T) {
		values := floats.Draw(t, "values")
		sound := !slices.ContainsFunc(values, func(v float32) bool { return v-v != 0 })
		if err := data.Check(values, counts.Draw(t, "length")); (err == nil) != sound {
			t.Errorf("Check of %v: %v", values, err)
		}
	},
	"Permutation": func(t *rapid.T) {
		n := counts.Draw(t, "n")
		if got := len(data.Permutation(n, 1, counts.Draw(t, "epoch"))); got != max(n, 0) {
			t.Errorf("a permutation of %d has %d elements", n, got)
		}
	},
	"Statistics": func(t *rapid.T) {
		split := splits.Draw(t, "split")
		mean, std, err := data.Statistics(split)
		if err == nil && (len(mean) != split.Channels || len(std) != split.Channels || split.Len() == 0) {
			t.Errorf("%d means of %d channels", len(mean), split.Channels)
		}
	},
	"OpenPicture": func(t *rapid.T) {
		if _, err := data.OpenPicture(names.Draw(t, "path")); err == nil {
			t.Error("a picture is read that is not there")
		}
	},
	"NewPicture": func(t *rapid.T) {
		img := rapid.SampledFrom([]image.Image{nil, (*image.Gray)(nil), image.NewGray(image.Rectangle{}),
			image.NewUniform(color.White)}).Draw(t, "image")
		if _, err := data.NewPicture(img); err == nil {
			t.Error("no image becomes a picture")
		}
	},
	"ReadPicture": func(t *rapid.T) {
		r := rapid.SampledFrom([]io.Reader{nil, strings.NewReader(""),
			bytes.NewReader([]byte("\x89PNG"))}).Draw(t, "reader")
		if _, err := data.ReadPicture(r, "name"); err == nil {
			t.Error("a picture is read that is none")
		}
	},
	"Picture.Background": func(t *rapid.T) { pictures.Draw(t, "picture").Background() },
	"Picture.Split": func(t *rapid.T) {
		if _, err := pictures.Draw(t, "picture").Split(shapes.Draw(t, "shape"),
			rapid.Bool().Draw(t, "inverted")); err == nil {
			t.Error("no picture becomes a split")
		}
	},
	"Background.Opposes": func(t *rapid.T) { _ = data.Background(names.Draw(t, "background")).Opposes("") },
	"Shape.Len":          func(t *rapid.T) { shapes.Draw(t, "shape").Len() },
	"Shape.String":       func(t *rapid.T) { _ = shapes.Draw(t, "shape").String() },
	"Split.Len":          func(t *rapid.T) { splits.Draw(t, "split").Len() },
	"Split.First": func(t *rapid.T) {
		split, n := splits.Draw(t, "split"), counts.Draw(t, "n")
		sound := split.Images == nil || split.Floats == nil
		if got := split.First(n).Len(); sound && got > max(n, 0) {
			t.Errorf("the first %d images are %d", n, got)
		}
	},
	"Split.Counts":     func(t *rapid.T) { splits.Draw(t, "split").Counts(counts.Draw(t, "classes")) },
	"Split.Background": func(t *rapid.T) { splits.Draw(t, "split").Background() },
	"Augment.Check":    func(t *rapid.T) { _ = augments.Draw(t, "augment").Check() },
	"Augment.Mixes":    func(t *rapid.T) { _ = augments.Draw(t, "augment").Mixes() },
	"Transform.Apply": func(t *rapid.T) {
		p, err := transforms.Draw(t, "transform").Apply(splits.Draw(t, "split"))
		if (p == nil) == (err == nil) {
			t.Errorf("images %v with error %v", p, err)
		}
	},
	"Images.Len":      func(t *rapid.T) { images.Draw(t, "images").Len() },
	"Images.ImageLen": func(t *rapid.T) { images.Draw(t, "images").ImageLen() },
	"Images.Fill": func(t *rapid.T) {
		p, i := images.Draw(t, "images"), indices.Draw(t, "indices")
		if err := p.Fill(floats.Draw(t, "dst"), i); err == nil && wrong(p, i) {
			t.Errorf("Fill of images %v out of %d is accepted", i, p.Len())
		}
	},
	"Images.FillAugmented": func(t *rapid.T) {
		p, i, a := images.Draw(t, "images"), indices.Draw(t, "indices"), augments.Draw(t, "augment")
		err := p.FillAugmented(floats.Draw(t, "dst"), i, a, 1, counts.Draw(t, "epoch"))
		if err == nil && (wrong(p, i) || a.Check() != nil) {
			t.Errorf("FillAugmented of images %v out of %d with %+v is accepted", i, p.Len(), a)
		}
	},
	"Images.Targets": func(t *rapid.T) {
		p, i, classes := images.Draw(t, "images"), indices.Draw(t, "indices"), counts.Draw(t, "classes")
		a := rapid.OneOf(augments, rapid.Just(data.Augment{MixUp: 1})).Draw(t, "augment")
		err := p.Targets(floats.Draw(t, "dst"), i, classes, a, 1, counts.Draw(t, "epoch"))
		if err == nil && (wrong(p, i) || classes < 1) {
			t.Errorf("Targets of images %v out of %d in %d classes are accepted", i, p.Len(), classes)
		}
	},
	"IsPicture": func(t *rapid.T) {
		if name := names.Draw(t, "name"); data.IsPicture(name) || data.IsPicture(".a.png"+name) {
			t.Errorf("%q is a picture", name)
		}
	},
	"Picture.Several": func(t *rapid.T) {
		if pictures.Draw(t, "picture").Several() {
			t.Error("no picture is several")
		}
	},
	"Scale.Known": func(t *rapid.T) {
		s := data.Scale{reals.Draw(t, "black"), reals.Draw(t, "white")}
		if s.Known() == (s == data.Scale{}) {
			t.Errorf("%v is known: %v", s, s.Known())
		}
	},
	"Scale.String": func(t *rapid.T) {
		if s := (data.Scale{reals.Draw(t, "black"), reals.Draw(t, "white")}).String(); s == "" {
			t.Error("no words")
		}
	},
	"Split.Fit": func(t *rapid.T) {
		shape := shapes.Draw(t, "shape")
		if shape.Height > 100 || shape.Width > 100 {
			shape.Height = -1
		}
		s, err := splits.Draw(t, "split").Fit(shape)
		if err == nil && (shape.Len() == 0 || s.Len() > 0 && s.Shape != shape) {
			t.Errorf("images of %v, want %v", s.Shape, shape)
		}
	},
	"Set.Match": func(t *rapid.T) {
		s := data.Set{Name: "a", Classes: []string{"x", "Y", "y"}, Unnamed: rapid.Bool().Draw(t, "unnamed"),
			Test: splits.Draw(t, "test")}
		classes := rapid.SliceOfN(rapid.SampledFrom([]string{"", "0", "x", "X", "y", "z"}), 0, 4).Draw(t, "classes")
		if err := s.Match(classes); err == nil && len(classes) == 0 {
			t.Error("no classes match")
		}
	},
	"Images.Digest": func(t *rapid.T) { images.Draw(t, "images").Digest() },
	"Images.Picture": func(t *rapid.T) {
		p, i := images.Draw(t, "images"), sizes.Draw(t, "index")
		if _, err := p.Picture(i); err == nil && wrong(p, []int{i}) {
			t.Errorf("picture %d of %d", i, p.Len())
		}
	},
}

func wrong(p *data.Images, indices []int) bool {
	return slices.ContainsFunc(indices, func(i int) bool { return i < 0 || i >= p.Len() })
}

// options never reach the network or the user's own files.
func options(t *rapid.T) data.Options {
	return data.Options{
		Dir: os.DevNull, NoDownload: true, ValCount: counts.Draw(t, "val count"),
		ValFraction: reals.Draw(t, "val fraction"),
		Size:        sizes.Draw(t, "size"), Channels: sizes.Draw(t, "channels"),
	}
}

// Nothing exported panics, hangs or accepts what is wrong, whatever the user hands in.
func TestWrongArgumentsGiveErrors(t *testing.T) {
	for _, name := range exported(t) {
		call := calls[name]
		if call == nil {
			t.Errorf("%s is exported and has no entry in the table of calls", name)
			continue
		}
		t.Run(name, func(t *testing.T) { rapid.Check(t, call) })
	}
}

// Options that are wrong for a folder that is there.
func TestWrongOptionsGiveErrors(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a/1.png", "b/1.png"} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, pixel, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := data.Load(t.Context(), "folder:"+dir, data.Options{ValCount: -1}); err != nil {
		t.Fatal(err)
	}
	for _, o := range []data.Options{
		{Size: -1}, {Size: 5000}, {Channels: 2}, {Channels: -1}, {ValCount: 2}, {ValFraction: math.NaN()},
		{ValFraction: -1},
	} {
		if _, err := data.Load(t.Context(), "folder:"+dir, o); err == nil ||
			strings.Contains(err.Error(), "\n") {
			t.Errorf("%+v: error %v, want one line", o, err)
		}
	}
}

// pixel is a PNG of one grey pixel.
var pixel = []byte("\x89PNG\r\n\x1a\n" +
	"\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00:~\x9bU" +
	"\x00\x00\x00\nIDATx\x9cch\x00\x00\x00\x82\x00\x81w\xcdr\xb6\x00\x00\x00\x00IEND\xaeB`\x82")

// exported returns the exported functions and methods of the package, a method with its type before it.
func exported(t *testing.T) []string {
	t.Helper()
	paths, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	fset := token.NewFileSet()
	var files []*ast.File
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(fset, path, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	p, err := doc.NewFromFiles(fset, files, "data")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range p.Funcs {
		names = append(names, f.Name)
	}
	for _, typ := range p.Types {
		for _, f := range typ.Funcs {
			names = append(names, f.Name)
		}
		for _, m := range typ.Methods {
			names = append(names, typ.Name+"."+m.Name)
		}
	}
	if len(names) < 20 {
		t.Fatalf("only %d exported functions found: %v", len(names), names)
	}
	return names
}

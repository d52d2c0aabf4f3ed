package data_test

import (
	"bytes"
	"image"
	"image/color"
	"io"
	"math"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"github.com/hqvit/hqvit/data"
)

// calls has an entry for every exported function and method of the package. An entry draws arguments, most of
// them wrong, and calls it; it fails the test where an error is due and none comes.
var calls = map[string]func(t *rapid.T){
	"List": func(t *rapid.T) {
		for _, d := range data.List() {
			d.Classes[0] = "changed"
			for i := range d.Files {
				d.Files[i] = data.File{}
			}
		}
		if d := data.List()[0]; d.Classes[0] == "changed" || d.Files[0].Name == "" {
			t.Error("a caller can change the table of sets")
		}
	},
	"Forms": func(t *rapid.T) {
		data.Forms()[0] = "changed"
		if data.Forms()[0] != "folder:PATH" {
			t.Error("a caller can change the forms")
		}
	},
	"CheckName": func(t *rapid.T) {
		name := names.Draw(t, "name")
		known := strings.HasSuffix(name, "/none") || name == "npz:/"
		if err := data.CheckName(name); (err == nil) != known {
			t.Errorf("%q: %v", name, err)
		}
	},
	"SameFiles": func(t *rapid.T) {
		a, b := names.Draw(t, "name"), names.Draw(t, "other")
		if !data.SameFiles(a, a) || data.SameFiles(a, b) != data.SameFiles(b, a) {
			t.Errorf("%q and %q", a, b)
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
	"Augment.Views": func(t *rapid.T) {
		sum := 0.0
		for _, v := range augments.Draw(t, "augment").Views() {
			sum += v.Weight
		}
		if math.Abs(sum-1) > 1e-12 {
			t.Errorf("the weights of the views sum to %v", sum)
		}
	},
	"Augment.String": func(t *rapid.T) { _ = augments.Draw(t, "augment").String() },
	"Images.Whitening": func(t *rapid.T) {
		p, side, n := images.Draw(t, "images"), counts.Draw(t, "side"), counts.Draw(t, "n")
		if _, err := p.Whitening(side, n); err == nil && (p.Len() == 0 || side < 1 || n < 1) {
			t.Errorf("whitening of %d images by %d filters of side %d is accepted", p.Len(), n, side)
		}
	},
	"Images.CheckAugment": func(t *rapid.T) {
		a := augments.Draw(t, "augment")
		if err := images.Draw(t, "images").CheckAugment(a); err == nil && a.Check() != nil {
			t.Errorf("%v is accepted", a)
		}
	},
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
	"Images.FillView": func(t *rapid.T) {
		p, i := images.Draw(t, "images"), indices.Draw(t, "indices")
		v := data.View{Mirrored: rapid.Bool().Draw(t, "mirrored"), X: counts.Draw(t, "x"),
			Y: counts.Draw(t, "y")}
		if err := p.FillView(floats.Draw(t, "dst"), i, v); err == nil && wrong(p, i) {
			t.Errorf("FillView of images %v out of %d is accepted", i, p.Len())
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
	"Title": func(t *rapid.T) { data.Title(names.Draw(t, "name")) },
	"Images.ExampleShape": func(t *rapid.T) {
		p, n := images.Draw(t, "images"), 1
		for _, d := range p.ExampleShape() {
			n *= d
		}
		if p.Len() > 0 && n != p.ImageLen() {
			t.Errorf("shape %v of %d values", p.ExampleShape(), p.ImageLen())
		}
	},
	"Images.Outputs": func(t *rapid.T) { images.Draw(t, "images").Outputs() },
	"Images.Shape":   func(t *rapid.T) { _ = images.Draw(t, "images").Shape().String() },
	"Images.Target":  func(t *rapid.T) { _ = images.Draw(t, "images").Target().Noun() },
	"Kind.String":    func(t *rapid.T) { _ = data.Kind(sizes.Draw(t, "kind")).String() },
	"Shape.Kind": func(t *rapid.T) {
		if s := shapes.Draw(t, "shape"); s.Len() > 0 && s.Kind() != data.Pictures && s.Width != 0 {
			t.Errorf("%v is %v", s, s.Kind())
		}
	},
	"ReadRows": func(t *rapid.T) {
		table := rapid.SampledFrom([]*data.Table{nil, {}, {Columns: []data.Column{{Name: "a"}}}}).Draw(t, "table")
		text := rapid.SampledFrom([]string{"", "a", "a\n1,2\n", "b\n1\n", "a\nx\n", "a\n\n",
			"\xff\xfe"}).Draw(t, "text")
		if s, err := data.ReadRows(strings.NewReader(text), table); err == nil && s.Len() > 0 {
			t.Errorf("%q is %d rows", text, s.Len())
		}
	},
	"ReadNumbers": func(t *rapid.T) {
		if _, err := data.ReadNumbers(strings.NewReader(names.Draw(t, "text")),
			shapes.Draw(t, "shape")); err == nil {
			t.Error("a text is read as an array")
		}
	},
	"Split.Varies":  func(t *rapid.T) { splits.Draw(t, "split").Varies() },
	"Split.Outputs": func(t *rapid.T) { splits.Draw(t, "split").Outputs() },
	"StandardOf": func(t *rapid.T) {
		k := rapid.IntRange(-1, 3).Draw(t, "k")
		if s := data.StandardOf(floats.Draw(t, "numbers"), k); len(s.Mean) != max(k, 0) {
			t.Errorf("%d means of %d", len(s.Mean), k)
		}
	},
	"Standard.Known": func(t *rapid.T) { data.Standard{Mean: floats.Draw(t, "mean")}.Known() },
	"Standard.Undo": func(t *rapid.T) {
		data.Standard{Mean: floats.Draw(t, "mean"), Std: floats.Draw(t, "std")}.Undo(make([]float64, 3))
	},
	"Table.Features": func(t *rapid.T) { (&data.Table{}).Features() },
	"Kind.Noun":      func(t *rapid.T) { _ = data.Kind(sizes.Draw(t, "kind")).Noun() },
	"Target.Noun":    func(t *rapid.T) { _ = data.Target(names.Draw(t, "target")).Noun() },
	"Images.Digest":  func(t *rapid.T) { images.Draw(t, "images").Digest() },
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

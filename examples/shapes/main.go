// Command shapes writes class folders of coloured pictures, to train on as on one's own:
//
//	go run ./examples/shapes --out shapes --count 100
//	go run ./cmd/hqvit train --data folder:shapes
//
// Each picture has one shape, a circle, a square, a triangle or a cross, of a random bright colour, size,
// place and angle, on a random dark colour, with noise. One seed gives one folder.
package main

import (
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"log"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// shapes say whether a point is in a shape of radius 1 around the origin.
var shapes = map[string]func(x, y float64) bool{
	"circle": func(x, y float64) bool { return x*x+y*y < 0.8 },
	"square": func(x, y float64) bool { return max(math.Abs(x), math.Abs(y)) < 0.75 },
	"triangle": func(x, y float64) bool {
		return y > -0.5 && math.Sqrt(3)*math.Abs(x)+y < 1
	},
	"cross": func(x, y float64) bool {
		return min(math.Abs(x), math.Abs(y)) < 0.25 && max(math.Abs(x), math.Abs(y)) < 0.95
	},
}

func main() {
	out := flag.String("out", "shapes", "`folder` to write")
	count := flag.Int("count", 100, "pictures of each shape")
	side := flag.Int("size", 48, "side of a picture, in pixels")
	seed := flag.Uint64("seed", 1, "seed of all that is random")
	short := flag.Bool("short", false, "write a few pictures into a temporary folder, and remove them")
	flag.Parse()
	if *short {
		dir, err := os.MkdirTemp("", "shapes")
		if err != nil {
			log.Fatal(err)
		}
		defer os.RemoveAll(dir)
		*out, *count = dir, 4
	}
	if *count < 1 || *side < 8 || *side > 4096 {
		log.Fatalf("count is %d and size is %d, want at least 1, and 8 to 4096", *count, *side)
	}
	for class, name := range []string{"circle", "square", "triangle", "cross"} {
		dir := filepath.Join(*out, name)
		if err := os.MkdirAll(dir, 0o755); err != nil {
			log.Fatal(err)
		}
		random := rand.New(rand.NewPCG(*seed, uint64(class)))
		for i := range *count {
			path := filepath.Join(dir, fmt.Sprintf("%03d.png", i))
			if err := save(path, draw(shapes[name], *side, random)); err != nil {
				log.Fatal(err)
			}
		}
	}
	where := *out
	if *short {
		where = "a temporary folder"
	}
	fmt.Printf("%s: %d pictures of 4 shapes, each in the folder of its name\n", where, 4**count)
}

// draw returns a picture of a shape.
func draw(inside func(x, y float64) bool, side int, random *rand.Rand) image.Image {
	between := func(low, high float64) float64 { return low + (high-low)*random.Float64() }
	var paint, ground [3]float64
	for i := range paint {
		paint[i], ground[i] = between(90, 255), between(0, 110)
	}
	n := float64(side)
	radius := between(0.22, 0.4) * n
	centreX, centreY := between(radius, n-radius), between(radius, n-radius)
	sin, cos := math.Sincos(between(-0.4, 0.4))
	img := image.NewNRGBA(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			dx, dy := (float64(x)+0.5-centreX)/radius, (float64(y)+0.5-centreY)/radius
			c := ground
			if inside(cos*dx+sin*dy, cos*dy-sin*dx) {
				c = paint
			}
			for i := range c {
				c[i] = min(max(c[i]+random.NormFloat64()*12, 0), 255)
			}
			img.SetNRGBA(x, y, color.NRGBA{uint8(c[0]), uint8(c[1]), uint8(c[2]), 255})
		}
	}
	return img
}

func save(path string, img image.Image) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := png.Encode(file, img); err != nil {
		file.Close()
		return err
	}
	return file.Close()
}

package data

import (
	"bytes"
	"image"
	"image/color"
	_ "image/jpeg" // both formats that an image folder may hold
	_ "image/png"
	"io"
	"math"
	"os"

	"github.com/pkg/errors"
	"golang.org/x/image/draw"
)

// ReadImage reads a PNG or JPEG file as one image without a label, as Picture.Split gives it.
func ReadImage(path string, shape Shape) (Split, error) {
	file, err := os.Open(path)
	if err != nil {
		return Split{}, errors.Wrap(err, "data")
	}
	defer file.Close()
	picture, err := ReadPicture(file, path)
	if err != nil {
		return Split{}, err
	}
	return picture.Split(shape, false)
}

func (s Shape) check() error {
	if s.Channels != 1 && s.Channels != 3 || min(s.Height, s.Width) < 1 || max(s.Height, s.Width) > maxSize {
		return errors.Errorf("images of %v, want sides of 1 to %d and 1 or 3 channels", s, maxSize)
	}
	return nil
}

// decodeConfig reads the header of a PNG or JPEG file of the given size. It
// returns an error if the image would be larger than such a file can hold.
func decodeConfig(r io.Reader, size int64) (image.Config, error) {
	if size == 0 {
		return image.Config{}, errors.New("want a PNG or JPEG image, the file is empty")
	}
	config, format, err := image.DecodeConfig(r)
	if err != nil {
		return config, errors.WithMessage(err, "want a PNG or JPEG image")
	}
	if format != "png" && format != "jpeg" { // which other packages of the program may know
		return config, errors.Errorf("want a PNG or JPEG image, the content is %s, whatever its name",
			format)
	}
	limit := int64(expandLimit(int(size)))
	if w, h := int64(config.Width), int64(config.Height); w < 1 || h < 1 || w > limit || h > limit ||
		w*h > limit {
		return config, errors.Errorf("%s header says %d×%d pixels, more than a file of %d bytes can hold",
			format, w, h, size)
	}
	return config, nil
}

func isGrey(c image.Config) bool {
	return c.ColorModel == color.GrayModel || c.ColorModel == color.Gray16Model
}

func decodeImage(content []byte) (image.Image, error) {
	if _, err := decodeConfig(bytes.NewReader(content), int64(len(content))); err != nil {
		return nil, err
	}
	img, format, err := image.Decode(bytes.NewReader(content))
	return img, errors.WithMessagef(err, "the file is damaged: %s", format)
}

// fits returns the size of a height×width image made to fit into a limit,
// keeping its aspect ratio; the size itself if it fits already.
func fits(height, width int, limit Shape) (int, int) {
	if height <= limit.Height && width <= limit.Width {
		return height, width
	}
	scale := math.Min(float64(limit.Height)/float64(height), float64(limit.Width)/float64(width))
	side := func(n, most int) int { return min(max(int(math.Round(float64(n)*scale)), 1), most) }
	return side(height, limit.Height), side(width, limit.Width)
}

// drawInto draws an image into the middle of dst, (H, W, C) and black, and
// returns where it then stands.
func drawInto(dst []uint8, shape Shape, img image.Image) image.Rectangle {
	b := img.Bounds()
	height, width := fits(b.Dy(), b.Dx(), shape)
	if height != b.Dy() || width != b.Dx() {
		small := image.NewRGBA(image.Rect(0, 0, width, height))
		draw.CatmullRom.Scale(small, small.Bounds(), img, b, draw.Src, nil)
		img, b = small, small.Bounds()
	}
	top, left := (shape.Height-height)/2, (shape.Width-width)/2
	for y := range height {
		for x := range width {
			at := dst[((top+y)*shape.Width+left+x)*shape.Channels:]
			c := img.At(b.Min.X+x, b.Min.Y+y)
			if shape.Channels == 1 {
				at[0] = color.GrayModel.Convert(c).(color.Gray).Y
				continue
			}
			r, g, b, _ := c.RGBA()
			at[0], at[1], at[2] = uint8(r>>8), uint8(g>>8), uint8(b>>8)
		}
	}
	return image.Rect(left, top, left+width, top+height)
}

// pixels shows one image of a split as an image.Image of 8-bit pixels.
func (s Split) pixels(index int) image.Image {
	raw := s.Images[index*s.Shape.Len() : (index+1)*s.Shape.Len()]
	bounds := image.Rect(0, 0, s.Width, s.Height)
	if s.Channels == 1 {
		return &image.Gray{Pix: raw, Stride: s.Width, Rect: bounds}
	}
	img := image.NewRGBA(bounds)
	for i := range s.Height * s.Width {
		copy(img.Pix[4*i:], raw[i*s.Channels:][:3])
		img.Pix[4*i+3] = 255
	}
	return img
}

// shrink returns a split of images that fit into a square of the given side.
func shrink(split Split, side int) Split {
	height, width := fits(split.Height, split.Width, Shape{side, side, split.Channels})
	small := Split{Shape: Shape{height, width, split.Channels}, Labels: split.Labels}
	small.Images = make([]uint8, split.Len()*small.Shape.Len())
	for i := range split.Len() {
		drawInto(small.Images[i*small.Shape.Len():(i+1)*small.Shape.Len()], small.Shape, split.pixels(i))
	}
	return small
}

package data

import (
	"bytes"
	"image"
	"image/color"
	"math"

	"github.com/pkg/errors"
	"golang.org/x/image/draw"
)

func (s Shape) check() error {
	if s.Kind() != Pictures {
		if float64(max(1, s.Height))*float64(s.Channels) > maxNumbers {
			return errors.Errorf("%s, want at most %d numbers", s.Kind().of(s), maxNumbers)
		}
		return nil
	}
	if s.Channels != 1 && s.Channels != 3 || min(s.Height, s.Width) < 1 || max(s.Height, s.Width) > maxSize {
		return errors.Errorf("images of %v, want sides of 1 to %d and 1 or 3 channels", s, maxSize)
	}
	return nil
}

// header is what is known of a picture before it is decoded.
type header struct {
	*format
	height, width int  // upright
	grey          bool // it cannot hold colours
	several       bool // it holds more than this picture
	size          float64
	orientation
}

// readHeader reads the header of a picture. It returns an error if it is no picture, or would take more
// memory than a picture may, or than its file can fill.
func readHeader(content []byte) (h header, err error) {
	h.format = formatOf(content)
	if h.format == nil {
		return h, errors.Errorf("want a picture (%s), the file is %s", formatNames(), looksLike(content))
	}
	if animatedWebP(content) {
		return h, errors.New("an animated WebP, which is not read: save a frame of it as PNG")
	}
	config, err := h.config(bytes.NewReader(content))
	if err != nil {
		return h, errors.WithMessagef(err, "the file is damaged or of a rare kind: %s", h.title)
	}
	h.size = decodedSize(config)
	switch {
	case config.Width < 1 || config.Height < 1:
		return h, errors.Errorf("%s header says %d×%d pixels, want at least one", h.title, config.Width,
			config.Height)
	case !h.fills(content, config):
		return h, errors.Errorf(
			"the file is damaged: its %s header says %d×%d pixels, more than a file of %d bytes "+
				"can hold",
			h.title,
			config.Width,
			config.Height,
			len(content),
		)
	case h.size > float64(pictureMemory):
		return h, errors.Errorf("%s header says %d×%d pixels, which take %s of memory: at most %s are read",
			h.title, config.Width, config.Height, inBytes(h.size), inBytes(float64(pictureMemory)))
	}
	h.height, h.width, h.grey = config.Height, config.Width, isGrey(content, config)
	if h.orientation = orientationOf(content); h.turned() {
		h.height, h.width = h.width, h.height
	}
	h.several = h.more != nil && h.more(content)
	return h, nil
}

// fills reports whether a file can hold the pixels that its header says: deflate expands at most 1032-fold,
// and eight by eight pixels take a bit of a JPEG file at least.
func (h header) fills(content []byte, c image.Config) bool {
	pixels, size := float64(c.Width)*float64(c.Height), float64(len(content))
	switch h.title {
	case "PNG":
		bits := 1.0 // of a pixel, of the smallest depth
		if len(content) > 25 {
			channels := map[byte]float64{2: 3, 4: 2, 6: 4}[content[25]]
			bits = float64(content[24]) * max(channels, 1)
		}
		return pixels*bits/8 <= maxExpansion*size
	case "JPEG":
		return pixels <= 512*size
	}
	return true
}

// animatedWebP reports whether a WebP file has the flag of an animation.
func animatedWebP(content []byte) bool {
	return bytes.HasPrefix(content, []byte("RIFF")) && len(content) > 20 &&
		string(content[12:16]) == "VP8X" &&
		content[20]&2 != 0
}

// isGrey reports whether a picture of some header can have no colours: it has one channel, or grey and alpha,
// or a palette of greys.
func isGrey(content []byte, c image.Config) bool {
	if c.ColorModel == color.GrayModel || c.ColorModel == color.Gray16Model {
		return true
	}
	if palette, ok := c.ColorModel.(color.Palette); ok && len(palette) > 0 {
		for _, p := range palette {
			if r, g, b, _ := p.RGBA(); r != g || g != b {
				return false
			}
		}
		return true
	}
	// Go decodes PNG's colour type 4, grey with alpha, as NRGBA.
	return bytes.HasPrefix(content, []byte("\x89PNG")) && len(content) > 25 && content[25] == 4
}

// picture decodes a picture as it is stored.
func (h header) picture(content []byte) (image.Image, error) {
	img, err := h.decode(bytes.NewReader(content))
	return img, errors.WithMessagef(err, "the file is damaged: %s", h.title)
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

// drawInto draws an image upright into the middle of dst, (H, W, C) and
// black, and returns where it then stands.
func drawInto(dst []uint8, shape Shape, img image.Image, o orientation) image.Rectangle {
	limit := shape
	if o.turned() {
		limit.Height, limit.Width = limit.Width, limit.Height
	}
	img = scaledDown(img, limit)
	b := img.Bounds()
	height, width := b.Dy(), b.Dx()
	if o.turned() {
		height, width = width, height
	}
	top, left := (shape.Height-height)/2, (shape.Width-width)/2
	for y := range height {
		for x := range width {
			at := dst[((top+y)*shape.Width+left+x)*shape.Channels:]
			fromX, fromY := o.source(x, y, b.Dx(), b.Dy())
			c := img.At(b.Min.X+fromX, b.Min.Y+fromY)
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

// scaledDown returns an image that fits into a limit.
func scaledDown(img image.Image, limit Shape) image.Image {
	b := img.Bounds()
	height, width := fits(b.Dy(), b.Dx(), limit)
	if height == b.Dy() && width == b.Dx() {
		return img
	}
	small := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.CatmullRom.Scale(small, small.Bounds(), img, b, draw.Src, nil)
	return small
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
	small := split
	small.Shape = Shape{height, width, split.Channels}
	if split.Floats != nil {
		small.Floats = split.shrinkFloats(small.Shape)
		return small
	}
	small.Images = make([]uint8, split.Len()*small.Shape.Len())
	for i := range split.Len() {
		drawInto(small.Images[i*small.Shape.Len():(i+1)*small.Shape.Len()], small.Shape, split.pixels(i), 1)
	}
	return small
}

// Fit returns the images of a split in a shape, as Picture.Split does: scaled
// down if they are larger, keeping their aspect ratio, centred on black, grey or
// coloured. Real numbers are taken to be 0 for black and 1 for full intensity. It
// returns an error if the split or the shape is not sound.
func (s Split) Fit(shape Shape) (Split, error) {
	if err := s.check(); err != nil {
		return Split{}, errors.WithMessage(err, "data")
	}
	if err := shape.check(); err != nil {
		return Split{}, errors.WithMessage(err, "data")
	}
	if s.Shape == shape || s.Len() == 0 {
		return s, nil
	}
	fitted := s
	fitted.Shape = shape
	if s.Floats != nil {
		height, width := fits(s.Height, s.Width, shape)
		small := s
		if height != s.Height || width != s.Width {
			small.Shape = Shape{height, width, s.Channels}
			small.Floats = s.shrinkFloats(small.Shape)
		}
		fitted.Floats = small.place(shape)
		return fitted, nil
	}
	fitted.background = s.Background()
	fitted.Images = make([]uint8, s.Len()*shape.Len())
	for i := range s.Len() {
		drawInto(fitted.Images[i*shape.Len():(i+1)*shape.Len()], shape, s.pixels(i), 1)
	}
	return fitted, nil
}

// place returns real numbers in the middle of a larger, black shape, with its channels.
func (s Split) place(shape Shape) []float32 {
	placed := make([]float32, s.Len()*shape.Len())
	top, left := (shape.Height-s.Height)/2, (shape.Width-s.Width)/2
	for i := range s.Len() * s.Height * s.Width {
		x, y, image := i%s.Width, i/s.Width%s.Height, i/(s.Width*s.Height)
		from := s.Floats[i*s.Channels:][:s.Channels]
		to := placed[((image*shape.Height+top+y)*shape.Width+left+x)*shape.Channels:][:shape.Channels]
		switch {
		case len(from) == len(to):
			copy(to, from)
		case len(from) == 1:
			to[0], to[1], to[2] = from[0], from[0], from[0]
		default: // as bytes become grey: ITU-R BT.601
			to[0] = 0.299*from[0] + 0.587*from[1] + 0.114*from[2]
		}
	}
	return placed
}

// shrinkFloats returns images of real numbers in a smaller shape. Scaling works on 16 bits between the
// smallest and the largest number of all.
func (s Split) shrinkFloats(shape Shape) []float32 {
	if len(s.Floats) == 0 {
		return s.Floats
	}
	low, high := s.Floats[0], s.Floats[0]
	for _, v := range s.Floats {
		low, high = min(low, v), max(high, v)
	}
	step := float64(high-low) / math.MaxUint16
	if step == 0 {
		step = 1
	}
	level := func(v float32) uint16 { return uint16(math.Round(float64(v-low) / step)) }
	from, to := image.NewRGBA64(image.Rect(0, 0, s.Width, s.Height)), image.NewRGBA64(
		image.Rect(0, 0, shape.Width,
			shape.Height),
	)
	small := make([]float32, 0, s.Len()*shape.Len())
	for at := 0; at < len(s.Floats); at += s.Shape.Len() {
		for i := range s.Height * s.Width {
			v := s.Floats[at+i*s.Channels:][:s.Channels]
			from.SetRGBA64(
				i%s.Width,
				i/s.Width,
				color.RGBA64{level(v[0]), level(v[len(v)/2]), level(v[len(v)-1]),
					math.MaxUint16},
			)
		}
		draw.CatmullRom.Scale(to, to.Bounds(), from, from.Bounds(), draw.Src, nil)
		for i := range shape.Height * shape.Width {
			c := to.RGBA64At(i%shape.Width, i/shape.Width)
			for _, v := range []uint16{c.R, c.G, c.B}[:s.Channels] {
				small = append(small, low+float32(float64(v)*step))
			}
		}
	}
	return small
}

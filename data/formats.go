package data

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"path"
	"slices"
	"strings"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
	"golang.org/x/image/webp"

	"github.com/hqvit/hqvit/internal/words"
)

// format is a kind of file: how it begins, with ? for any byte, and how it is decoded.
type format struct {
	title   string
	endings []string
	magic   []string
	config  func(io.Reader) (image.Config, error)
	decode  func(io.Reader) (image.Image, error)
	more    func(content []byte) bool // whether it holds more than one picture; nil: never
}

// formats are the kinds of pictures that are read. A new one is a row here.
var formats = []format{
	{"PNG", []string{".png", ".apng"}, []string{"\x89PNG\r\n\x1a\n"}, png.DecodeConfig, png.Decode,
		animatedPNG},
	{"JPEG", []string{".jpg", ".jpeg", ".jpe", ".jfif"}, []string{"\xff\xd8\xff"}, jpeg.DecodeConfig,
		jpeg.Decode, nil},
	{"GIF", []string{".gif"}, []string{"GIF87a", "GIF89a"}, gif.DecodeConfig, decodeGIF, animatedGIF},
	{"BMP", []string{".bmp", ".dib"}, []string{"BM????\x00\x00\x00\x00"}, bmp.DecodeConfig, bmp.Decode, nil},
	{"TIFF", []string{".tif", ".tiff"}, []string{"II*\x00", "MM\x00*"}, tiff.DecodeConfig, tiff.Decode,
		pagesOfTIFF},
	{"WebP", []string{".webp"}, []string{"RIFF????WEBP"}, webp.DecodeConfig, webp.Decode, nil},
}

// foreign are kinds of files that people take for pictures or data, for errors.
var foreign = []format{
	{title: "HEIC or AVIF", magic: []string{"????ftyp"}},
	{title: "PDF", magic: []string{"%PDF"}},
	{title: "SVG or XML", magic: []string{"<svg", "<?xml"}},
	{title: "HTML", magic: []string{"<!DO", "<htm", "<HTM"}},
	{title: "JPEG 2000", magic: []string{"\x00\x00\x00\x0cjP"}},
	{title: "JPEG XL", magic: []string{"\xff\x0a"}},
	{title: "a zip file (or npz)", magic: []string{"PK\x03\x04", "PK\x05\x06"}},
	{title: "gzip", magic: []string{"\x1f\x8b"}},
	{title: "a NumPy array (npy)", magic: []string{"\x93NUMPY"}},
	{title: "a pointer of Git LFS", magic: []string{"version https://git-lfs"}},
	{title: "a Photoshop file", magic: []string{"8BPS"}},
	{title: "an icon", magic: []string{"\x00\x00\x01\x00"}},
	{title: "a file of AppleDouble (._)", magic: []string{"\x00\x05\x16\x07"}},
	{title: "a Parquet file", magic: []string{"PAR1"}},
	{title: "HDF5", magic: []string{"\x89HDF"}},
	{title: "a portable bitmap (PNM)", magic: []string{"P1\n", "P2\n", "P3\n", "P4\n", "P5\n", "P6\n"}},
	{title: "an IDX file", magic: []string{"\x00\x00\x08\x01", "\x00\x00\x08\x03"}},
}

// begins reports whether content begins as files of the format do.
func (f format) begins(content []byte) bool {
	return slices.ContainsFunc(f.magic, func(magic string) bool {
		if len(content) < len(magic) {
			return false
		}
		for i := range len(magic) {
			if magic[i] != '?' && magic[i] != content[i] {
				return false
			}
		}
		return true
	})
}

// formatOf returns the format of a picture by its content; nil if it is none.
func formatOf(content []byte) *format {
	for i := range formats {
		if formats[i].begins(content) {
			return &formats[i]
		}
	}
	return nil
}

// IsPicture reports whether the name of a file is that of a picture that ReadPicture reads: PNG, JPEG, GIF,
// BMP, TIFF or WebP, and no hidden file.
func IsPicture(name string) bool {
	base := path.Base(strings.ReplaceAll(name, "\\", "/"))
	ending := strings.ToLower(path.Ext(base))
	return !strings.HasPrefix(base, ".") && slices.ContainsFunc(formats, func(f format) bool {
		return slices.Contains(f.endings, ending)
	})
}

// formatNames lists the formats for errors.
func formatNames() string {
	var names []string
	for _, f := range formats {
		names = append(names, f.title)
	}
	return words.List(names, "or")
}

// decodeGIF returns the first frame in its place on the canvas, which is transparent around it.
func decodeGIF(r io.Reader) (image.Image, error) {
	content, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	config, err := gif.DecodeConfig(bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	img, err := gif.Decode(bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	canvas := image.Rect(0, 0, config.Width, config.Height)
	if img.Bounds() == canvas {
		return img, nil
	}
	return placed{img, canvas}, nil
}

// placed is an image on a larger, transparent canvas.
type placed struct {
	image.Image
	canvas image.Rectangle
}

func (p placed) Bounds() image.Rectangle { return p.canvas }

func (p placed) At(x, y int) color.Color {
	if !image.Pt(x, y).In(p.Image.Bounds()) {
		return color.Transparent
	}
	return p.Image.At(x, y)
}

// animatedPNG reports whether a PNG file is an animation: an acTL chunk stands before the pixels.
func animatedPNG(content []byte) bool {
	for rest := content[min(8, len(content)):]; len(rest) >= 12; {
		length, kind := binary.BigEndian.Uint32(rest), string(rest[4:8])
		if kind == "acTL" || kind == "IDAT" || uint64(length)+12 > uint64(len(rest)) {
			return kind == "acTL"
		}
		rest = rest[length+12:]
	}
	return false
}

// animatedGIF reports whether a GIF file has a second frame. It walks the blocks without decoding them.
//
// Source: CompuServe, GIF89a specification, section 11 to 23.
func animatedGIF(content []byte) bool {
	if len(content) < 13 {
		return false
	}
	table := func(flags byte) int { // of colours
		if flags&0x80 == 0 {
			return 0
		}
		return 3 << (flags&7 + 1)
	}
	frames, at := 0, 13+table(content[10])
	for at < len(content) {
		switch content[at] {
		case 0x21: // an extension: its label, then sub-blocks
			at += 2
		case 0x2c: // a frame: its place, its colours, the size of its codes, then sub-blocks
			if frames++; frames > 1 {
				return true
			}
			if at+10 > len(content) {
				return false
			}
			at += 10 + table(content[min(at+9, len(content)-1)]) + 1
		default:
			return false
		}
		for at < len(content) && content[at] > 0 {
			at += int(content[at]) + 1
		}
		at++
	}
	return false
}

// pagesOfTIFF reports whether a TIFF file has a second page.
func pagesOfTIFF(content []byte) bool {
	d, ok := newDirectory(content)
	return ok && d.next > 0
}

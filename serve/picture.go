package serve

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"image"
	"io"
	"math"
	"mime"
	"net/http"
	"strings"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/trained"
)

// fitted is a picture in the form of a model's training images.
type fitted struct {
	data.Split
	inverted bool
	several  bool // the file holds more than the picture that was taken
}

// picture returns the picture of a request, for a model: the body is a picture file, or JSON with one in
// base64 or with the pixels.
func (s *Server) picture(r *http.Request, m *trained.Model) (p fitted, err error) {
	invert := trained.Invert(r.URL.Query().Get("invert"))
	switch invert {
	case "", trained.InvertAuto, trained.InvertAlways, trained.InvertNever:
	default:
		return p, badRequest("invert is %.40q, want auto, always or never", string(invert))
	}
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil && r.Header.Get("Content-Type") != "" || strings.HasPrefix(kind, "multipart/") {
		return p, failure(http.StatusUnsupportedMediaType, "Content-Type is %.60q, want that of a "+
			"picture or application/json", r.Header.Get("Content-Type"))
	}
	content, release, err := s.guard.body(r)
	if err != nil {
		return p, err
	}
	defer release()
	if kind == "application/json" {
		var pixels json.RawMessage
		if content, pixels, err = readEnvelope(content); err != nil {
			return p, err
		}
		if pixels != nil {
			p.Split, err = readPixels(pixels, m.Metadata())
			return p, err
		}
	}
	if len(content) == 0 {
		return p, badRequest("the body is empty, want a picture file, or JSON with an image or pixels")
	}
	return s.decode(r, content, m, invert)
}

// readEnvelope returns the picture file or the pixels of a JSON body.
func readEnvelope(content []byte) (file []byte, pixels json.RawMessage, err error) {
	var body struct {
		Image  *string         `json:"image"`
		Pixels json.RawMessage `json:"pixels"`
	}
	d := json.NewDecoder(bytes.NewReader(content))
	d.DisallowUnknownFields()
	if err := d.Decode(&body); err != nil {
		return nil, nil, badRequest(`the body is no JSON of the form {"image": "…"} or {"pixels": […]}: %.200s`,
			strings.TrimPrefix(err.Error(), "json: "))
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, nil, badRequest("the body goes on behind its JSON")
	}
	if (body.Image == nil) == (body.Pixels == nil) {
		return nil, nil, badRequest(`want either "image" or "pixels" in the JSON`)
	}
	if body.Pixels != nil {
		return nil, body.Pixels, nil
	}
	text := *body.Image
	if strings.HasPrefix(text, "data:") {
		_, text, _ = strings.Cut(text, ",")
	}
	if file, err = base64.StdEncoding.DecodeString(text); err != nil {
		return nil, nil, badRequest("image is no base64: %v", err)
	}
	return file, nil, nil
}

// decode reads a picture file and fits it to the training images of a model.
func (s *Server) decode(r *http.Request, content []byte, m *trained.Model, invert trained.Invert) (p fitted,
	err error) {
	// What has no header is refused, in better words, when it is read.
	size := int64(1)
	if c, _, err := image.DecodeConfig(bytes.NewReader(content)); err == nil {
		if size = int64(c.Width) * int64(c.Height); size > int64(s.limits.Pixels) {
			return p, failure(http.StatusRequestEntityTooLarge, "the picture has %d×%d pixels, want at "+
				"most %d million of them", c.Width, c.Height, s.limits.Pixels>>20)
		}
		if max(c.Width, c.Height) > s.limits.Side {
			return p, failure(http.StatusRequestEntityTooLarge, "the picture has %d×%d pixels, want at "+
				"most %d on a side: cut it, or scale it down", c.Width, c.Height, s.limits.Side)
		}
	}
	if err := s.guard.pixels.Acquire(r.Context(), max(size, 1)); err != nil {
		return p, err
	}
	defer s.guard.pixels.Release(max(size, 1))
	picture, err := data.ReadPicture(bytes.NewReader(content), "the picture")
	if err != nil {
		return p, badRequest("%s", strings.TrimPrefix(err.Error(), "data: "))
	}
	meta := m.Metadata()
	if invert == trained.InvertAlways || invert == trained.InvertNever {
		p.inverted = invert == trained.InvertAlways
		if !meta.Unscaled {
			p.Split, err = picture.Split(meta.Shape, p.inverted)
			p.several = picture.Several()
			return p, err
		}
	}
	p.Split, p.inverted, err = m.Fit(picture)
	p.several = picture.Several()
	if err != nil { // the model takes no pictures
		err = status(http.StatusUnprocessableEntity, err)
	}
	return p, err
}

// readPixels returns the image whose pixels a JSON list has: H·W·C numbers, nested by rows, columns and
// channels or not. They are whole numbers in 0 to 255, or for a model that was trained on numbers of an
// unknown scale any.
func readPixels(text json.RawMessage, meta trained.Metadata) (data.Split, error) {
	shape := meta.Shape
	want := shape.Len()
	d := json.NewDecoder(bytes.NewReader(text))
	var values []float64
	var lengths [4]int // of the lists at each depth, once one has ended; 0 before
	var counts []int   // of the lists that are open
	for {
		token, err := d.Token()
		if err != nil {
			return data.Split{}, badRequest("pixels: %v", err)
		}
		if len(counts) > 0 && token != json.Delim(']') {
			counts[len(counts)-1]++
		}
		switch v := token.(type) {
		case float64:
			if values = append(values, v); len(values) > want {
				return data.Split{}, badRequest("pixels has more than %d numbers, want %v of them", want, shape)
			}
		case json.Delim:
			if v == '[' && len(counts) < 3 {
				counts = append(counts, 0)
				continue
			}
			if v != ']' {
				return data.Split{}, badRequest("pixels holds a %v at a depth of %d, want lists of numbers", v,
					len(counts))
			}
			depth, n := len(counts)-1, counts[len(counts)-1]
			if counts = counts[:depth]; lengths[depth] != 0 && lengths[depth] != n || n == 0 {
				return data.Split{}, badRequest("pixels holds lists of %d and of %d, want equal ones",
					lengths[depth], n)
			}
			lengths[depth] = n
		default:
			return data.Split{}, badRequest("pixels holds %.40v, want numbers", v)
		}
		if len(counts) == 0 {
			break
		}
	}
	if !fits(lengths, shape) || len(values) != want {
		return data.Split{}, badRequest("pixels has %d numbers in lists of %v, want %v, as the training "+
			"images",
			len(values), lengths[:3], shape)
	}
	return splitOf(values, meta)
}

// fits reports whether lists of these lengths are an image: flat, or rows of columns, of channels or of one.
func fits(lengths [4]int, s data.Shape) bool {
	switch {
	case lengths[1] == 0:
		return lengths[0] == s.Len()
	case lengths[2] == 0:
		return lengths[0] == s.Height && lengths[1] == s.Width && s.Channels == 1
	}
	return lengths[0] == s.Height && lengths[1] == s.Width && lengths[2] == s.Channels
}

func splitOf(values []float64, meta trained.Metadata) (data.Split, error) {
	split := data.Split{Shape: meta.Shape}
	for i, v := range values {
		if meta.Unscaled {
			if math.Abs(v) > math.MaxFloat32 {
				return split, badRequest("pixels: number %d is %v, too large for float32", i, v)
			}
			split.Floats = append(split.Floats, float32(v))
			continue
		}
		if v < 0 || v > 255 || v != math.Trunc(v) {
			return split, badRequest("pixels: number %d is %v, want a whole one in 0 to 255", i, v)
		}
		split.Images = append(split.Images, uint8(v))
	}
	return split, nil
}

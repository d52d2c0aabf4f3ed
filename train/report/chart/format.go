package chart

import (
	"path/filepath"
	"strings"

	"github.com/pkg/errors"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// Format is a file format for charts.
type Format int

// The formats.
const (
	SVG Format = iota
	PNG        // with 144 pixels per inch
)

// FormatOf returns the format for a file name. It returns an error unless the name ends in .svg or .png.
func FormatOf(path string) (Format, error) {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".svg":
		return SVG, nil
	case ".png":
		return PNG, nil
	}
	return 0, errors.Errorf("chart: file %q, want a name that ends in .svg or .png", path)
}

// canvas returns an empty canvas of the given size, in points.
func (f Format) canvas(width, height vg.Length) vg.CanvasWriterTo {
	if f == PNG {
		return vgimg.PngCanvas{Canvas: vgimg.NewWith(vgimg.UseWH(width, height), vgimg.UseDPI(144))}
	}
	return vgsvg.New(width, height)
}

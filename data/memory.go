package data

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"os"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/pkg/errors"
)

// pictureMemory is the most that one decoded picture may take, in bytes: 134 million pixels of 4 bytes. Tests
// lower it.
var pictureMemory int64 = 512 << 20

// setMemory returns the most that the content of a file or a set may take, in bytes: GOMEMLIMIT if it is set,
// else three quarters of what the system has to give, else 8 GiB. Tests replace it.
var setMemory = func() int64 {
	if limit := debug.SetMemoryLimit(-1); limit < math.MaxInt64 {
		return limit
	}
	if text, err := os.ReadFile("/proc/meminfo"); err == nil {
		_, after, _ := strings.Cut(string(text), "MemAvailable:")
		line, _, _ := strings.Cut(after, "\n")
		kB, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(line), "kB")),
			10, 64)
		if err == nil {
			return kB << 10 / 4 * 3
		}
	}
	return 8 << 30
}

// checkMemory returns an error if a set or a file of some bytes is more than there is memory for.
func checkMemory(bytes float64) error {
	if limit := setMemory(); bytes > float64(limit) {
		return errors.Errorf("%s are more than the %s of memory that there are (GOMEMLIMIT changes the "+
			"limit)", inBytes(bytes), inBytes(float64(limit)))
	}
	return nil
}

// inBytes writes a size: 12 bytes, 3.5 MB.
func inBytes(n float64) string {
	switch {
	case n >= 1e9:
		return fmt.Sprintf("%.4g GB", n/1e9)
	case n >= 1e6:
		return fmt.Sprintf("%.3g MB", n/1e6)
	}
	return fmt.Sprintf("%.0f bytes", n)
}

// decodedSize returns how many bytes a picture takes once it is decoded.
func decodedSize(c image.Config) float64 {
	perPixel := 4.0
	switch c.ColorModel {
	case color.GrayModel:
		perPixel = 1
	case color.Gray16Model:
		perPixel = 2
	case color.YCbCrModel:
		perPixel = 3
	case color.RGBA64Model, color.NRGBA64Model:
		perPixel = 8
	default:
		if _, ok := c.ColorModel.(color.Palette); ok {
			perPixel = 1
		}
	}
	return perPixel * float64(c.Width) * float64(c.Height)
}

package chart_test

import (
	"image"
	"io"
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/hqvit/hqvit/train/report/chart"
)

// Values, counts and names that a caller gets wrong, with some that are right.
var (
	values = rapid.SliceOfN(rapid.SampledFrom([]float64{
		math.NaN(), math.Inf(1), math.Inf(-1), -1e308, 1e308, -1, 0, 1e-300, 0.5, 1, 97}), 0, 5)
	value = rapid.SampledFrom([]float64{math.NaN(), math.Inf(1), -1e308, 1e308, 1e90, -1, 0, 0.5, 1})
	whole = rapid.SampledFrom([]int{math.MinInt, -1, 0, 1, 2, 5, 1 << 20, math.MaxInt})
	text  = rapid.SampledFrom([]string{"", "a", "a\x00\n<&>", "日本語", string(make([]byte, 300)), "\xff\xfe"})
)

func few[T any](t *rapid.T, draw func() T) []T {
	out := make([]T, rapid.IntRange(0, 3).Draw(t, "count"))
	for i := range out {
		out[i] = draw()
	}
	return out
}

var pixels = rapid.SampledFrom([]image.Image{
	nil, image.NewGray(image.Rectangle{}), image.NewGray(image.Rect(0, 0, 1, 7)),
	image.NewNRGBA(image.Rect(-2, 3, 2, 7))})

func sweptPanels(t *rapid.T) []chart.SweptPanel {
	return few(t, func() chart.SweptPanel {
		return chart.SweptPanel{X: text.Draw(t, "x"), Y: text.Draw(t, "name"), Log: rapid.Bool().Draw(t, "log"),
			Percent: rapid.Bool().Draw(t, "percent"),
			Lines: few(t, func() chart.SweptLine {
				return chart.SweptLine{Name: text.Draw(t, "name"), Points: few(t, func() chart.SweptMark {
					return chart.SweptMark{At: value.Draw(t, "at"), Mean: value.Draw(t, "mean"),
						Low: value.Draw(t, "low"), High: value.Draw(t, "high")}
				})}
			})}
	})
}

// charts draws one chart of each exported function from random arguments.
var charts = map[string]func(*rapid.T) error{
	"Curves": func(t *rapid.T) error {
		return chart.Curves(io.Discard, text.Draw(t, "title"), few(t, func() chart.Panel {
			return chart.Panel{Name: text.Draw(t, "name"), Curves: few(t, func() chart.Curve {
				return chart.Curve{Name: text.Draw(t, "name"), Values: values.Draw(t, "values")}
			})}
		}))
	},
	"SeedCurves": func(t *rapid.T) error {
		return chart.SeedCurves(io.Discard, "", text.Draw(t, "y"), few(t, func() chart.SeedCurve {
			return chart.SeedCurve{Name: text.Draw(t, "name"),
				Runs: few(t, func() []float64 { return values.Draw(t, "run") })}
		}))
	},
	"Swept": func(t *rapid.T) error {
		return chart.Swept(io.Discard, text.Draw(t, "title"), text.Draw(t, "x"), text.Draw(t, "zero"),
			rapid.Bool().Draw(t, "at end"), sweptPanels(t))
	},
	"Costs": func(t *rapid.T) error {
		return chart.Costs(io.Discard, text.Draw(t, "title"), text.Draw(t, "zero"), sweptPanels(t))
	},
	"ROC": func(t *rapid.T) error {
		return chart.ROC(io.Discard, text.Draw(t, "title"), few(t, func() chart.ROCCurve {
			return chart.ROCCurve{Name: text.Draw(t, "name"), Area: value.Draw(t, "area"),
				Points: few(t, func() [2]float64 { return [2]float64{value.Draw(t, "x"), value.Draw(t, "y")} })}
		}))
	},
	"Fits": func(t *rapid.T) error {
		return chart.Fits(io.Discard, text.Draw(t, "title"), few(t, func() chart.FitPanel {
			return chart.FitPanel{Name: text.Draw(t, "name"),
				Points: few(t, func() [2]float64 { return [2]float64{value.Draw(t, "x"), value.Draw(t, "y")} })}
		}))
	},
	"Confusion": func(t *rapid.T) error {
		counts := few(t, func() []int { return rapid.SliceOfN(whole, 0, 3).Draw(t, "row") })
		return chart.Confusion(io.Discard, "", counts, rapid.SliceOfN(text, 0, 3).Draw(t, "classes"))
	},
	"ConfusionMap": func(t *rapid.T) error {
		counts := few(t, func() []int { return rapid.SliceOfN(whole, 0, 3).Draw(t, "row") })
		return chart.ConfusionMap(io.Discard, "", counts)
	},
	"Differences": func(t *rapid.T) error {
		return chart.Differences(io.Discard, "", few(t, func() chart.DifferencePanel {
			return chart.DifferencePanel{Name: text.Draw(t, "axis"), Models: few(t, func() chart.Difference {
				d := chart.Difference{Name: text.Draw(t, "name"), Each: values.Draw(t, "each"),
					Mean: value.Draw(t, "mean")}
				if rapid.Bool().Draw(t, "interval") {
					low, high := value.Draw(t, "low"), value.Draw(t, "high")
					d.Low, d.High = &low, &high
				}
				return d
			})}
		}))
	},
	"Sizes": func(t *rapid.T) error {
		return chart.Sizes(io.Discard, "", few(t, func() chart.Point {
			return chart.Point{Name: text.Draw(t, "name"), Parameters: whole.Draw(t, "parameters"),
				Mean: value.Draw(t, "mean"), SD: value.Draw(t, "sd")}
		}))
	},
	"GrowthPanels": func(t *rapid.T) error {
		return chart.GrowthPanels(io.Discard, "", "", few(t, func() chart.GrowthPanel {
			return chart.GrowthPanel{X: text.Draw(t, "x"), Lines: few(t, func() chart.Growth {
				return chart.Growth{Name: "a", First: whole.Draw(t, "first"),
					Values: values.Draw(t, "values")}
			})}
		}))
	},
	"DrawAttention": func(t *rapid.T) error {
		return chart.DrawAttention(io.Discard, chart.SVG, chart.Attention{
			Title: text.Draw(t, "title"), Guess: text.Draw(t, "guess"), Picture: pixels.Draw(t, "picture"),
			Rollout: values.Draw(t, "rollout"), Heads: few(t, func() [][]float64 {
				return few(t, func() []float64 { return values.Draw(t, "map") })
			})})
	},
	"DrawMaps": func(t *rapid.T) error {
		return chart.DrawMaps(io.Discard, chart.SVG, "", rapid.SliceOfN(text, 0, 3).Draw(t, "columns"),
			few(t, func() []chart.Cell {
				return few(t, func() chart.Cell {
					return chart.Cell{Picture: pixels.Draw(t, "picture"), Map: values.Draw(t, "map"),
						Note: text.Draw(t, "note")}
				})
			}))
	},
}

// Whatever the arguments, a chart is drawn or an error says why not: nothing panics or hangs.
func TestAnyArgumentsAreDrawnOrRefused(t *testing.T) {
	for name, draw := range charts {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) { _ = draw(t) })
		})
	}
}

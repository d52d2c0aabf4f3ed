package chart_test

import (
	"encoding/xml"
	"fmt"
	"log"
	"strings"

	"github.com/hqvit/hqvit/train/report/chart"
)

// Loss and accuracy over the epochs, side by side. Beside the lines, the SVG has words for those who do not
// see it.
func ExampleCurves() {
	var svg strings.Builder // or a file
	err := chart.Curves(&svg, "mine, seed 1", []chart.Panel{
		{Name: "loss", Curves: []chart.Curve{
			{Name: "training", Values: []float64{1.9, 0.8, 0.4}},
			{Name: "validation", Values: []float64{1.2, 0.7, 0.5}},
		}},
		{Name: "accuracy, %", Curves: []chart.Curve{{Name: "validation", Values: []float64{61, 78, 84}}}},
	})
	if err != nil {
		log.Fatal(err)
	}
	var words struct {
		Title string `xml:"title"`
		Desc  string `xml:"desc"`
	}
	if err := xml.Unmarshal([]byte(svg.String()), &words); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s\n%s\n", words.Title, words.Desc)
	// Output:
	// mine, seed 1
	// loss and accuracy, % over the epochs.
}

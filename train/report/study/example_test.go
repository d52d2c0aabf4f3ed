package study_test

import (
	"fmt"
	"log"

	"github.com/hqvit/hqvit/train/report/study"
)

// The accuracies of two models from five seeds, the same splits for both: the difference is that of the
// pairs, and its interval says whether it may be chance.
func ExampleMetric_Paired() {
	mine := []float64{0.9120, 0.9085, 0.9142, 0.9101, 0.9117}
	reference := []float64{0.9093, 0.9071, 0.9110, 0.9090, 0.9088}
	d, err := study.Accuracy.Paired("mine", "vit", mine, reference)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(d.Sentence)
	fmt.Println("more than chance:", d.Distinct())
	// Output:
	// mine is 0.23 points above vit over 5 seeds (95 % interval +0.11 to +0.34).
	// more than chance: true
}

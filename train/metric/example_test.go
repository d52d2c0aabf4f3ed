package metric_test

import (
	"fmt"

	"github.com/hqvit/hqvit/train/metric"
)

// Four examples of two classes, of which the last is taken for the other class.
func ExampleClassify() {
	probabilities := []float64{
		0.9, 0.1,
		0.2, 0.8,
		0.6, 0.4,
		0.7, 0.3,
	}
	c, err := metric.Classify(probabilities, []int{0, 1, 0, 1}, 2)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(c.Accuracy, c.BalancedAccuracy, c.AUC, c.Confusion)
	// Output: 0.75 0.75 0.75 [[2 0] [1 1]]
}

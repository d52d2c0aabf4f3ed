package optimizers_test

import (
	"fmt"
	"log"

	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/optimizers"
)

// The rates of a schedule over ten steps.
func ExampleParseSchedule() {
	s, canonical, err := optimizers.ParseSchedule("cosine", optimizers.Schedules())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(canonical)
	for step := range 10 {
		fmt.Printf(" %.2f", s.At(step, 10).Factor)
	}
	fmt.Println()
	// Output: cosine 1.00 0.98 0.90 0.79 0.65 0.50 0.35 0.21 0.10 0.02
}

// An update of one parameter, and the size that its gradient had.
func ExampleClipGlobalNorm() {
	value := tensor.New(tensor.WithShape(2), tensor.WithBacking([]float64{1, 1}))
	grad := tensor.New(tensor.WithShape(2), tensor.WithBacking([]float64{3, 4}))
	params := []optimizers.Param{{Name: "w", Value: value, Grad: grad}}
	norm, err := optimizers.ClipGlobalNorm(params, 1)
	if err != nil {
		log.Fatal(err)
	}
	o, err := optimizers.SGD{}.New(0.5)
	if err != nil {
		log.Fatal(err)
	}
	err = o.Update(params, optimizers.Rates{Factor: 1})
	fmt.Printf("norm %.0f, then %.2f %v\n", norm, value.Data(), err)
	// Output: norm 5, then [0.70 0.60] <nil>
}

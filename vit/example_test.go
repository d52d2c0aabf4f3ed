package vit_test

import (
	"fmt"
	"log"

	"github.com/hqvit/hqvit/vit"
)

// A built-in model with another score, and the ViT that has as many parameters.
func ExampleModify() {
	c, err := vit.Named("hqvit")
	if err != nil {
		log.Fatal(err)
	}
	for _, changes := range [][]string{nil, {"cosine"}, {"cosine", "mean"}, {"matched"}} {
		changed, _, err := vit.Modify(c, changes...)
		if err != nil {
			log.Fatal(err)
		}
		all, quantum, err := vit.Parameters(changed)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s: %d parameters, %d angles\n", changed.Name(), all, quantum)
	}
	// Output:
	// hqvit: 60818 parameters, 128 angles
	// hqvit:cosine: 77330 parameters, 0 angles
	// hqvit:cosine:mean: 67730 parameters, 0 angles
	// vit-matched: 60810 parameters, 0 angles
}

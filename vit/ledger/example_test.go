package ledger_test

import (
	"fmt"
	"log"

	"github.com/hqvit/hqvit/vit"
	"github.com/hqvit/hqvit/vit/ledger"
)

// What the attention of the paper's model takes on a device.
func ExampleOf() {
	c, err := vit.Named("hqvit-paper")
	if err != nil {
		log.Fatal(err)
	}
	l, err := ledger.Of(c, ledger.Precision{Absolute: 0.01, Relative: 0.1})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%d qubits, %d angles\n", l.Qubits.Total, l.Angles.Query+l.Angles.Key)
	// Output: 21 qubits, 24 angles
}

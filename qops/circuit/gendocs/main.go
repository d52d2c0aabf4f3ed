// Command gendocs writes the gate reference page to the file given as its argument.
package main

import (
	"bytes"
	"log"
	"os"

	"github.com/hqvit/hqvit/qops/circuit"
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: gendocs FILE")
	}
	var page bytes.Buffer
	if err := circuit.WriteTable(&page); err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(os.Args[1], page.Bytes(), 0o644); err != nil {
		log.Fatal(err)
	}
}

package circuit_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/qops/circuit"
)

// TestPageOfChannels compares the table of channels in docs/devices.md with the rows.
//
//	go test ./qops/circuit -run Page -update
func TestPageOfChannels(t *testing.T) {
	const file, begin, end = "../../docs/devices.md", "<!-- channels -->\n", "<!-- end of channels -->"
	page, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(page), begin)
	old, after, ended := strings.Cut(rest, end)
	if !found || !ended {
		t.Fatalf("%s has no %q and %q", file, begin, end)
	}
	var table strings.Builder
	table.WriteString("| channel | numbers | qubits | what it is |\n|---|---|---|---|\n")
	for _, c := range circuit.Channels() {
		fmt.Fprintf(&table, "| %s | %s | %d | %s |\n", c.Name, strings.Join(c.Params, ", "), c.Qubits, c.Help)
	}
	switch got := table.String(); {
	case got == old:
	case flag.Lookup("update").Value.String() == "true":
		if err := os.WriteFile(file, []byte(before+begin+got+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("%s differs; go test ./qops/circuit -run Page -update writes it again. Got\n%s", file, got)
	}
}

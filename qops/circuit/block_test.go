package circuit_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/qops/circuit"
)

// TestBlocks: the edges of what depends on a condition look like no barrier, and qubits that only they and
// barriers touch are idle.
func TestBlocks(t *testing.T) {
	x := instructions(circuit.New(4).X(0).X(1))
	on := &circuit.Condition{Bits: []int{0}, Value: 1}
	d := &circuit.Dynamic{QubitRegisters: []circuit.Register{{Name: "q", Size: 4}},
		BitRegisters: []circuit.Register{{Name: "c", Size: 1, Single: true}},
		Body: []circuit.Instruction{does(circuit.Barrier, 1, []int{0, 1, 3}, nil),
			{Kind: circuit.Branch, When: on, Then: x, Else: x[:1]},
			{Kind: circuit.Repeat, When: on, Then: x[1:]}, does(circuit.Barrier, 1, []int{3}, nil)}}
	for _, tc := range []struct {
		o    circuit.DrawOptions
		want string
	}{
		{circuit.DrawOptions{}, `
q[0]: ─░──────┣──────┤X├───╋────┤X├───┫─────────┣──────────────┫─────
              ┃            ┃          ┃         ┃              ┃
q[1]: ─░──────┣──────┤X├───╋──────────┫─────────┣────────┤X├───┫─────
              ┃            ┃          ┃         ┃              ┃
q[2]: ────────┣────────────╋──────────┫─────────┣──────────────┫─────
              ┃            ┃          ┃         ┃              ┃
q[3]: ─░──────┣────────────╋──────────┫─────────┣──────────────┫───░─
              ┃            ┃          ┃         ┃              ┃
c:    ═══┤if c == 1├═════┤else├═════┤end├═┤while c == 1├═════┤end├═══
`},
		{circuit.DrawOptions{ASCII: true, OmitIdle: true}, `
q[0]: -!------{------[X]---}{---[X]---}---------{--------------}---

q[1]: -!------{------[X]---}{---------}---------{--------[X]---}---

c:    ===[if c == 1]=====[else]=====[end]=[while c == 1]=====[end]=
`},
	} {
		if tc.o.OmitIdle {
			d.Body = d.Body[:3]
		}
		if got := "\n" + d.Draw(tc.o); got != tc.want {
			t.Errorf("%+v: got%s\nwant%s", tc.o, got, tc.want)
		}
	}
	var picture bytes.Buffer
	if err := d.WriteSVG(&picture, circuit.DrawOptions{OmitIdle: true}); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]int{`class="edge"`: 5, `class="box block"`: 5, "stroke-dasharray": 2,
		"q[2]–q[3]: no gates, not drawn": 1} {
		if n := strings.Count(picture.String(), text); n != want {
			t.Errorf("%d times %s in the SVG, want %d", n, text, want)
		}
	}
}

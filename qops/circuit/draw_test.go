package circuit_test

import (
	"bytes"
	"encoding/xml"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/qops/circuit"
)

var drawings = map[string]func() *circuit.Circuit{
	"mixed": mixed, "table": tableCircuit, "swaptest": attention}

func TestDrawings(t *testing.T) {
	for name, make := range drawings {
		if name != "table" { // see TestGenerated
			checkDrawing(t, name, make())
		}
	}
}

// checkDrawing compares the three forms of a drawing with their files.
func checkDrawing(t *testing.T, name string, c *circuit.Circuit) {
	t.Helper()
	golden(t, "testdata/"+name+".txt", c.Draw(circuit.DrawOptions{Width: 110}))
	golden(t, "testdata/"+name+"-ascii.txt", c.Draw(circuit.DrawOptions{Width: 110, ASCII: true}))
	var svg bytes.Buffer
	if err := c.WriteSVG(&svg, circuit.DrawOptions{Width: 1000}); err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/"+name+".svg", svg.String())
}

// A drawing with registers, learned angles and no idle qubits: an angle with a number keeps the colour of a
// trained one, and gates stand on the lines of their qubits.
func TestDrawingOfLearnedAngles(t *testing.T) {
	c := circuit.New(6).H(0).RY(2, circuit.Theta(0)).RX(5, circuit.Const(0.5)).CX(2, 5).CX(0, 2)
	o := circuit.DrawOptions{Theta: []float64{-1.25}, OmitIdle: true, Title: "learned", Width: 600,
		Registers: []string{"ancilla", "data", "data", "data", "other", "key"}}
	golden(t, "testdata/learned.txt", c.Draw(o))
	var svg bytes.Buffer
	if err := c.WriteSVG(&svg, o); err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/learned.svg", svg.String())
	for text, want := range map[string]int{`class="box theta"`: 1, "RY(-1.25)": 1, "<title>ry(-1.25)<": 1,
		">q1 data: no gates": 1,
		">q3 data: no gates": 1, ">q4 other: no gates": 1, `class="band`: 3, `class="qubit"`: 3} {
		if n := strings.Count(svg.String(), text); n != want {
			t.Errorf("%d times %s, want %d", n, text, want)
		}
	}
	o.Theta = []float64{}
	if err := c.WriteSVG(&svg, o); err == nil || !strings.Contains(err.Error(), "want 1 theta") ||
		c.Draw(o) != err.Error()+"\n" {
		t.Errorf("too few angles: %v; %s", err, c.Draw(o))
	}
	if text := circuit.New(2).Draw(circuit.DrawOptions{OmitIdle: true}); strings.Count(text, "q") != 2 {
		t.Errorf("a circuit without gates is drawn as %q", text)
	}
}

// TestDrawingLaws checks on every drawing that a row is as wide as asked, that all lines of qubits in it end
// together, and that ASCII is ASCII.
func TestDrawingLaws(t *testing.T) {
	for name, make := range drawings {
		for _, o := range []circuit.DrawOptions{{}, {Width: 60}, {Width: 60, ASCII: true}, {Width: 1}} {
			text := make().Draw(o)
			for _, row := range strings.Split(text, "\n\n") {
				width := 0
				for line := range strings.SplitSeq(strings.TrimSuffix(row, "\n"), "\n") {
					n := utf8.RuneCountInString(line)
					if strings.HasPrefix(line, "q") && width != 0 && n != width {
						t.Errorf("%s %+v: a line of %d characters beside one of %d", name, o, n, width)
					}
					if strings.HasPrefix(line, "q") {
						width = n
					}
					if o.ASCII && len(line) != n {
						t.Errorf("%s: not ASCII: %s", name, line)
					}
				}
				if o.Width == 60 && width > 60 {
					t.Errorf("%s %+v: %d characters wide", name, o, width)
				}
			}
		}
	}
}

// TestSVG checks that pictures are XML that names nothing outside, and that their text is escaped.
func TestSVG(t *testing.T) {
	odd, err := circuit.NewGate(circuit.GateSpec{Name: `]]>`, Symbol: `<a href="x">&`, Qubits: 1,
		Definition: circuit.New(1).X(0)})
	if err != nil {
		t.Fatal(err)
	}
	c := circuit.New(1).Add(odd, nil, 0)
	for _, make := range append([]func() *circuit.Circuit{func() *circuit.Circuit { return c }}, mixed,
		tableCircuit, attention) {
		var out bytes.Buffer
		if err := make().WriteSVG(&out, circuit.DrawOptions{}); err != nil {
			t.Fatal(err)
		}
		for _, bad := range []string{"href", "<script", "url(", "@import"} {
			if text := strings.ReplaceAll(out.String(), `&lt;a href=`, ""); strings.Contains(text, bad) {
				t.Errorf("the picture has %s", bad)
			}
		}
		d := xml.NewDecoder(&out)
		for {
			if _, err := d.Token(); err == io.EOF {
				break
			} else if err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestDrawingErrors(t *testing.T) {
	broken := circuit.New(2).CX(0, 7)
	want := "circuit: cx: qubit 7 out of range [0,2) (the 1st operation)\n"
	if got := broken.String(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if err := broken.WriteSVG(io.Discard, circuit.DrawOptions{}); err == nil {
		t.Error("a picture of a circuit with errors")
	}
	if err := mixed().WriteSVG(full{}, circuit.DrawOptions{}); err == nil || err.Error() != "disk full" {
		t.Errorf("got %v, want the error of the writer", err)
	}
	if got, want := circuit.New(1).String(), "q0: ─\n"; got != want {
		t.Errorf("the empty circuit: got %q, want %q", got, want)
	}
}

// full is a writer that fails.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("disk full") }

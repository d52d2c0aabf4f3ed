package serve

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"

	"github.com/hqvit/hqvit/qlayer"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/circuit/qasm"
)

// circuitInfo is the circuit of a head, with its learned angles.
type circuitInfo struct {
	Model      string            `json:"model"`
	Block      int               `json:"block"`
	Head       int               `json:"head"`
	Legend     string            `json:"legend"` // what the qubits are
	Angles     []float64         `json:"angles"` // in radians
	Resources  circuit.Resources `json:"resources"`
	Operations []operation       `json:"operations"`
	QASM       string            `json:"qasm"` // in OpenQASM 3
}

// operation is a gate at its place.
type operation struct {
	Gate     string    `json:"gate"`
	Controls []int     `json:"controls,omitempty"`
	Qubits   []int     `json:"qubits"`
	Angles   []float64 `json:"angles,omitempty"`
}

// circuit answers with the circuit of a head: as JSON, as a picture or as a program.
func (s *Server) circuit(w http.ResponseWriter, r *http.Request) error {
	m, err := s.find(r)
	if err != nil {
		return err
	}
	format, err := formatOf(r, "json", "svg", "qasm")
	if err != nil {
		return err
	}
	f, block, head, err := m.figure(r)
	if err != nil {
		return err
	}
	theta, err := f.Theta(m.base.Store(), head)
	if err != nil {
		return err
	}
	if format == "svg" {
		return writeSVG(w, func(b *bytes.Buffer) error {
			o := f.Drawing(theta)
			o.Width, o.Title = 1200, fmt.Sprintf("%s: block %d, head %d", m.id, block, head)
			return f.Circuit.WriteSVG(b, o)
		})
	}
	bound := f.Circuit.Bind(theta, nil)
	var program bytes.Buffer
	if err := qasm.Write(&program, bound, 3); err != nil {
		return err
	}
	if format == "qasm" {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Write(program.Bytes())
		return nil
	}
	info := circuitInfo{Model: m.id, Block: block, Head: head, Legend: f.Legend(), Angles: theta,
		Resources: f.Circuit.Resources(), QASM: program.String()}
	for _, g := range bound.Operations() {
		o := operation{Gate: g.Gate.Name(), Controls: g.Controls, Qubits: g.Qubits}
		for _, a := range g.Angles {
			o.Angles = append(o.Angles, a.Value(nil, nil))
		}
		info.Operations = append(info.Operations, o)
	}
	writeJSON(w, http.StatusOK, info)
	return nil
}

// figure returns the circuit of the block and head that a request names, the first ones unless it does.
func (m *served) figure(r *http.Request) (f qlayer.Figure, block, head int, err error) {
	if len(m.figures) == 0 {
		return f, 0, 0, failure(http.StatusUnprocessableEntity, "model %s has no quantum attention", m.id)
	}
	if block, err = indexOf(r, "block", len(m.figures)); err != nil {
		return f, 0, 0, err
	}
	head, err = indexOf(r, "head", m.figures[block].Heads)
	return m.figures[block], block, head, err
}

// indexOf returns a whole number in [0,n) that a request has as a parameter, 0 unless it does.
func indexOf(r *http.Request, name string, n int) (int, error) {
	text := r.URL.Query().Get(name)
	if text == "" {
		return 0, nil
	}
	i, err := strconv.Atoi(text)
	if err != nil || i < 0 || i >= n {
		return 0, badRequest("%s is %.40q, want a whole number from 0 to %d", name, text, n-1)
	}
	return i, nil
}

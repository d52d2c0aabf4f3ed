package serve

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"net/http"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/train/report/chart"
	"github.com/hqvit/hqvit/vit"
)

// attention is what a model attends to in a picture.
type attention struct {
	prediction
	Seen    []byte           `json:"seen"`              // the picture as the model sees it, a PNG
	Side    int              `json:"side"`              // patches in a row and in a column; 0 without maps
	Rollout []float64        `json:"rollout,omitempty"` // of all blocks, see train.AttentionMaps
	Blocks  []blockAttention `json:"blocks"`            // none for a model without attention
}

// blockAttention is that of a block: of each head the map of the attention that patches get, as multiples of
// an even share, the coefficients (T, T), and the state that its circuits compare.
type blockAttention struct {
	Maps         [][]float64   `json:"maps,omitempty"` // [head]
	Coefficients [][][]float64 `json:"coefficients,omitempty"`
	States       [][][]float64 `json:"states,omitempty"` // probabilities [head][index][data]
}

// attention answers with the attention in a picture: as JSON, or drawn as hqvit explain does.
func (s *Server) attention(w http.ResponseWriter, r *http.Request) error {
	m, err := s.find(r)
	if err != nil {
		return err
	}
	chosen, draw, err := m.chosen(r)
	if err != nil {
		return err
	}
	format, err := formatOf(r, "json", "svg")
	if err != nil {
		return err
	}
	p, err := s.picture(r, m.base.Model)
	if err != nil {
		return err
	}
	o, release, err := m.with(r.Context(), chosen, s.limits)
	if err != nil {
		return err
	}
	defer release()
	seen, err := o.look(r.Context(), p.Split, draw)
	if err != nil {
		return err
	}
	s.metrics.attentions.Add(1)
	a := attention{prediction: m.prediction(p, seen.Probabilities), Blocks: []blockAttention{}}
	a.Setting, a.Draw = m.said(chosen), draw
	meta := m.base.Metadata()
	images, err := meta.Transform().Apply(p.Split)
	if err != nil {
		return err
	}
	picture, err := images.Picture(0)
	if err != nil {
		return err
	}
	if len(seen.Blocks) == 0 {
		if format == "svg" {
			return failure(http.StatusUnprocessableEntity, "model %s has no attention", m.id)
		}
		return a.write(w, m, seen, nil, picture)
	}
	maps, err := train.Maps(seen.Blocks, meta.Config.Pooling == vit.PoolFirstToken)
	if err != nil {
		return err
	}
	if format == "svg" {
		return writeSVG(w, func(b *bytes.Buffer) error {
			return chart.DrawAttention(b, chart.SVG, chart.Attention{
				Title:   fmt.Sprintf("%s on %s", meta.Model, meta.Data),
				Guess:   fmt.Sprintf("%s, %.1f %%", a.Class, 100*a.Probability),
				Picture: picture, Rollout: maps.Rollout, Heads: maps.Heads,
			})
		})
	}
	return a.write(w, m, seen, maps, picture)
}

// said returns the setting that was asked for, or that of the model; nil if none says it.
func (m *served) said(chosen *setting) *setting {
	if own, ok := m.own(); chosen == nil && ok {
		return &own
	}
	return chosen
}

// write answers with the attention as JSON.
func (a attention) write(w http.ResponseWriter, m *served, seen *train.ImageAttention,
	maps *train.AttentionMaps, picture image.Image) error {
	var file bytes.Buffer
	if err := png.Encode(&file, picture); err != nil {
		return errors.WithStack(err)
	}
	a.Seen = file.Bytes()
	if maps != nil {
		a.Rollout = maps.Rollout
		for a.Side*a.Side < len(a.Rollout) {
			a.Side++
		}
	}
	for i, b := range seen.Blocks {
		block := blockAttention{Maps: maps.Heads[i]}
		for h := range b.Heads {
			size := b.Tokens * b.Tokens
			block.Coefficients = append(block.Coefficients, rowsOf(b.Coefficients[h*size:(h+1)*size], b.Tokens))
			if state := m.state(i, b, h); state != nil {
				block.States = append(block.States, state)
			}
		}
		a.Blocks = append(a.Blocks, block)
	}
	writeJSON(w, http.StatusOK, a)
	return nil
}

// rowsOf cuts a matrix with that many columns into its rows.
func rowsOf(values []float64, columns int) (rows [][]float64) {
	for at := 0; at < len(values); at += columns {
		rows = append(rows, values[at:at+columns])
	}
	return rows
}

// state returns the probabilities of the basis states |index⟩|data⟩ of the image as a head's circuits get
// it, before their gates: the squares of its columns of all tokens, which together have the sum 1. Nil if
// the head has no circuit of these registers.
func (m *served) state(block int, b train.BlockAttention, head int) [][]float64 {
	if block >= len(m.figures) || len(b.Input)%(b.Tokens*b.Heads) != 0 || len(b.Input) == 0 {
		return nil
	}
	index, qubits := 0, 0
	for _, register := range m.figures[block].Registers {
		switch register.Name {
		case "index of the query":
			index = register.Qubits
		case "data", "data of the query":
			qubits = register.Qubits
		}
	}
	columns := len(b.Input) / b.Tokens
	width := columns / b.Heads
	if qubits == 0 || width > 1<<qubits || b.Tokens > 1<<index {
		return nil
	}
	state, sum := make([][]float64, 1<<index), 0.0
	for i := range state {
		state[i] = make([]float64, 1<<qubits)
		if i >= b.Tokens {
			continue
		}
		for j := range width {
			v := b.Input[i*columns+head*width+j]
			state[i][j] = v * v
			sum += v * v
		}
	}
	for _, row := range state {
		for j := range row {
			if sum > 0 {
				row[j] /= sum
			}
		}
	}
	return state
}

// formatOf returns the format that a request asks for, the first one unless it does.
func formatOf(r *http.Request, formats ...string) (string, error) {
	format := r.URL.Query().Get("format")
	if format == "" {
		return formats[0], nil
	}
	for _, f := range formats {
		if f == format {
			return f, nil
		}
	}
	return "", badRequest("format is %.40q, want one of %v", format, formats)
}

// writeSVG answers with a picture.
func writeSVG(w http.ResponseWriter, draw func(*bytes.Buffer) error) error {
	var b bytes.Buffer
	if err := draw(&b); err != nil {
		return err
	}
	w.Header().Set("Content-Security-Policy", filePolicy)
	w.Header().Set("Content-Type", "image/svg+xml")
	w.Write(b.Bytes())
	return nil
}

package rundir

import (
	"encoding/csv"
	"encoding/json"
	"io"
	"math"
	"strconv"

	"github.com/hqvit/hqvit/internal/atomicfile"
	"github.com/hqvit/hqvit/train/metric"
)

// Row is what is recorded of one epoch: a row of metrics.csv. All rows of a run have the same columns.
type Row struct {
	Epoch   int     // from 1
	Seconds float64 // of the epoch
	Cells   []Cell
}

// Cell is one number of a Row.
type Cell struct {
	Name  string
	Value float64 // NaN: there is none, an empty cell
	// Format and Digits are those of strconv.FormatFloat in metrics.csv.
	Format byte
	Digits int
}

// General returns a cell with eight significant digits.
func General(name string, value float64) Cell { return Cell{name, value, 'g', 8} }

// Fixed returns a cell with that many decimals.
func Fixed(name string, value float64, decimals int) Cell { return Cell{name, value, 'f', decimals} }

func (c Cell) text() string {
	if math.IsNaN(c.Value) {
		return ""
	}
	return strconv.FormatFloat(c.Value, c.Format, c.Digits, 64)
}

// SaveCSV writes the rows as comma-separated values with a header.
func SaveCSV(path string, rows []Row) error {
	return atomicfile.Write(path, func(w io.Writer) error {
		table := csv.NewWriter(w)
		for i, row := range rows {
			var names, texts []string
			for _, c := range row.Cells {
				names, texts = append(names, c.Name), append(texts, c.text())
			}
			if i == 0 {
				table.Write(names)
			}
			table.Write(texts)
		}
		table.Flush()
		return table.Error()
	})
}

// SaveLines writes each row as a line of JSON with the columns as keys; null is a value that there is none
// of.
func SaveLines(path string, rows []Row) error {
	return atomicfile.Write(path, func(w io.Writer) error {
		encoder := json.NewEncoder(w)
		for _, row := range rows {
			line := map[string]metric.Number{}
			for _, c := range row.Cells {
				line[c.Name] = metric.Number(c.Value)
			}
			if err := encoder.Encode(line); err != nil {
				return err
			}
		}
		return nil
	})
}

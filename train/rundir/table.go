package rundir

import (
	"encoding/csv"
	"encoding/json"
	"io"
	"math"
	"path/filepath"
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
	Name     string
	Value    float64 // NaN: there is none, an empty cell
	Decimals int     // in metrics.csv; 0: eight significant digits
}

func (c Cell) text() string {
	switch {
	case math.IsNaN(c.Value):
		return ""
	case c.Decimals > 0:
		return strconv.FormatFloat(c.Value, 'f', c.Decimals, 64)
	}
	return strconv.FormatFloat(c.Value, 'g', 8, 64)
}

// SaveMetrics writes the rows of a run into its directory: as comma-separated values, as lines of JSON and as
// what TensorBoard reads.
func SaveMetrics(dir string, rows []Row) error {
	for name, write := range map[string]func(io.Writer, []Row) error{
		MetricsFile: writeCSV, LinesFile: writeLines, EventsFile: writeEvents,
	} {
		err := atomicfile.Write(filepath.Join(dir, name), func(w io.Writer) error { return write(w, rows) })
		if err != nil {
			return err
		}
	}
	return nil
}

// writeCSV writes comma-separated values with a header.
func writeCSV(w io.Writer, rows []Row) error {
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
}

// writeLines writes each row as a line of JSON with the columns as keys; null is a value that there is none
// of.
func writeLines(w io.Writer, rows []Row) error {
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
}

package cli

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/atomicfile"
)

// save writes the log of all runs so far, and behind them those of an earlier call that come again.
func (s *search) save() error {
	return atomicfile.Write(filepath.Join(s.out, searchLog), func(w io.Writer) error {
		out := csv.NewWriter(w)
		header := []string{"rung", "trial", "epochs"}
		for _, d := range s.space {
			header = append(header, d.key)
		}
		lines := [][]string{append(header, "val_"+s.measure(), "val_loss", "best_epoch", "seconds", "failed")}
		for _, t := range s.trials {
			line := []string{strconv.Itoa(t.rung), strconv.Itoa(t.number), strconv.Itoa(t.epochs)}
			line = append(line, t.values...)
			if t.why == "" {
				line = append(line, t.score.Text("%.6g"), t.loss.Text("%.6g"), strconv.Itoa(t.best),
					strconv.FormatFloat(t.seconds, 'f', 1, 64), "")
			} else {
				line = append(line, "", "", "", "", t.why)
			}
			lines = append(lines, line)
		}
		for _, t := range s.before {
			if !slices.ContainsFunc(s.trials, func(own *trial) bool { return own.place() == t.place() }) {
				lines = append(lines, t.line)
			}
		}
		return out.WriteAll(lines)
	})
}

// place tells a run from the others of a search.
func (t *trial) place() [2]int { return [2]int{t.epochs, t.number} }

// otherSearch is the error for a directory of a search that is not this one. Its files stay as they are.
func (s *search) otherSearch(why string) error {
	return errors.Errorf("%s holds another search: %s; want another --out, or the command of that search",
		s.out, why)
}

// readLog returns the runs of an earlier call; none without a log. It returns an error for the log of a
// search over other keys.
func (s *search) readLog() ([]*trial, error) {
	path := filepath.Join(s.out, searchLog)
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, errors.WithStack(err)
	}
	lines, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil || len(lines) == 0 || len(lines[0]) < 8 {
		return nil, errors.Errorf("%s is not the log of a search (%v): move it away", path, err)
	}
	var keys []string
	for _, d := range s.space {
		keys = append(keys, d.key)
	}
	if own := lines[0][3 : len(lines[0])-5]; !slices.Equal(own, keys) {
		return nil, s.otherSearch(fmt.Sprintf("over %s, not %s", strings.Join(own, ", "), strings.Join(keys, ", ")))
	}
	var earlier []*trial
	for _, line := range lines[1:] {
		t := &trial{values: line[3 : len(line)-5], why: line[len(line)-1], line: line}
		for _, field := range []struct {
			to   *int
			text string
		}{{&t.rung, line[0]}, {&t.number, line[1]}, {&t.epochs, line[2]}} {
			if *field.to, err = strconv.Atoi(field.text); err != nil {
				return nil, errors.Wrap(err, path)
			}
		}
		earlier = append(earlier, t)
	}
	return earlier, nil
}

package serve

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"math"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/train/metric"
	"github.com/hqvit/hqvit/train/report/chart"
	"github.com/hqvit/hqvit/train/report/study"
	"github.com/hqvit/hqvit/train/rundir"
)

// runs are the runs and studies in a directory. Nothing is written there, and nothing but their own files is
// read: a request names one of those that a search has found, by its path below the directory.
type runs struct {
	dir  string
	root *os.Root // through which files are read: a link cannot lead out of it
}

func openRuns(dir string) (*runs, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, errors.Errorf("serve: no directory %s with runs: %v", dir, err)
	}
	return &runs{dir, root}, nil
}

func (d *runs) close() { d.root.Close() }

// The states of a run.
const (
	running  = "running"
	finished = "finished"
	stopped  = "stopped" // before its end
)

// runInfo is what the list of runs says of one.
type runInfo struct {
	ID           string        `json:"id"` // its path below the directory
	State        string        `json:"state"`
	Model        string        `json:"model"`
	Data         string        `json:"data"`
	Seed         uint64        `json:"seed"`
	Epoch        int           `json:"epoch"`  // that has ended
	Epochs       int           `json:"epochs"` // that it is to have
	ValAccuracy  metric.Number `json:"val_accuracy"`
	TestAccuracy metric.Number `json:"test_accuracy"`
	Updated      time.Time     `json:"updated"`
}

// studyInfo is what the list says of a study.
type studyInfo struct {
	ID     string   `json:"id"`
	Title  string   `json:"title,omitempty"`
	Models []string `json:"models"`
	Report bool     `json:"report"` // whether there is a page, at /report?id=ID
}

type runList struct {
	Dir     string      `json:"dir"`
	Runs    []runInfo   `json:"runs"`
	Studies []studyInfo `json:"studies"`
}

func (s *Server) listRuns(*http.Request) (runList, error) {
	d, err := s.shownRuns()
	if err != nil {
		return runList{}, err
	}
	list := runList{Dir: d.dir, Runs: []runInfo{}, Studies: []studyInfo{}}
	for _, id := range d.find() {
		list.Runs = append(list.Runs, d.info(id))
	}
	slices.SortStableFunc(list.Runs, func(a, b runInfo) int { return b.Updated.Compare(a.Updated) })
	for _, id := range d.findStudies() {
		list.Studies = append(list.Studies, d.study(id))
	}
	return list, nil
}

// asked returns the run or study that a request names, one of those that list finds.
func (s *Server) asked(r *http.Request, what string, list func(*runs) []string) (d *runs, id string,
	err error) {
	if d, err = s.shownRuns(); err != nil {
		return nil, "", err
	}
	id = r.URL.Query().Get("id")
	if !slices.Contains(list(d), id) {
		return nil, "", notFound("no %s %.200q in %s", what, id, d.dir)
	}
	return d, id, nil
}

func (s *Server) shownRuns() (*runs, error) {
	if s.runs == nil {
		return nil, notFound("no runs are shown; hqvit serve --runs DIR shows those of a directory")
	}
	return s.runs, nil
}

// find returns the paths of the runs, with slashes.
func (d *runs) find() (ids []string) {
	for _, dir := range rundir.Find(d.dir) {
		if id, err := filepath.Rel(d.dir, dir); err == nil {
			ids = append(ids, filepath.ToSlash(id))
		}
	}
	return ids
}

// findStudies returns the paths of directories with the results of a study: the directory itself, those in
// it and those in these, of very many the first.
func (d *runs) findStudies() (ids []string) {
	const depth, most = 2, 500
	seen := 0
	fs.WalkDir(d.root.FS(), ".", func(id string, e fs.DirEntry, err error) error {
		if err != nil || !e.IsDir() {
			return nil
		}
		if seen++; seen > most {
			return fs.SkipAll
		}
		if d.has(path.Join(id, study.ResultsFile)) {
			ids = append(ids, id)
			return fs.SkipDir
		}
		if id != "." && (strings.HasPrefix(e.Name(), ".") || strings.Count(id, "/") >= depth-1) {
			return fs.SkipDir
		}
		return nil
	})
	return ids
}

// has reports whether there is a regular file.
func (d *runs) has(name string) bool {
	info, err := d.root.Stat(name)
	return err == nil && info.Mode().IsRegular()
}

// scalars matches the lines of a config.yaml that the list of runs shows. The rest is not parsed: the depth
// of YAML and its aliases can take any time and memory, and the file may be anybody's.
var scalars = regexp.MustCompile(`(?m)^(model|data|seed|epochs):[ \t].{0,500}$`)

// shownRecipe is what scalars matches.
type shownRecipe struct {
	Model, Data string
	Seed        uint64
	Epochs      int
}

// readScalars reads those lines of a config.yaml below a root.
func readScalars(root *os.Root, name string) (c shownRecipe, err error) {
	text, err := rundir.ReadConfigIn(root, name)
	if err != nil {
		return c, err
	}
	err = yaml.Unmarshal(bytes.Join(scalars.FindAll(text, 4), []byte("\n")), &c)
	return c, errors.WithStack(err)
}

// info returns what the files of a run say; what cannot be read stays empty.
func (d *runs) info(id string) runInfo {
	r := runInfo{ID: id, State: stopped, ValAccuracy: metric.None(), TestAccuracy: metric.None()}
	if c, err := readScalars(d.root, path.Join(id, rundir.ConfigFile)); err == nil {
		r.Model, r.Data, r.Seed, r.Epochs = c.Model, c.Data, c.Seed, c.Epochs
	}
	rows, updated, err := d.rows(id)
	if err == nil && len(rows) > 0 {
		r.Epoch, r.ValAccuracy, r.Updated = len(rows), rows[len(rows)-1].get("val_accuracy"), updated
	}
	var s train.Summary
	if rundir.ReadJSONIn(d.root, path.Join(id, rundir.SummaryFile), "resume the run", &s) == nil {
		r.State, r.Epochs, r.Model, r.Data, r.Seed = finished, s.Epochs, s.Model, s.Data, s.Seed
		r.ValAccuracy, r.TestAccuracy = s.ValAccuracy, s.TestAccuracy
	}
	if rundir.Busy(d.root, id) {
		r.State = running
	}
	return r
}

// row is a line of a run's history.
type row map[string]metric.Number

func (r row) get(name string) metric.Number {
	if v, ok := r[name]; ok {
		return v
	}
	return metric.None()
}

// longest bounds the file of a history, in bytes.
const longest = 32 << 20

// rows returns the history of a run, and when it was written.
func (d *runs) rows(id string) (rows []row, updated time.Time, err error) {
	f, info, err := rundir.OpenIn(d.root, path.Join(id, rundir.LinesFile))
	if err != nil {
		return nil, updated, err
	}
	defer f.Close()
	if info.Size() > longest {
		return nil, updated, errors.Errorf("%s of %s is too large", rundir.LinesFile, id)
	}
	lines := bufio.NewScanner(io.LimitReader(f, info.Size())) // it may be growing
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		r := row{}
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			return nil, updated, errors.Errorf("%s of %s is damaged: %v", rundir.LinesFile, id, err)
		}
		rows = append(rows, r)
	}
	return rows, info.ModTime(), lines.Err()
}

// historyOf is a run with its history.
type historyOf struct {
	runInfo
	Rows []row `json:"rows"` // of each epoch, by the columns of metrics.csv
}

func (s *Server) history(r *http.Request) (historyOf, error) {
	d, id, err := s.asked(r, "run", (*runs).find)
	if err != nil {
		return historyOf{}, err
	}
	h := historyOf{runInfo: d.info(id), Rows: []row{}}
	if rows, _, err := d.rows(id); err == nil && rows != nil {
		h.Rows = rows
	}
	return h, nil
}

// curves answers with loss and accuracy of a run over its epochs so far.
func (s *Server) curves(w http.ResponseWriter, r *http.Request) error {
	d, id, err := s.asked(r, "run", (*runs).find)
	if err != nil {
		return err
	}
	rows, _, err := d.rows(id)
	if err != nil || len(rows) == 0 {
		return notFound("run %s has no epoch yet", id)
	}
	var panels []chart.Panel
	for _, name := range []string{"loss", "accuracy"} {
		panel := chart.Panel{Name: name}
		for _, c := range []chart.Curve{{Name: "training", Values: column(rows, "train_"+name)},
			{Name: "validation", Values: column(rows, "val_"+name)}} {
			if slices.ContainsFunc(c.Values, drawable) {
				panel.Curves = append(panel.Curves, c)
			}
		}
		if panel.Curves != nil {
			panels = append(panels, panel)
		}
	}
	if panels == nil {
		return notFound("run %s has no curves: none of its %d epochs has a finite loss or accuracy", id, len(rows))
	}
	info := d.info(id)
	title := fmt.Sprintf("%s on %s, seed %d", info.Model, info.Data, info.Seed)
	return writeSVG(w, func(b *bytes.Buffer) error { return chart.Curves(b, title, panels) })
}

// drawable reports whether the chart has a place for a value.
func drawable(v float64) bool { return math.Abs(v) < 1e100 }

func column(rows []row, name string) (values []float64) {
	for _, r := range rows {
		values = append(values, float64(r.get(name)))
	}
	return values
}

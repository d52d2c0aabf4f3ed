package study

import (
	"bytes"
	"fmt"
	"html"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/words"
	"github.com/hqvit/hqvit/train/report/chart"
	"github.com/hqvit/hqvit/train/rundir"
)

// The files that WritePage writes beside a results.json, together with charts.
const (
	DetailsFile = "README.md"
	RecipesDir  = "recipes"
)

// Find returns the directories that hold a results.json: dir itself, or else those directly in it, by name.
// It returns an error if there is no such directory.
func Find(dir string) ([]string, error) {
	isStudy := func(dir string) bool {
		_, err := os.Stat(filepath.Join(dir, ResultsFile))
		return err == nil
	}
	if isStudy(dir) {
		return []string{dir}, nil
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, errors.Wrap(err, "study")
	}
	var dirs []string
	for _, e := range entries { // sorted by name
		if path := filepath.Join(dir, e.Name()); isStudy(path) {
			dirs = append(dirs, path)
		}
	}
	return dirs, nil
}

// WritePage writes a Markdown page about the studies in some directories, which may be none. It begins with
// the findings, a template as FillFindings takes it, and goes on with a table, sentences and the chart of
// differences for each study. Beside each results.json it writes the details, with all figures and charts,
// and a recipe for each model. All of it depends only on the results, the findings, and the paths from the
// page to the studies, whose directories are locked meanwhile.
//
// It returns an error if two directories have the same name, the errors of Read and FillFindings, and one
// that names the files which somebody else has written, or changed, and which it would replace: then it
// writes nothing.
func WritePage(path, findings string, dirs []string) error {
	studies := map[string]*Results{}
	for _, dir := range dirs {
		name := filepath.Base(dir)
		if studies[name] != nil {
			return errors.Errorf("study: page: two studies have the name %s", name)
		}
		r, err := Read(dir)
		if err != nil {
			return err
		}
		if len(r.Models) == 0 {
			return errors.Errorf("study: page: %s has no model", dir)
		}
		studies[name] = r
	}
	text, err := FillFindings(findings, studies)
	if err != nil {
		return err
	}
	var page strings.Builder
	page.WriteString(strings.TrimRight(text, "\n") + pageMark + "\n")
	if len(dirs) == 0 {
		page.WriteString("There is no study here yet.\n")
	} else {
		page.WriteString("± is the standard deviation of a run. Differences are those from the first model " +
			"of a table, paired by seed, with their 95 % interval: accuracies in percentage points, bold " +
			"where the interval excludes 0. Each model links to its recipe.\n\n")
	}
	for _, dir := range dirs {
		name, r := filepath.Base(dir), studies[filepath.Base(dir)]
		fmt.Fprintf(&page, "* [%s](#%s): %s: %s\n", name, name,
			prose(joined(", ", r.title(), words.Count(len(r.Seeds), "seed"))),
			prose(words.List(r.modelNames(), "and")))
	}
	for _, dir := range dirs {
		release, err := rundir.Lock(dir)
		if err != nil {
			return errors.WithMessage(err, "study: page")
		}
		defer release()
	}
	var files []output
	parts := drawParts(studies, path, dirs)
	for i := range parts {
		p := &parts[i]
		if p.err != nil {
			return p.err
		}
		page.WriteString(p.text.String())
		files = append(files, p.files...)
	}
	return writeAll(append(files, output{path, []byte(page.String()), contains(pageMark)}))
}

// pageMark is in every page, before what follows the findings.
const pageMark = "\n\n## Studies\n"

// part is what a page has of one study.
type part struct {
	text  strings.Builder
	files []output // beside the results
	err   error
}

// drawParts makes the parts of all studies, as many at a time as there are processors: a chart of attention
// takes a tenth of a second or two.
func drawParts(studies map[string]*Results, path string, dirs []string) []part {
	parts, free := make([]part, len(dirs)), make(chan bool, runtime.GOMAXPROCS(0))
	var work sync.WaitGroup
	for i, dir := range dirs {
		free <- true
		work.Go(func() {
			p := &parts[i]
			p.files, p.err = studies[filepath.Base(dir)].writeStudy(&p.text, path, dir)
			<-free
		})
	}
	work.Wait()
	return parts
}

// writeStudy writes the part of a page about the study in a directory, and returns the files beside its
// results.
func (r *Results) writeStudy(page *strings.Builder, path, dir string) ([]output, error) {
	link, err := linkTo(dir, path)
	if err != nil {
		return nil, err
	}
	name := filepath.Base(dir)
	title := name + ": " + joined(", ", r.title(), words.Count(len(r.Seeds), "seed"))
	files, recipes := r.recipes(dir)
	charts, err := r.charts()
	if err != nil {
		return nil, err
	}
	for _, c := range charts {
		is := isSVG
		if filepath.Ext(c.Name) == ".png" {
			is = isPNG
		}
		files = append(files, output{filepath.Join(dir, c.Name), c.content, is})
	}
	files = append(files, output{filepath.Join(dir, DetailsFile), r.details(title, recipes, charts),
		contains(detailsMark)})
	fmt.Fprintf(page, "\n<a id=\"%s\"></a>\n\n### %s\n\n", html.EscapeString(name), prose(title))
	r.writeSummary(page, func(m Model) string {
		if recipes[m.Name] == "" {
			return words.Cell(m.Name)
		}
		return fmt.Sprintf("[%s](%s/%s)", words.Cell(m.Name), link, recipes[m.Name])
	})
	for _, c := range charts {
		if c.Name == differencesFile || strings.HasPrefix(c.Name, sweepPrefix) {
			fmt.Fprintf(page, "\n![%s](%s/%s)\n", c.Name, link, c.Name)
		}
	}
	fmt.Fprintf(page, "\n[Details: all figures, charts, attention maps and the command](%s/%s)\n",
		link, DetailsFile)
	return files, nil
}

// linkTo returns the path from a page to a directory, as a link.
func linkTo(dir, page string) (string, error) {
	var from, to string
	var err error
	if from, err = filepath.Abs(filepath.Dir(page)); err == nil {
		if to, err = filepath.Abs(dir); err == nil {
			to, err = filepath.Rel(from, to)
		}
	}
	return (&url.URL{Path: filepath.ToSlash(to)}).EscapedPath(), errors.Wrap(err, "study: page")
}

// detailsMark is in every page of details, and tells it from a README of somebody else.
const detailsMark = "The figures of every run, with its learning curve and confusion matrix, are in " +
	"[" + ResultsFile + "](" + ResultsFile + ")."

// details returns the page with all figures and charts of a study, for its directory.
func (r *Results) details(title string, recipes map[string]string, charts []drawn) []byte {
	var page strings.Builder
	fmt.Fprintf(&page, "# %s\n\n", prose(title))
	r.writeBody(&page)
	for _, c := range charts {
		fmt.Fprintf(&page, "\n![%s](%s)\n\n%s\n", c.Name, c.Name, prose(c.Caption))
	}
	fmt.Fprintf(&page, "\n%s\n", detailsMark)
	if len(recipes) > 0 {
		fmt.Fprint(&page, "\nThe recipes: `hqvit train --config RECIPE --seed SEED` repeats a run, and "+
			"`hqvit compare --models NAME=RECIPE` takes a model into another comparison.\n\n")
	}
	for _, m := range r.Models {
		if recipes[m.Name] != "" {
			fmt.Fprintf(&page, "* [%s](%s)\n", words.Cell(m.Name), recipes[m.Name])
		}
	}
	return []byte(page.String())
}

// recipes returns the recipe of each model as a file in a directory of a study, and the links to them from
// there by model. People take them as a beginning of their own: none that differs is replaced.
func (r *Results) recipes(dir string) (files []output, links map[string]string) {
	links = map[string]string{}
	for _, m := range r.Models {
		if m.Recipe.YAML == "" {
			continue
		}
		file := fileName(m.Name) + ".yaml"
		text := strings.TrimRight(m.Recipe.YAML, "\n") + "\n"
		files = append(files, output{filepath.Join(dir, RecipesDir, file), []byte(text), nil})
		links[m.Name] = RecipesDir + "/" + file
	}
	return files, links
}

const differencesFile = "differences.svg"

// drawn is a figure with what its file holds.
type drawn struct {
	figure
	content []byte
}

// charts returns the charts of a page, with the names of their files. Those with pictures in them are PNG,
// since not every host shows a picture within an SVG.
func (r *Results) charts() ([]drawn, error) {
	var figures []figure
	if d := r.differenceChart(); d != nil {
		figures = append(figures, *d)
	}
	figures = append(figures, r.sizeChart())
	if c := r.costChart(); c != nil {
		figures = append(figures, *c)
	}
	figures = append(figures, r.sweepCharts()...)
	for i := range figures {
		figures[i].Name += ".svg"
	}
	if maps, _ := r.attentionCharts(chart.PNG); maps != nil {
		maps.Name += ".png"
		figures = append(figures, *maps)
	}
	var charts []drawn
	for _, f := range figures {
		var content bytes.Buffer
		if err := f.draw(&content); err != nil {
			return nil, err
		}
		charts = append(charts, drawn{f, content.Bytes()})
	}
	return charts, nil
}

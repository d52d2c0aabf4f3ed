package study

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/atomicfile"
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
// page to the studies.
//
// It returns an error if two directories have the same name, and the errors of Read and FillFindings.
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
	page.WriteString(strings.TrimRight(text, "\n") + "\n\n## Studies\n\n")
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
			joined(", ", r.title(), words.Count(len(r.Seeds), "seed")), words.List(r.modelNames(), "and"))
	}
	for _, dir := range dirs {
		if err := studies[filepath.Base(dir)].writeStudy(&page, path, dir); err != nil {
			return err
		}
	}
	return atomicfile.WriteBytes(path, []byte(page.String()))
}

// writeStudy writes the part of a page about the study in a directory, and the files beside its results.
func (r *Results) writeStudy(page *strings.Builder, path, dir string) error {
	link, err := filepath.Rel(filepath.Dir(path), dir)
	if err != nil {
		return errors.Wrap(err, "study: page")
	}
	link = filepath.ToSlash(link)
	release, err := rundir.Lock(dir)
	if err != nil {
		return errors.WithMessage(err, "study: page")
	}
	defer release()
	name := filepath.Base(dir)
	title := name + ": " + joined(", ", r.title(), words.Count(len(r.Seeds), "seed"))
	recipes, err := r.saveRecipes(dir)
	if err != nil {
		return err
	}
	charts, err := r.saveCharts(dir)
	if err != nil {
		return err
	}
	if err := r.saveDetails(dir, title, recipes, charts); err != nil {
		return err
	}
	fmt.Fprintf(page, "\n<a id=%q></a>\n\n### %s\n\n", name, title)
	r.writeSummary(page, func(m Model) string {
		if recipes[m.Name] == "" {
			return m.Name
		}
		return fmt.Sprintf("[%s](%s/%s)", m.Name, link, recipes[m.Name])
	})
	if charts[0].Name == differencesFile {
		fmt.Fprintf(page, "\n![%s](%s/%s)\n", charts[0].Name, link, charts[0].Name)
	}
	fmt.Fprintf(page, "\n[Details: all figures, charts, attention maps and the command](%s/%s)\n",
		link, DetailsFile)
	return nil
}

// writeSummary writes a table of accuracies and differences, and the overviews. The names of models go
// through label.
func (r *Results) writeSummary(page *strings.Builder, label func(Model) string) {
	fmt.Fprint(page,
		"| model | parameters | test accuracy | difference | balanced accuracy | difference | AUC | "+
			"difference |\n|---|---|---|---|---|---|---|---|\n")
	for _, m := range r.Models {
		fmt.Fprintf(page, "| %s | %d | %s | %s | %s | %s | %s | %s |\n", label(m), m.Parameters,
			m.Accuracy.percent(), m.Differences[Accuracy].text(Accuracy), m.BalancedAccuracy.percent(),
			m.Differences[BalancedAccuracy].text(BalancedAccuracy),
			m.AUC.area(), m.Differences[AUC].text(AUC))
	}
	fmt.Fprintln(page)
	for _, overview := range r.overviews() {
		fmt.Fprintf(page, "* %s\n", overview)
	}
	if r.Metadata.Remark != "" {
		fmt.Fprintf(page, "* The data: %s.\n", r.Metadata.Remark)
	}
}

// detailsMark is in every page of details, and tells it from a README of somebody else.
const detailsMark = "The figures of every run, with its learning curve and confusion matrix, are in " +
	"[" + ResultsFile + "](" + ResultsFile + ")."

// saveDetails writes the page with all figures and charts of a study into its directory.
func (r *Results) saveDetails(dir, title string, recipes map[string]string, charts []figure) error {
	var page strings.Builder
	fmt.Fprintf(&page, "# %s\n\n", title)
	r.writeBody(&page)
	for _, c := range charts {
		fmt.Fprintf(&page, "\n![%s](%s)\n\n%s\n", c.Name, c.Name, c.Caption)
	}
	fmt.Fprintf(&page,
		"\n%s\n", detailsMark)
	if len(recipes) > 0 {
		fmt.Fprint(&page, "\nThe recipes: `hqvit train --config RECIPE --seed SEED` repeats a run, and "+
			"`hqvit compare --models NAME=RECIPE` takes a model into another comparison.\n\n")
	}
	for _, m := range r.Models {
		if recipes[m.Name] != "" {
			fmt.Fprintf(&page, "* [%s](%s)\n", m.Name, recipes[m.Name])
		}
	}
	path := filepath.Join(dir, DetailsFile)
	if old, err := os.ReadFile(path); err == nil && len(old) > 0 && !strings.Contains(string(old),
		detailsMark) {
		return errors.Errorf("study: page: %s is no page of this program and would be overwritten; move it "+
			"away", path)
	}
	return atomicfile.WriteBytes(path, []byte(page.String()))
}

// saveRecipes writes the recipe of each model into a directory of a study, and returns the links from there
// by model.
func (r *Results) saveRecipes(dir string) (map[string]string, error) {
	links := map[string]string{}
	for _, m := range r.Models {
		if m.Recipe.YAML == "" {
			continue
		}
		if err := os.MkdirAll(filepath.Join(dir, RecipesDir), 0o777); err != nil {
			return nil, errors.Wrap(err, "study: recipes")
		}
		file := fileName(m.Name) + ".yaml"
		text := strings.TrimRight(m.Recipe.YAML, "\n") + "\n"
		if err := atomicfile.WriteBytes(filepath.Join(dir, RecipesDir, file), []byte(text)); err != nil {
			return nil, err
		}
		links[m.Name] = RecipesDir + "/" + file
	}
	return links, nil
}

const differencesFile = "differences.svg"

// saveCharts writes the charts of a page into a directory of a study, and returns them with the names of
// their files. Those with pictures in them are PNG, since not every host shows a picture within an SVG.
func (r *Results) saveCharts(dir string) ([]figure, error) {
	var charts []figure
	if d := r.differenceChart(); d != nil {
		charts = append(charts, *d)
	}
	charts = append(charts, r.sizeChart())
	for i := range charts {
		charts[i].Name += ".svg"
	}
	if maps, _ := r.attentionCharts(chart.PNG); maps != nil {
		maps.Name += ".png"
		charts = append(charts, *maps)
	}
	for _, c := range charts {
		err := atomicfile.Write(filepath.Join(dir, c.Name), func(w io.Writer) error { return c.draw(w) })
		if err != nil {
			return nil, err
		}
	}
	return charts, nil
}

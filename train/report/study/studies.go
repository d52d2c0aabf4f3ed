package study

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/atomicfile"
	"github.com/hqvit/hqvit/train/report/chart"
)

// Studies returns the directories that hold a results.json: dir itself, or else those right in it, by name. It returns an error if there is no
// such directory.
func Studies(dir string) ([]string, error) {
	holds := func(dir string) bool {
		_, err := os.Stat(filepath.Join(dir, ResultsFile))
		return err == nil
	}
	if holds(dir) {
		return []string{dir}, nil
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, errors.Wrap(err, "compare")
	}
	var dirs []string
	for _, e := range entries { // sorted by name
		if path := filepath.Join(dir, e.Name()); holds(path) {
			dirs = append(dirs, path)
		}
	}
	return dirs, nil
}

// SavePage writes one page of Markdown about the studies of some directories, none or more, each with its table, sentences, pictures, and
// what it takes to repeat it, and the pictures beside each results.json. The page depends on nothing but the results and where they lie from
// the page. It returns an error for two directories of one name, and those of Read.
func SavePage(path string, dirs []string) error {
	var page strings.Builder
	fmt.Fprint(&page, `# Results

Studies made with `+"`hqvit compare`"+`; [compare.md](compare.md) says how they are made and read. This page is made of the results.json of each by

    hqvit report --page docs/results.md docs/results

Images/s are those of a study's own runs, whatever else the machine did meanwhile: compare speeds by `+"`hqvit bench`"+`.

`)
	if len(dirs) == 0 {
		fmt.Fprintln(&page, "There is no study here yet.")
	}
	var studies []*Results
	for i, dir := range dirs {
		name := filepath.Base(dir)
		if slices.ContainsFunc(dirs[:i], func(d string) bool { return filepath.Base(d) == name }) {
			return errors.Errorf("compare: page: two studies have the name %s", name)
		}
		r, err := Read(dir)
		if err != nil {
			return err
		}
		if len(r.Models) == 0 {
			return errors.Errorf("compare: page: %s has no model", dir)
		}
		studies = append(studies, r)
		fmt.Fprintf(&page, "* [%s](#%s): %s, %s: %s\n", name, name, r.Metadata.Title, plural(len(r.Seeds), "seed"), listed(r.names()))
	}
	for i, r := range studies {
		from, err := filepath.Rel(filepath.Dir(path), dirs[i])
		if err != nil {
			return errors.Wrap(err, "compare: page")
		}
		if err := r.section(&page, dirs[i], filepath.ToSlash(from)); err != nil {
			return err
		}
	}
	return saveText(path, page.String())
}

func (r *Results) names() []string {
	var names []string
	for _, m := range r.Models {
		names = append(names, m.Name)
	}
	return names
}

// section writes what a page says of a study in a directory, which lies at from for who reads the page.
func (r *Results) section(page *strings.Builder, dir, from string) error {
	name := filepath.Base(dir)
	fmt.Fprintf(page, "\n<a id=%q></a>\n\n## %s: %s, %s\n\n", name, name, r.Metadata.Title, plural(len(r.Seeds), "seed"))
	r.body(page)
	pictures, err := r.savePictures(dir)
	if err != nil {
		return err
	}
	for _, p := range pictures {
		fmt.Fprintf(page, "\n![%s](%s/%s)\n\n%s\n", p.Name, from, p.Name, p.Caption)
	}
	fmt.Fprintf(page, "\nThe figures of every run, with its learning curve and confusion matrix, are in [%s](%s/%s).\n", ResultsFile, from, ResultsFile)
	fmt.Fprint(page, "\nA recipe, saved as MODEL.yaml, is what `--models MODEL.yaml` or `hqvit train --config MODEL.yaml` takes; the seed is that of the run.\n")
	for _, m := range r.Models {
		if m.Recipe.YAML == "" {
			continue
		}
		fmt.Fprintf(page, "\n<details><summary>Recipe of %s</summary>\n\n```yaml\n%s\n```\n\n</details>\n", m.Name, strings.TrimRight(m.Recipe.YAML, "\n"))
	}
	return nil
}

// savePictures writes the pictures of a page beside the results. Those with images in them are PNG: not every host shows an image within an SVG.
func (r *Results) savePictures(dir string) ([]figure, error) {
	var pictures []figure
	if d := r.differences(); d != nil {
		d.Name += ".svg"
		pictures = append(pictures, *d)
	}
	sizes := r.sizes()
	sizes.Name += ".svg"
	pictures = append(pictures, sizes)
	if maps, _ := r.attention(chart.PNG); maps != nil {
		maps.Name += ".png"
		pictures = append(pictures, *maps)
	}
	for _, p := range pictures {
		if err := atomicfile.Write(filepath.Join(dir, p.Name), func(w io.Writer) error { return p.draw(w) }); err != nil {
			return nil, err
		}
	}
	return pictures, nil
}

package readme

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	link    = regexp.MustCompile(`\]\(([^)#\s]*)#?([^)\s]*)\)|(?:src|href)="([^"#]*)"`)
	fenced  = regexp.MustCompile("(?s)```.*?```")
	heading = regexp.MustCompile(`(?m)^#+ (.*)$`)
	named   = regexp.MustCompile(`<a id="([^"]*)">`)
	omitted = regexp.MustCompile(`[^\p{L}\p{N} _-]`) // from an anchor
)

// TestLinks follows the links of README.md and of the pages to files and headings, and wants each page in the
// list of README.md.
func TestLinks(t *testing.T) {
	pages, err := filepath.Glob(filepath.Join(root(t), "docs", "*.md"))
	if err != nil || len(pages) == 0 {
		t.Fatal(pages, err)
	}
	readme := text(t, filepath.Join(root(t), "README.md"))
	for _, page := range pages {
		name := strings.TrimSuffix(filepath.Base(page), ".md")
		if !strings.Contains(readme, "| ["+name+"](docs/"+name+".md) |") {
			t.Errorf("README.md does not list docs/%s.md", name)
		}
	}
	for _, page := range append(pages, filepath.Join(root(t), "README.md")) {
		for _, m := range link.FindAllStringSubmatch(fenced.ReplaceAllString(text(t, page), ""), -1) {
			path, anchor := m[1]+m[3], m[2]
			if strings.Contains(path, "://") || strings.HasPrefix(path, "mailto:") {
				continue
			}
			target := page
			if path != "" {
				target = filepath.Join(filepath.Dir(page), path)
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s: %v", filepath.Base(page), err)
				continue
			}
			if anchor != "" && !anchors(text(t, target))[anchor] {
				t.Errorf("%s: %s has no heading #%s", filepath.Base(page), filepath.Base(target), anchor)
			}
		}
	}
}

// anchors returns those of a page: named ones, and those that GitHub makes of headings.
func anchors(page string) map[string]bool {
	all := map[string]bool{}
	for _, m := range named.FindAllStringSubmatch(page, -1) {
		all[m[1]] = true
	}
	for _, m := range heading.FindAllStringSubmatch(fenced.ReplaceAllString(page, ""), -1) {
		all[strings.ReplaceAll(omitted.ReplaceAllString(strings.ToLower(m[1]), ""), " ", "-")] = true
	}
	return all
}

func text(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

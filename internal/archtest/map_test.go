package archtest

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestMapNamesWhatIsThere: the Go files that docs/architecture.md names exist, and every public package
// is on its map.
func TestMapNamesWhatIsThere(t *testing.T) {
	root := filepath.Join("..", "..")
	text, err := os.ReadFile(filepath.Join(root, "docs", "architecture.md"))
	if err != nil {
		t.Fatal(err)
	}
	files := regexp.MustCompile(`[a-z0-9]+(?:/[a-z0-9_]+)+\.go\b`).FindAllString(string(text), -1)
	if len(files) < 15 {
		t.Errorf("%d files found on the page: the test does not read it rightly", len(files))
	}
	for _, name := range files {
		if _, err := os.Stat(filepath.Join(root, name)); err != nil {
			t.Errorf("docs/architecture.md names %s: %v", name, err)
		}
	}
	for pkg := range allowed {
		if strings.Contains(pkg, "internal") {
			continue
		}
		if !regexp.MustCompile("[`/]" + pkg + "\\b").Match(text) {
			t.Errorf("docs/architecture.md has no package %s", pkg)
		}
	}
}

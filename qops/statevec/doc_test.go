package statevec_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
)

// TestMapsAreComplete: the package comments list every file but what is generated.
func TestMapsAreComplete(t *testing.T) {
	for _, doc := range []string{"doc.go", "internal/tile/tile.go"} {
		text, err := os.ReadFile(doc)
		must(t, err)
		var listed, files []string
		for _, m := range regexp.MustCompile(`(?m)^//\t(\w+\.go) `).FindAllStringSubmatch(string(text), -1) {
			listed = append(listed, m[1])
		}
		paths, err := filepath.Glob(filepath.Join(filepath.Dir(doc), "*.go"))
		must(t, err)
		for _, path := range paths {
			name := filepath.Base(path)
			other := regexp.MustCompile(`_test\.go$|_(amd|arm)64\.go$|_other\.go$|^doc\.go$`).MatchString(name)
			if !other {
				files = append(files, name)
			}
		}
		slices.Sort(listed)
		slices.Sort(files)
		if !slices.Equal(listed, files) {
			t.Errorf("%s lists %v, the files are %v", doc, listed, files)
		}
	}
}

// Package readme holds the pages with programs to their word: the programs compile outside this module, and do what the pages say.
package readme

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestFirstProgramRunsAsAModuleOfItsOwn(t *testing.T) {
	program := blocks(t, "README.md", "```go\n")[0]
	if lines := strings.Count(program, "\n"); lines > 40 {
		t.Errorf("the program has %d lines, want at most 40", lines)
	}
	if out := run(t, program); !strings.Contains(out, "learned:") {
		t.Error(out)
	}
}

// TestLayersPage runs the blocks of the tutorial as the one program that they are, and compares what it prints with what the page says.
func TestLayersPage(t *testing.T) {
	got := run(t, strings.Join(blocks(t, "docs/layers.md", "```go\n"), "\n"))
	if want := strings.Join(blocks(t, "docs/layers.md", "```text\n"), ""); got != want {
		t.Errorf("the program prints\n%s\nthe page says\n%s", got, want)
	}
}

// blocks returns what stands between the given fence and the next, for all of a page.
func blocks(t *testing.T, page, fence string) (all []string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root(t), page))
	if err != nil {
		t.Fatal(err)
	}
	for rest := string(text); ; {
		_, after, found := strings.Cut(rest, fence)
		block, behind, closed := strings.Cut(after, "```")
		switch {
		case !found && len(all) == 0, found && !closed:
			t.Fatalf("%s has no %q, or one without an end", page, fence)
		case !found:
			return all
		}
		all, rest = append(all, block), behind
	}
}

// run returns what a program prints, as a module of its own with the versions that this one has tested.
func run(t *testing.T, program string) string {
	t.Helper()
	if testing.Short() {
		t.Skip("builds a module")
	}
	root, dir := root(t), t.TempDir()
	write(t, dir, "main.go", program)
	write(t, dir, "go.mod", modFile(t, root))
	sums, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, "go.sum", string(sums))
	run := exec.Command("go", "run", "-mod=mod", ".")
	run.Dir = dir
	out, err := run.CombinedOutput()
	if err != nil {
		t.Fatalf("go run: %v\n%s", err, out)
	}
	return string(out)
}

func root(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// modFile requires this module by its folder, with the versions it has tested.
func modFile(t *testing.T, root string) string {
	t.Helper()
	ours, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(ours), "\n")
	if !ok {
		t.Fatal("go.mod is empty")
	}
	return "module example.com/first\n" + rest + "\nrequire github.com/hqvit/hqvit v0.0.0\n\nreplace github.com/hqvit/hqvit => " + root + "\n"
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

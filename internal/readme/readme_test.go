// Package readme holds the pages with programs to their word: the programs compile outside this module, and
// do what the pages say.
package readme

import (
	"bytes"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
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

// TestLayersPage runs the blocks of the tutorial as the one program that they are, and compares what it
// prints with what the page says.
func TestLayersPage(t *testing.T) {
	got := run(t, strings.Join(blocks(t, "docs/layers.md", "```go\n"), "\n"))
	if want := strings.Join(blocks(t, "docs/layers.md", "```text\n"), ""); got != want {
		t.Errorf("the program prints\n%s\nthe page says\n%s", got, want)
	}
}

// TestTrainingPage runs the programs of docs/training.md and compares what they print with what the page
// says. The first leaves a run in its directory: started again, it prints the same.
func TestTrainingPage(t *testing.T) {
	said := blocks(t, "docs/training.md", "```text\n")
	for i, program := range blocks(t, "docs/training.md", "```go\n") {
		binary, dir := build(t, program), t.TempDir()
		for range 2 {
			if got := output(t, binary, dir); got != said[i] {
				t.Errorf("the program prints\n%s\nthe page says\n%s", got, said[i])
			}
		}
	}
}

// TestComparePage runs the study of docs/compare.md and compares what it prints with what the page says.
func TestComparePage(t *testing.T) {
	got := run(t, blocks(t, "docs/compare.md", "```go\n")[0])
	if want := blocks(t, "docs/compare.md", "```text\n")[0]; got != want {
		t.Errorf("the program prints\n%s\nthe page says\n%s", got, want)
	}
}

// TestTrainingPageIsResumed interrupts the first program of docs/training.md, and starts it again.
func TestTrainingPageIsResumed(t *testing.T) {
	binary, dir := build(t, blocks(t, "docs/training.md", "```go\n")[0]), t.TempDir()
	var said bytes.Buffer
	cmd := exec.Command(binary)
	cmd.Dir, cmd.Stderr = dir, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for began := time.Now(); time.Since(began) < time.Minute; time.Sleep(time.Millisecond) {
		if _, err := os.Stat(filepath.Join(dir, "runs/product/config.yaml")); err == nil {
			break
		}
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil || !strings.Contains(said.String(), "start the program again") {
		t.Errorf("interrupted, it ends with %v and says %s", err, &said)
	}
	if got, want := output(t, binary, dir), blocks(t, "docs/training.md", "```text\n")[0]; got != want {
		t.Errorf("resumed, it prints\n%s\nthe page says\n%s", got, want)
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

// TestCustomModelResumes kills a training of a custom hybrid model at random moments: resumed, it ends with
// the bits of an uninterrupted one.
func TestCustomModelResumes(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("testdata", "hybrid.go"))
	if err != nil {
		t.Fatal(err)
	}
	program := build(t, string(text))
	whole, killed := t.TempDir(), t.TempDir()
	began := time.Now()
	want, err := exec.Command(program, whole).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, want)
	}
	took, random, kills := time.Since(began), rand.New(rand.NewPCG(1, 2)), 0
	for range 12 {
		cmd := exec.Command(program, killed)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(random.Float64() * float64(took) / 4))
		cmd.Process.Kill()
		if cmd.Wait() != nil {
			kills++
		}
	}
	if got, err := exec.Command(program, killed).CombinedOutput(); err != nil || string(got) != string(want) {
		t.Errorf("killed %d times and resumed, it prints %s (%v), want %s", kills, got, err, want)
	}
	a, err := os.ReadFile(filepath.Join(whole, "best.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(killed, "best.safetensors"))
	if err != nil || !bytes.Equal(a, b) {
		t.Errorf("killed %d times and resumed, it has other weights (%v)", kills, err)
	}
	if kills < 3 {
		t.Errorf("%d kills, want some", kills)
	}
}

// TestEachPartCanBeCustom trains a model that has a custom part of each sort, from the gate to the schedule.
func TestEachPartCanBeCustom(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("testdata", "extensions.go"))
	if err != nil {
		t.Fatal(err)
	}
	out := run(t, string(text))
	for _, want := range []string{
		"epoch 3: rate 0.0100", "epoch 5: rate 0.0050, validation accuracy 1.00", "7 angles",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("the program prints no %q:\n%s", want, out)
		}
	}
}

// run returns what a program prints, as a module of its own with the versions that this one has tested.
func run(t *testing.T, program string) string {
	t.Helper()
	return output(t, build(t, program), t.TempDir())
}

// output returns what a program prints that is run in a directory.
func output(t *testing.T, program, dir string) string {
	t.Helper()
	cmd := exec.Command(program)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

// build returns the path of a program's binary.
func build(t *testing.T, program string) string {
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
	cmd := exec.Command("go", "build", "-mod=mod", "-o", "program", ".")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return filepath.Join(dir, "program")
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
	return "module example.com/first\n" + rest +
		"\nrequire github.com/hqvit/hqvit v0.0.0\n\nreplace github.com/hqvit/hqvit => " + root + "\n"
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

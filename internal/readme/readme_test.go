// Package readme holds the pages with programs to their word: the programs compile outside this module, and
// do what the pages say.
package readme

import (
	"bytes"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
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

// TestPrograms runs each program of these pages and compares what it prints with the text behind it. Started
// again in the directory with what it has left there, it prints the same.
func TestPrograms(t *testing.T) {
	for _, page := range []string{"start", "arrays", "training", "compare", "export", "devices"} {
		t.Run(page, func(t *testing.T) {
			page = "docs/" + page + ".md"
			said, programs := blocks(t, page, "```text\n"), programs(t, page)
			if len(said) != len(programs) {
				t.Fatalf("%s has %d programs and %d texts that they print", page, len(programs), len(said))
			}
			for i, program := range programs {
				binary, dir := build(t, program), t.TempDir()
				for range 2 {
					compare(t, output(t, binary, dir), said[i])
				}
			}
		})
	}
}

// TestLayersPage runs the blocks of the tutorial as the one program that they are, and compares what it
// prints with what the page says.
func TestLayersPage(t *testing.T) {
	got := run(t, strings.Join(blocks(t, "docs/layers.md", "```go\n"), "\n"))
	compare(t, got, strings.Join(blocks(t, "docs/layers.md", "```text\n"), ""))
}

// TestScoresPage holds docs/scores.md to examples/customscore, which it cuts into pieces, and runs both the
// program and its test as a module of their own.
func TestScoresPage(t *testing.T) {
	files := map[string]string{}
	for _, block := range blocks(t, "docs/scores.md", "```go\n") {
		name := "main.go"
		if strings.Contains(block, "testing.T") {
			name = "main_test.go"
		} else if files[name] != "" {
			block = "\n" + block
		}
		files[name] += block
	}
	for name, text := range files {
		example, err := os.ReadFile(filepath.Join(root(t), "examples/customscore", name))
		if err != nil {
			t.Fatal(err)
		}
		if text != string(example) {
			t.Errorf("examples/customscore/%s differs from its pieces on docs/scores.md", name)
		}
	}
	dir := module(t, files)
	command(t, dir, "go", "test", "-mod=mod", ".")
	command(t, dir, "go", "build", "-mod=mod", "-o", "program", ".")
	compare(t, output(t, filepath.Join(dir, "program"), dir), blocks(t, "docs/scores.md", "```text\n")[0])
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

// programs returns the blocks of Go of a page that are whole programs.
func programs(t *testing.T, page string) (all []string) {
	t.Helper()
	for _, block := range blocks(t, page, "```go\n") {
		if strings.Contains(block, "\nfunc main() {\n") {
			all = append(all, block)
		}
	}
	return all
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
	want, err := exec.Command(program, whole).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, want)
	}
	random, kills := rand.New(rand.NewPCG(1, 2)), 0
	for range 12 {
		cmd := exec.Command(program, killed)
		before := stamp(killed)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		err, running := error(nil), true
		for running && stamp(killed) == before { // until it has written another checkpoint
			select {
			case err = <-ended:
				running = false
			case <-time.After(time.Millisecond):
			}
		}
		if running {
			time.Sleep(time.Duration(random.Float64() * float64(5*time.Millisecond)))
			cmd.Process.Kill()
			err = <-ended
		}
		if err == nil {
			break // it came to its end
		}
		kills++
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
	t.Logf("%d kills", kills)
	if kills < 1 {
		t.Error("it was never killed")
	}
}

// stamp returns when the checkpoint of a directory was written, "" without one.
func stamp(dir string) string {
	info, err := os.Stat(filepath.Join(dir, "last.ckpt"))
	if err != nil {
		return ""
	}
	return info.ModTime().String()
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

var decimal = regexp.MustCompile(`-?\d+\.(\d+)`)

// compare reports what a program prints other than a page says. A number with decimals, which the kernels of
// another machine round otherwise, may differ by five of its last digit.
func compare(t *testing.T, got, want string) {
	t.Helper()
	values, near := decimal.FindAllString(got, -1), true
	for i, m := range decimal.FindAllStringSubmatch(want, len(values)) {
		a, _ := strconv.ParseFloat(values[i], 64)
		b, _ := strconv.ParseFloat(m[0], 64)
		near = near && math.Abs(a-b) < 5.5*math.Pow10(-len(m[1]))
	}
	if !near || decimal.ReplaceAllString(got, "#") != decimal.ReplaceAllString(want, "#") {
		t.Errorf("the program prints\n%s\nthe page says\n%s", got, want)
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
	return command(t, dir, program)
}

// build returns the path of a program's binary.
func build(t *testing.T, program string) string {
	t.Helper()
	dir := module(t, map[string]string{"main.go": program})
	command(t, dir, "go", "build", "-mod=mod", "-o", "program", ".")
	return filepath.Join(dir, "program")
}

// module returns the directory of a module of these files.
func module(t *testing.T, files map[string]string) string {
	t.Helper()
	if testing.Short() {
		t.Skip("builds a module")
	}
	root, dir := root(t), t.TempDir()
	for name, text := range files {
		write(t, dir, name, text)
	}
	write(t, dir, "go.mod", modFile(t, root))
	sums, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, "go.sum", string(sums))
	return dir
}

// command returns what a command prints that is run in a directory.
func command(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", filepath.Base(name), strings.Join(args, " "), err, out)
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
	return "module example.com/first\n" + rest +
		"\nrequire github.com/hqvit/hqvit v0.0.0\n\nreplace github.com/hqvit/hqvit => " + root + "\n"
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

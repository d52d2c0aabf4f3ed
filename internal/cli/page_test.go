package cli

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/vit"
)

var update = flag.Bool("update", false, "write the pages of docs with what their commands print")

var (
	console  = regexp.MustCompile("(?s)```console\n(.*?)```")
	headOf   = regexp.MustCompile(` \| (head|tail) -(\d+)$`)
	modules  = regexp.MustCompile(`\S*/(github\.com/petar/)`) // wherever the module cache is
	numbers  = regexp.MustCompile(`-?\d[\d.,]*`)
	spacings = regexp.MustCompile(`\s+`)
	// what depends on the machine and its load: a run that takes long says how far it is
	waiting = regexp.MustCompile(`(?m)^epoch \d+/\d+  step .*\n`)
	timings = regexp.MustCompile(`[\d.,]+ ` +
		`(images/s|s)\b|\b(\d+h)?(\d+m)?\d+s\b|(images_per_s|_us)=[\d.]+|(?m: \d+ \|$)`)
	// 3s on one machine is 1m12s on another.
	durations = regexp.MustCompile(`\b(\d+h)?(\d+m)?\d+s\b`)
)

// answer returns a call and its output as a terminal shows them, without paths of this machine.
func answer(t *testing.T, line string) string {
	t.Helper()
	command, limit := line, 0
	if m := headOf.FindStringSubmatch(line); m != nil {
		command = strings.TrimSuffix(line, m[0])
		limit, _ = strconv.Atoi(m[2])
		if m[1] == "tail" {
			limit = -limit
		}
	}
	var out bytes.Buffer
	(program{}).run(context.Background(), strings.Fields(command)[1:], &out, &out)
	printed := modules.ReplaceAllString(waiting.ReplaceAllString(out.String(), ""), "…/pkg/mod/$1")
	lines := strings.SplitAfter(printed, "\n")
	if limit > 0 && limit < len(lines) {
		lines = lines[:limit]
	}
	// after the last newline there is nothing
	if shown := lines[:len(lines)-1]; limit < 0 && -limit < len(shown) {
		lines = shown[len(shown)+limit:]
	}
	return "$ " + line + "\n" + strings.TrimRight(strings.Join(lines, ""), "\n") + "\n"
}

// withoutFigures leaves out the numbers, which depend on how fast a machine is and how its kernels round.
func withoutFigures(s string) string {
	s = numbers.ReplaceAllString(durations.ReplaceAllString(s, "#s"), "#")
	return spacings.ReplaceAllString(s, " ")
}

// withoutTimings leaves out the figures that differ from one call to the next.
func withoutTimings(s string) string {
	return spacings.ReplaceAllString(timings.ReplaceAllString(s, "#"),
		" ")
}

// answersIn returns the calls of a block, each with its output.
func answersIn(block string) []string {
	var all []string
	for _, line := range strings.SplitAfter(strings.TrimSuffix(block, "```"), "\n") {
		switch {
		case strings.HasPrefix(line, "$ "):
			all = append(all, line)
		case len(all) > 0:
			all[len(all)-1] += line
		}
	}
	return all
}

func TestOnlyTimingsAreKept(t *testing.T) {
	const line = "loss 1.7955  %d images/s  %d.0 s\n[1/4] vit, seed %d: accuracy 0.%d (%d s), ETA %s\n"
	old := fmt.Sprintf(line, 3109, 1, 1, 5, 1, "6s")
	for text, same := range map[string]bool{
		fmt.Sprintf(line, 310, 10, 1, 5, 12, "1m2s"): true,
		fmt.Sprintf(line, 3109, 1, 1, 6, 1, "6s"):    false,
		fmt.Sprintf(line, 3109, 1, 2, 5, 1, "6s"):    false,
	} {
		if (withoutTimings(text) == withoutTimings(old)) != same {
			t.Errorf("%q: want the same as %q: %v", text, old, same)
		}
	}
	block := "```console\n$ a b\nx\ny\n$ c\nz\n```"
	if got := answersIn(block); !slices.Equal(got, []string{"$ a b\nx\ny\n", "$ c\nz\n"}) {
		t.Errorf("%q", got)
	}
}

func TestPagesSayWhatTheProgramPrints(t *testing.T) {
	if raced {
		t.Skip("the transcripts hold the same commands, with less to train")
	}
	whole := func(s string) string { return s }
	for name, comparable := range map[string]func(string) string{
		"cli.md": withoutFigures, "training.md": withoutFigures, "data.md": withoutFigures,
		"devices.md":   withoutFigures,
		"analysis.md":  withoutFigures,
		"resources.md": whole, // nothing on it depends on the machine
		"scaling.md":   whole, // the runs that it predicts from are in the program
	} {
		t.Run(name, func(t *testing.T) { checkPage(t, "../../docs/"+name, comparable) })
	}
}

func checkPage(t *testing.T, relative string, comparable func(string) string) {
	path, err := filepath.Abs(relative)
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	t.Setenv("HQVIT_DATA", t.TempDir()) // so that MNIST is that of the module
	digitFile(t)
	pictureFolder(t)
	otherForms(t)
	write(t, "reuploading.qasm", reuploading)
	fresh := console.ReplaceAllStringFunc(string(page), func(block string) string {
		var out strings.Builder
		for _, old := range answersIn(block) {
			call, _, _ := strings.Cut(strings.TrimPrefix(old, "$ "), "\n")
			text := answer(t, call)
			if *update && withoutTimings(text) == withoutTimings(old) {
				text = old
			}
			out.WriteString(text)
		}
		return "```console\n" + out.String() + "```"
	})
	if *update {
		write(t, path, fresh)
		return
	}
	if got, want := comparable(fresh), comparable(string(page)); got != want {
		at := 0
		for at < min(len(got), len(want)) && got[at] == want[at] {
			at++
		}
		from := max(0, at-80)
		t.Errorf("%s says …%s\nthe program …%s",
			path, want[from:min(len(want), at+80)], got[from:min(len(got), at+80)])
	}
}

func TestPageHasEveryCommand(t *testing.T) {
	page, err := os.ReadFile("../../docs/cli.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range (program{}).commands() {
		for _, sub := range c.Commands() {
			if name := "hqvit " + c.Name() + " " + sub.Name(); !strings.Contains(string(page), name) {
				t.Errorf("docs/cli.md has no %s", name)
			}
		}
		if !strings.Contains(string(page), "$ hqvit "+c.Name()) {
			t.Errorf("docs/cli.md has no example of hqvit %s", c.Name())
		}
	}
}

// Rungs of the ladder stand in docs/compare.md, published attentions in docs/attentions.md.
func TestPageHasEveryScore(t *testing.T) {
	for _, score := range vit.Scores() {
		name := "compare.md"
		if score.Source != "" {
			name = "attentions.md"
		}
		page, err := os.ReadFile("../../docs/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(page), "`"+score.Name+"`") {
			t.Errorf("docs/%s says nothing of the score %s", name, score.Name)
		}
		if _, number, _ := strings.Cut(score.Source, ":"); !strings.Contains(string(page), number) {
			t.Errorf("docs/%s does not have the source of %s, %s", name, score.Name, score.Source)
		}
	}
}

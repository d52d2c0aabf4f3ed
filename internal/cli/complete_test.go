package cli

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/train/rundir"
)

// asProgram in the environment makes the test binary the program, which a shell can then call; as it is after
// an interrupt, if the value is afterInterrupt.
const (
	asProgram      = "HQVIT_TEST_AS_PROGRAM"
	afterInterrupt = "interrupted"
)

func TestMain(m *testing.M) {
	if as := os.Getenv(asProgram); as != "" {
		ctx, cancel := context.WithCancel(context.Background())
		if as == afterInterrupt {
			cancel()
		}
		os.Exit(program{}.run(ctx, os.Args[1:], os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// completed are words after which a completion is asked for, and some of what it offers.
var completed = []struct {
	typed string
	want  []string
	never string
}{
	{"tra", []string{"train"}, "eval"},
	{"train --mod", []string{"--model"}, "--models"},
	{"train --model hqvit-p", []string{"hqvit-paper", "hqvit-paper-mean"}, "vit"},
	{"train --model hqvit:co", []string{"hqvit:cosine"}, "hqvit:dot"},
	{"train --model hqvit-m:cosine:ma", []string{"hqvit-m:cosine:matched"}, ""},
	{"compare --models hqvit,vit-ma", []string{"hqvit,vit-matched", "hqvit,vit-matched-m"}, "hqvit,vit-paper"},
	{"train --data fash", []string{"fashion-mnist"}, "mnist"},
	{"train --data par", []string{"parquet:"}, "pathmnist"},
	{"train --data folder:pic", []string{"folder:pictures/"}, "folder:notes"},
	{"train --noise readout=0.1,dep", []string{"readout=0.1,depolarizing="}, ""},
	{"train --optimizer ada", []string{"adamw"}, "sgd"},
	{"train --from runs/f", []string{"runs/first"}, "runs/fresh"},
	{"data info organ", []string{"organamnist", "organcmnist", "organsmnist"}, "mnist"},
	{"eval mnist-h", []string{"mnist-hqvit"}, ""},
	{"predict runs/fi", []string{"runs/first"}, ""},
	{"serve mnist-hqvit runs/", []string{"runs/first"}, "runs/fresh"},
	{"predict --invert a", []string{"auto", "always"}, "never"},
	{"completion b", []string{"bash"}, "zsh"},
}

// workplace makes the current folder one with a run, an empty run and pictures.
func workplace(t *testing.T) {
	t.Helper()
	t.Chdir(t.TempDir())
	for _, dir := range []string{"runs/first", "runs/fresh", "pictures"} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	write(t, filepath.Join("runs", "first", rundir.WeightsFile), "")
	write(t, filepath.Join("runs", "fresh", "config.yaml"), "")
	write(t, filepath.Join("pictures", "a.txt"), "")
	write(t, "notes", "")
}

// What all shells' scripts ask the program.
func TestCompletion(t *testing.T) {
	workplace(t)
	for _, c := range completed {
		var stdout, stderr strings.Builder
		code := program{}.run(t.Context(), append([]string{"__completeNoDesc"},
			strings.Split(c.typed, " ")...), &stdout, &stderr)
		found := strings.Split(strings.TrimSpace(stdout.String()), "\n")
		if code != done {
			t.Errorf("%s: %s", c.typed, stderr.String())
		}
		for _, want := range c.want {
			if !slices.Contains(found, want) {
				t.Errorf("%s: %q, want %s", c.typed, found, want)
			}
		}
		if c.never != "" && slices.Contains(found, c.never) {
			t.Errorf("%s: %q, with %s", c.typed, found, c.never)
		}
	}
}

// The script of bash itself, with the program behind it.
func TestCompletionInBash(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("there is no bash")
	}
	workplace(t)
	test, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	// The package bash-completion has _get_comp_words_by_ref, which puts words together again that bash cuts
	// at colons. The words here are whole.
	const script = `COLUMNS=200
hqvit() { ` + asProgram + `=1 "$TEST" "$@"; }
_get_comp_words_by_ref() { cur="${COMP_WORDS[COMP_CWORD]}" prev="${COMP_WORDS[COMP_CWORD-1]}" words=("${COMP_WORDS[@]}") cword=$COMP_CWORD; }
__ltrim_colon_completions() { :; }
compopt() { :; }
eval "$(hqvit completion bash)"
complete -p hqvit >/dev/null || exit 3
while IFS= read -r line; do
  read -ra COMP_WORDS <<< "hqvit $line"
  COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMP_LINE="hqvit $line" COMP_POINT=$((6 + ${#line})) COMP_TYPE=9 COMPREPLY=()
  __start_hqvit hqvit
  printf '%s\n' "${COMPREPLY[*]}"
done`
	var lines []string
	for _, c := range completed {
		lines = append(lines, c.typed)
	}
	cmd := exec.Command(bash, "--norc", "-c", script)
	cmd.Env = append(os.Environ(), "TEST="+test)
	cmd.Stdin = strings.NewReader(strings.Join(lines, "\n") + "\n")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, stderr.String())
	}
	answers := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	if len(answers) != len(completed) {
		t.Fatalf("%d answers, want %d: %q; %s", len(answers), len(completed), answers, stderr.String())
	}
	for i, c := range completed {
		word := c.typed[strings.LastIndex(c.typed, " ")+1:]
		begun := word[:strings.LastIndexAny(word, ":=")+1] // which bash leaves out: it cuts words there
		for _, want := range c.want {
			if want = strings.TrimPrefix(want, begun); !slices.Contains(strings.Fields(answers[i]), want) {
				t.Errorf("%s: %q, want %s; %s", c.typed, answers[i], want, stderr.String())
			}
		}
	}
}

package cli

import (
	"github.com/hqvit/hqvit/vit"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/internal/option"
	"github.com/hqvit/hqvit/train"
)

// The tables of options in docs/training.md are those of the program; -update writes them anew.
func TestOptionTablesOfThePage(t *testing.T) {
	const path = "../../docs/training.md"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	page, c := string(text), newConfig(vit.Catalog{})
	for name, table := range map[string]string{
		"recipe": c.Recipe.Markdown(), "names": train.DefaultTables().Markdown(),
		"data": option.Markdown(append(c.rows(), c.startRows()...)),
	} {
		place := regexp.MustCompile(`(?s)(<!-- ` + name + `: [^\n]* -->\n).*?(<!-- end -->)`)
		if len(place.FindAllString(page, -1)) != 1 {
			t.Fatalf("%s has no place for %s, or several", path, name)
		}
		page = place.ReplaceAllString(page, "${1}"+strings.ReplaceAll(table, "$", "$$")+"${2}")
	}
	if *update {
		write(t, path, page)
	} else if page != string(text) {
		t.Errorf("%s has other tables of options than the program; write them with -update", path)
	}
}

// Every optimizer, schedule and loss of the tables can be had by its flag, alone and with a field.
func TestFlagsReachTheTables(t *testing.T) {
	set := digits(t)
	t.Chdir(t.TempDir())
	tables, line := train.DefaultTables(), "train --model logreg --epochs 2 --batch 32 --overwrite --out a "+
		"--data "+set
	for _, r := range tables.Optimizers {
		command(t, done, line+" --optimizer "+r.Name)
	}
	for _, r := range tables.Schedules {
		command(t, done, line+" --schedule "+r.Name)
	}
	for _, r := range tables.Losses {
		command(t, done, line+" --loss "+r.Name)
	}
	command(t, done, line+" --optimizer sgd:momentum=0.9,nesterov=true --schedule "+
		"cosine:warmup=3,floor=0.1 --loss "+
		"cross-entropy:smoothing=0.1")
	content, err := os.ReadFile("a/config.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"optimizer: sgd:momentum=0.9,nesterov=true\n", "schedule: cosine:warmup=3,floor=0.1\n",
		"loss: cross-entropy:smoothing=0.1\n",
	} {
		if !strings.Contains(string(content), want) {
			t.Errorf("config.yaml has no %s:\n%s", want, content)
		}
	}
	play(t, []call{
		{line + " --optimizer adam", wrongUsage,
			`optimizer "adam" \(did you mean adamw\?\), want one of adamw, sgd`},
		{line + " --loss mse:smoothing=1", wrongUsage, `loss mse: it has no options, got "smoothing"`},
		{line + " --schedule one-cycle:warmup=10", failed, `Warmup 10, want fewer than the 10 steps`},
	})
}

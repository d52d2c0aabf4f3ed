package main

import (
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
	page, c := string(text), newConfig()
	for name, table := range map[string]string{
		"recipe": c.Recipe.Markdown(), "names": train.DefaultTables().Markdown(), "data": option.Markdown(c.rows()),
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

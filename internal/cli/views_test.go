package cli

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
)

// The accuracy with views stands beside the plain one, which stays what it is; which views there are follows
// from the recipe of the run.
func TestEvalWithViews(t *testing.T) {
	set := digits(t)
	t.Chdir(t.TempDir())
	train := "train --model vit --epochs 1 --batch 45 --limit 90 --data " + set
	command(t, done, train+" --out moved")
	command(t, done, train+" --set augmentation.flip=true --out mirrored")
	command(t, done, train+" --augment=false --out still")
	for dir, views := range map[string]string{"moved": "3", "mirrored": "6", "still": "1"} {
		plain, _ := command(t, done, "eval "+dir)
		with, _ := command(t, done, "eval "+dir+" --views")
		first, rest, _ := strings.Cut(with, "\n")
		line, table, _ := strings.Cut(plain, "\n")
		fields := regexp.MustCompile(` accuracy=(\S+) .* views=(\d+) accuracy_with_views=(\S+)$`).
			FindStringSubmatch(first)
		if !strings.HasPrefix(first, line+" views=") || rest != table || fields == nil || fields[2] != views {
			t.Errorf("%s:\n%swithout views:\n%s", dir, with, plain)
			continue
		}
		if views == "1" && fields[1] != fields[3] {
			t.Errorf("one view gives the accuracy %s, the plain one is %s", fields[3], fields[1])
		}
	}
	text, _ := command(t, done, "eval mirrored --views --json")
	var result struct {
		Accuracy  float64
		WithViews struct {
			Views []struct{ Weight float64 }
			Test  struct {
				Accuracy  float64
				Confusion [][]int
			}
		} `json:"with_views"`
	}
	if err := json.Unmarshal([]byte(text), &result); err != nil || len(result.WithViews.Views) != 6 ||
		len(result.WithViews.Test.Confusion) != 3 {
		t.Errorf("%s (%v)", text, err)
	}
	write(t, "table.csv", "x,y,class\n1,2,a\n2,3,b\n3,1,a\n4,2,b\n5,3,a\n6,1,b\n1,1,a\n2,2,b\n3,3,a\n4,1,b\n")
	command(t, done, "train --data csv:table.csv --epochs 1 --out table")
	play(t, []call{
		{"eval moved/best.safetensors --views --data " + set, done, ` views=3 accuracy_with_views=`},
		{"eval moved --views --sweep shots=10", wrongUsage, "--views and --sweep exclude each other"},
		{"eval table --views", wrongUsage, "--views of vectors: want pictures"},
	})
}

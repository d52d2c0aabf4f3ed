package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/train/report/study"
)

func TestParseShard(t *testing.T) {
	for _, test := range []struct {
		text, env string
		want      study.Shard
		wrong     string
	}{
		{"2/4", "", study.Shard{Index: 1, Count: 4}, ""},
		{"auto", "SLURM_ARRAY_TASK_ID=7 SLURM_ARRAY_TASK_MIN=5 SLURM_ARRAY_TASK_COUNT=3",
			study.Shard{Index: 2, Count: 3}, ""},
		{"auto", "SLURM_ARRAY_TASK_ID=11 SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_STEP=5 SLURM_ARRAY_TASK_COUNT=3",
			study.Shard{Index: 2, Count: 3}, ""},
		{"auto/4", "JOB_COMPLETION_INDEX=3", study.Shard{Index: 3, Count: 4}, ""},
		{"auto", "JOB_COMPLETION_INDEX=3", study.Shard{Index: 3, Count: 10}, ""},
		{"0/4", "", study.Shard{}, "want i/n with i from 1 to n"},
		{"5/4", "", study.Shard{}, "want i/n"},
		{"2", "", study.Shard{}, "want i/n"},
		{"a/b", "", study.Shard{}, "want i/n"},
		{"auto/0", "JOB_COMPLETION_INDEX=0", study.Shard{}, "want i/n"},
		{"auto", "", study.Shard{}, "neither SLURM_ARRAY_TASK_ID nor JOB_COMPLETION_INDEX"},
		{"auto", "SLURM_ARRAY_TASK_ID=7", study.Shard{}, "no SLURM_ARRAY_TASK_MIN"},
		{"auto", "JOB_COMPLETION_INDEX=first", study.Shard{}, `is "first", want a whole number`},
	} {
		got, err := parseShard(test.text, 10, func(name string) (string, bool) {
			for _, v := range strings.Fields(test.env) {
				if k, value, _ := strings.Cut(v, "="); k == name {
					return value, true
				}
			}
			return "", false
		})
		if test.wrong != "" {
			if err == nil || !strings.Contains(err.Error(), test.wrong) {
				t.Errorf("%s, %s: %v, want %q", test.text, test.env, err, test.wrong)
			}
			continue
		}
		if err != nil || got != test.want {
			t.Errorf("%s, %s: %+v, %v, want %+v", test.text, test.env, got, err, test.want)
		}
	}
}

// Shards leave what one process would have left: the report is the same but for times.
func TestShardsMakeOneReport(t *testing.T) {
	digits := digits(t)
	t.Chdir(t.TempDir())
	line := "compare --data " + digits + " --models hqvit,logreg --seeds 2 --epochs 1 --limit 60 --threads " +
		"1 --out "
	command(t, done, line+"one")
	play(t, []call{
		{line + "two --only-report", failed, "4 of 4 runs failed: hqvit, seed 1: it is not finished"},
		{line + "two --shard 2/2", done, `two: all 4 runs are finished; report by the same call without --shard`},
		{line + "two --shard 1/2", done, `\[4/4\] .* \(was done\)`},
		{line + "two --shard 1/2 --only-report", wrongUsage, "leave one of them out"},
		{line + "two --shard 3/2", wrongUsage, "want i/n with i from 1 to n"},
	})
	if _, err := os.Stat("two/results.json"); err == nil {
		t.Error("a shard has reported")
	}
	command(t, done, line+"two --only-report")
	read := func(dir string) string {
		content, err := os.ReadFile(filepath.Join(dir, "results.json"))
		if err != nil {
			t.Fatal(err)
		}
		var results any
		if err := json.Unmarshal(content, &results); err != nil {
			t.Fatal(err)
		}
		text, err := json.MarshalIndent(withoutTimes(results), "", " ")
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	if one, two := read("one"), read("two"); one != two || len(one) < 2000 {
		at := 0
		for at < min(len(one), len(two)) && one[at] == two[at] {
			at++
		}
		t.Errorf("one process: …%.200s\ntwo shards: …%.200s", one[max(0, at-60):], two[max(0, at-60):])
	}
}

// withoutTimes returns a value of JSON without what differs from one call to the next: times, memory, the
// command, and the digest of it all.
func withoutTimes(x any) any {
	switch x := x.(type) {
	case map[string]any:
		for k, v := range x {
			if strings.Contains(k, "seconds") || strings.HasSuffix(k, "_per_s") || k == "peak_rss_bytes" ||
				k == "sha256" || k == "command" {
				delete(x, k)
				continue
			}
			x[k] = withoutTimes(v)
		}
	case []any:
		for i := range x {
			x[i] = withoutTimes(x[i])
		}
	}
	return x
}

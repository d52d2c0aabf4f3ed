//go:build mpi

package mpitest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hqvit/hqvit/internal/cli"
	"github.com/hqvit/hqvit/vit"
)

// TestMain is the program itself in the ranks that the tests start.
func TestMain(m *testing.M) {
	if os.Getenv("HQVIT_MPI_RANK") != "" {
		misbehave()
		cli.Main("hqvit", vit.Catalog{})
	}
	if _, err := exec.LookPath("mpirun"); err != nil {
		fmt.Println("skipped: no mpirun; install openmpi-bin")
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// mpirun returns the command that runs the program in so many ranks.
func mpirun(ctx context.Context, ranks int, line string, env ...string) *exec.Cmd {
	args := []string{"-q", "--oversubscribe", "--bind-to", "none", "-np", fmt.Sprint(ranks), os.Args[0]}
	c := exec.CommandContext(ctx, "mpirun", append(args, strings.Fields(line)...)...)
	c.Env = append(append(os.Environ(), env...), "HQVIT_MPI_RANK=1", "OMPI_ALLOW_RUN_AS_ROOT=1",
		"OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1", "OMPI_MCA_btl_vader_single_copy_mechanism=none")
	return c
}

// run runs the program in some ranks, and returns what it prints, all of it if it fails.
func run(t *testing.T, ranks int, line string, env ...string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	c := mpirun(ctx, ranks, line, env...)
	var out, all bytes.Buffer
	c.Stdout, c.Stderr = &out, &all
	err := c.Run()
	if ctx.Err() != nil {
		t.Fatalf("%d ranks of %s do not end: %s%s", ranks, line, out.String(), all.String())
	}
	if err != nil {
		return out.String() + all.String(), err
	}
	return out.String(), nil
}

func mustRun(t *testing.T, ranks int, line string, env ...string) string {
	t.Helper()
	out, err := run(t, ranks, line, env...)
	if err != nil {
		t.Fatalf("%d ranks of %s: %v\n%s", ranks, line, err, out)
	}
	return out
}

// digits writes a data set in MNIST's form: images whose bright third is the label.
func digits(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	random := rand.New(rand.NewPCG(5, 6))
	for prefix, n := range map[string]int{"train": 150, "t10k": 43} {
		images := binary.BigEndian.AppendUint32(nil, 0x803)
		labels := binary.BigEndian.AppendUint32(nil, 0x801)
		for _, v := range []int{n, 28, 28} {
			images = binary.BigEndian.AppendUint32(images, uint32(v))
		}
		labels = binary.BigEndian.AppendUint32(labels, uint32(n))
		for i := range n {
			labels = append(labels, byte(i%3))
			for p := range 28 * 28 {
				pixel := random.IntN(100)
				if p/28*3/28 == i%3 {
					pixel += 100
				}
				images = append(images, byte(pixel))
			}
		}
		write(t, filepath.Join(dir, prefix+"-images-idx3-ubyte"), images)
		write(t, filepath.Join(dir, prefix+"-labels-idx1-ubyte"), labels)
	}
	return "idx:" + dir
}

func write(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
}

// recipe writes one with everything that is drawn at random, whose steps have 7 micro-batches and at last 3.
func recipe(t *testing.T, score string, epochs int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "recipe.yaml")
	write(t, path, fmt.Appendf(nil, `data: %s
architecture: {model: transformer, image: 28, channels: 1, classes: 3, patch: 7, depth: 1, hidden: 16, heads: 7,
  score: %s, layers: 2, pooling: flatten, dropout: 0.1}
epochs: %d
batch: 49
micro: 7
seed: 3
lr: 0.005
ema: 0.9
clip: 1
augment: true
augmentation: {shift: 2, rotate: 0.1, scale: 0.1, mixup: 0.3, cutout: 3}
`, digits(t), score, epochs))
	return path
}

func sum(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256(content)
	return hex.EncodeToString(digest[:])
}

// columns returns a table without the column of seconds.
func columns(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	at, out := -1, ""
	for _, line := range strings.Split(strings.TrimSpace(string(content)), "\n") {
		cells := strings.Split(line, ",")
		for i, cell := range cells {
			if cell == "seconds" {
				at = i
			}
		}
		cells[at] = ""
		out += strings.Join(cells, ",") + "\n"
	}
	return out
}

// One recipe gives one file of weights, one table and one evaluation, for any number of ranks and threads.
func TestRanksAndThreadsGiveTheSameBits(t *testing.T) {
	for _, score := range []string{"swap", "dot"} {
		file, dir := recipe(t, score, 3), t.TempDir()
		var first [4]string
		for i, c := range [][2]int{{1, 1}, {1, 2}, {2, 1}, {2, 2}, {3, 1}, {4, 1}, {2, 2}} {
			more := ""
			if i == 6 {
				more = " --overlap"
			}
			out := filepath.Join(dir, fmt.Sprintf("%dx%d%s", c[0], c[1], strings.TrimSpace(more)))
			log := out + ".log"
			mustRun(t, c[0], fmt.Sprintf("train --config %s --threads %d --out %s --log %s%s", file, c[1], out, log,
				more))
			checkWaits(t, c[0], filepath.Join(out, "summary.json"), log)
			got := [4]string{
				sum(t, filepath.Join(out, "best.safetensors")), columns(t, filepath.Join(out, "metrics.csv")),
				sum(t, filepath.Join(out, "confusion.svg")),
				mustRun(t, c[0], fmt.Sprintf("eval %s --json --threads %d", filepath.Join(dir, "1x1"), c[1])),
			}
			if i == 0 {
				first = got
				t.Logf("%s: SHA-256 %s", score, got[0])
			}
			if got != first {
				t.Errorf("%s, %d ranks of %d threads%s: %v, one of one: %v", score, c[0], c[1], more, got, first)
			}
		}
	}
}

// checkWaits looks for how long each of some ranks has waited, in the summary and in the log.
func checkWaits(t *testing.T, ranks int, summary, log string) {
	t.Helper()
	text, err := os.ReadFile(summary)
	if err != nil {
		t.Fatal(err)
	}
	var s struct {
		Waited []float64 `json:"seconds_waited"`
	}
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	records, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	if ranks == 1 {
		ranks = 0 // waits for nobody
	}
	if logged := strings.Contains(string(records), `"waited":[`); len(s.Waited) != ranks ||
		logged != (ranks > 0) {
		t.Errorf("waited %v s in the summary, in the log: %v; want %d numbers in both", s.Waited, logged, ranks)
	}
}

// Pictures are read in shares, and predicted as by one process.
func TestPredictOverRanks(t *testing.T) {
	picture, err := os.ReadFile("../../testdata/seven.png")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for i := range 13 {
		write(t, filepath.Join(dir, fmt.Sprintf("%02d.png", i)), picture)
	}
	const line = "predict mnist-hqvit --json --threads 1 "
	want := mustRun(t, 1, line+dir)
	if n := strings.Count(want, `"class":"7"`); n != 13 {
		t.Fatalf("%d sevens in %s", n, want)
	}
	if got := mustRun(t, 3, line+dir); got != want {
		t.Errorf("3 ranks: %s\n1 rank: %s", got, want)
	}
}

func TestBenchOverRanks(t *testing.T) {
	out := mustRun(t, 2, "bench --model hqvit --threads 1 --seconds 0.05")
	if !strings.Contains(out, " ranks=2 exchange_us_per_step=") || strings.Count(out, "\n") != 1 {
		t.Errorf("bench prints %q", out)
	}
}

// The ranks share the runs of a comparison, and the first reports what one process would have.
func TestCompareOverRanks(t *testing.T) {
	dir := t.TempDir()
	line := "compare --data " + digits(t) + " --models vit,logreg --seeds 2 --epochs 1 --threads 1 --out " + dir
	mustRun(t, 3, line+"/a")
	mustRun(t, 1, line+"/b")
	for _, run := range []string{"vit/s1", "vit/s2", "logreg/s1", "logreg/s2"} {
		a := sum(t, filepath.Join(dir, "a/runs", run, "best.safetensors"))
		if b := sum(t, filepath.Join(dir, "b/runs", run, "best.safetensors")); a != b {
			t.Errorf("%s: %s over ranks, %s in one process", run, a, b)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "a/report.html")); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "a/claims")); err == nil {
		t.Error("claims are left behind")
	}
}

//go:build mpi

package mpitest

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hqvit/hqvit/train/rundir"
)

// misbehave lets a rank end, as a test wants it to.
func misbehave() {
	if who := os.Getenv("HQVIT_MPI_PANIC"); who != "" && os.Getenv("OMPI_COMM_WORLD_RANK") == who {
		time.AfterFunc(500*time.Millisecond, func() { panic("a test wants it") })
	}
}

// An error that all ranks have is said once; that of one rank says which.
func TestErrorsAreOneLine(t *testing.T) {
	file := recipe(t, "dot", 2)
	for _, c := range []struct{ line, want string }{
		{"train --config " + file + " --batch 0 --micro -1", "hqvit: "},
		{"train --config " + file + " --from none", "hqvit: from: none"},
		{"eval " + t.TempDir(), "hqvit: "},
		{"nonsense", "hqvit: "},
	} {
		began := time.Now()
		out, err := run(t, 3, c.line)
		if err == nil || strings.Count(out, "\n") != 1 || !strings.HasPrefix(out, c.want) {
			t.Errorf("%s: %v, %q, want one line that begins with %q", c.line, err, out, c.want)
		}
		if took := time.Since(began); took > 30*time.Second {
			t.Errorf("%s: ended after %v", c.line, took)
		}
	}
	// A picture that cannot be read by the rank whose share it is in.
	dir := t.TempDir()
	for i := range 3 {
		write(t, filepath.Join(dir, fmt.Sprintf("%d.png", i)), []byte("no picture"))
		if i < 2 {
			picture, err := os.ReadFile("../../testdata/seven.png")
			if err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(dir, fmt.Sprintf("%d.png", i)), picture)
		}
	}
	out, err := run(t, 3, "predict mnist-hqvit "+dir)
	if err == nil || strings.Count(out, "\n") != 1 || !strings.HasPrefix(out, "hqvit: rank 2 on ") ||
		!strings.Contains(out, "2.png") {
		t.Errorf("predict: %v, %q, want one line about 2.png by rank 2", err, out)
	}
}

func TestPanicEndsAllRanks(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	out, err := run(t, 3, "train --config "+recipe(t, "dot", 100000)+" --threads 1 --out "+dir,
		"HQVIT_MPI_PANIC=1")
	if err == nil || !strings.Contains(out, "a test wants it") {
		t.Errorf("%v, %s, want the panic", err, out)
	}
}

// children returns the processes that a process has started.
func children(t *testing.T, pid int) (all []int) {
	t.Helper()
	entries, err := os.ReadDir("/proc")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		child, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		stat, err := os.ReadFile(filepath.Join("/proc", e.Name(), "stat"))
		if err != nil {
			continue
		}
		_, after, _ := strings.Cut(string(stat), ") ")
		if fields := strings.Fields(after); len(fields) > 1 && fields[1] == strconv.Itoa(pid) {
			all = append(all, child)
		}
	}
	return all
}

// A rank is killed again and again, and the run is resumed by other numbers of ranks: each time all end soon,
// no file is damaged, and the end is that of a run that nobody has disturbed.
func TestKilledRanks(t *testing.T) {
	kills := 3
	if text := os.Getenv("HQVIT_MPI_KILLS"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		kills = n
	}
	file, dir := recipe(t, "swap", 60+40*kills), t.TempDir()
	whole, broken := filepath.Join(dir, "whole"), filepath.Join(dir, "broken")
	mustRun(t, 1, "train --config "+file+" --threads 1 --out "+whole)
	random := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 1))
	checkpoint := filepath.Join(broken, rundir.CheckpointFile)
	line := "train --config " + file + " --threads 1 --out " + broken
	longest := time.Duration(0)
	for i := range kills {
		ranks := []int{4, 3, 2}[i%3]
		before := modified(checkpoint)
		c := mpirun(t.Context(), ranks, line)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- c.Wait() }()
		for deadline := time.Now().Add(time.Minute); modified(checkpoint).Equal(before); {
			if time.Now().After(deadline) {
				t.Fatalf("kill %d: no checkpoint in a minute", i)
			}
			time.Sleep(5 * time.Millisecond)
		}
		time.Sleep(time.Duration(random.IntN(200)) * time.Millisecond)
		all := children(t, c.Process.Pid)
		if len(all) == 0 {
			t.Fatalf("kill %d: the run has ended before", i)
		}
		victim := all[random.IntN(len(all))]
		if err := syscall.Kill(victim, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		killed := time.Now()
		select {
		case err := <-ended:
			if err == nil {
				t.Errorf("kill %d: mpirun ends without an error", i)
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("kill %d: %d ranks have not ended within 10 s", i, ranks)
		}
		longest = max(longest, time.Since(killed))
		if _, err := rundir.ReadIdentity(checkpoint); err != nil {
			t.Fatalf("kill %d: %v", i, err)
		}
		if _, err := rundir.ReadWeights(filepath.Join(broken, rundir.WeightsFile)); err != nil {
			t.Fatalf("kill %d: %v", i, err)
		}
		line = "train --resume --threads 1 --out " + broken
	}
	mustRun(t, 1, line)
	for _, name := range []string{rundir.WeightsFile, rundir.CurvesFile} {
		if a, b := sum(t, filepath.Join(whole, name)), sum(t, filepath.Join(broken, name)); a != b {
			t.Errorf("%s: %s after %d kills, %s without", name, b, kills, a)
		}
	}
	t.Logf("%d kills, all ranks ended within %v", kills, longest)
}

func modified(path string) time.Time {
	info, err := os.Stat(path)
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}

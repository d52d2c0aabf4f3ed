package train_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/atomicfile"
	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/train/rundir"
)

// running starts a process that trains in a directory without end, and waits until it has its lock and wanted
// files.
func running(t *testing.T, dir string, wanted ...string) *os.Process {
	t.Helper()
	cmd := child(dir, 1_000_000)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	for _, name := range append(wanted, "hqvit.lock") {
		for info := os.FileInfo(nil); info == nil || info.Size() == 0; {
			info, _ = os.Stat(filepath.Join(dir, name))
			time.Sleep(time.Millisecond)
		}
	}
	return cmd.Process
}

// A run that another process is writing is refused, and the error says which that is. When it has been
// killed, the next one goes on.
func TestDirectoryOfALiveRunIsRefused(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	first := running(t, dir, rundir.CheckpointFile)
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	who := []string{"lock " + dir, "process " + strconv.Itoa(first.Pid) + " on " + host, "is writing there " +
		"since 2",
		filepath.Base(os.Args[0]), "wait until it ends, stop it, or choose another directory"}
	k := long(dir, 3)
	k.Recipe.Epochs = 1_000_000
	wantError(t, k, who...)
	k.Resume, k.Overwrite = false, true
	wantError(t, k, who...)
	var text strings.Builder
	other := child(dir, 3)
	other.Stderr = &text
	if err := other.Run(); err == nil || !strings.Contains(text.String(), who[1]) {
		t.Errorf("another process: %v, %s", err, text.String())
	}
	if err := first.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	first.Wait()
	if lock := file(t, dir, "hqvit.lock"); !strings.Contains(lock, strconv.Itoa(first.Pid)) {
		t.Errorf("the dead holder left %q", lock)
	}
	running(t, dir).Signal(syscall.SIGKILL)
	k = long(dir, 3)
	k.Resume, k.Overwrite = false, true
	mustRun(t, k)
	if _, err := os.Stat(filepath.Join(dir, "hqvit.lock")); err == nil {
		t.Error("a run that has ended left its lock")
	}
}

// stuck is a process that has locked a directory and is in the middle of a write there, for ever.
func stuck(dir string) {
	if _, err := rundir.Lock(dir); err != nil {
		panic(err)
	}
	err := atomicfile.Write(filepath.Join(dir, rundir.CheckpointFile), func(w io.Writer) error {
		fmt.Fprint(w, strings.Repeat("part", 10_000))
		fmt.Print(".")
		time.Sleep(time.Hour)
		return nil
	})
	panic(err)
}

// What killed writes leave is gone after the next start; what others left there is not.
func TestTemporaryFilesOfKilledWrites(t *testing.T) {
	dir := t.TempDir()
	temporary := func() []string {
		all, err := filepath.Glob(filepath.Join(dir, ".*.hqvit.tmp"))
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "HQVIT_TEST_STUCK="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 1)); err != nil { // it is in the middle of a write
		t.Fatal(err)
	}
	if err := cmd.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
	if n := len(temporary()); n != 1 {
		t.Fatalf("%d temporary files of the killed write, want 1", n)
	}
	others := []string{".notes.tmp", "draft.hqvit.tmp", ".a.b.hqvit.tmp", "mine.txt"}
	for _, name := range others {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	k := long(dir, 2)
	k.Resume, k.Overwrite = false, true
	mustRun(t, k)
	if left := temporary(); len(left) != 1 || filepath.Base(left[0]) != ".a.b.hqvit.tmp" {
		t.Errorf("left behind: %v", left)
	}
	for _, name := range others {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Errorf("a file of others is gone: %v", err)
		}
	}
}

// A run that goes on with other kernels says so, on screen, in its log and in its summary.
func TestResumeOnOtherKernels(t *testing.T) {
	if dense.CPU() == "generic" {
		t.Skip("this machine has one set of kernels")
	}
	k := long(t.TempDir(), 3)
	if _, err := k.Run(&countdown{context.Background(), 7}); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	resume := func(kernels string) string {
		var text strings.Builder
		cmd := child(k.Dir, 3)
		cmd.Env, cmd.Stderr = append(cmd.Env, "HQVIT_CPU="+kernels, "HQVIT_TEST_VERBOSE=1"), &text
		if err := cmd.Run(); err != nil {
			t.Fatalf("%v: %s", err, text.String())
		}
		return text.String()
	}
	want := "trained with " + dense.CPU() + " kernels so far, and goes on with generic: the last bits of " +
		"its results"
	if text := resume("generic"); !strings.Contains(text, want) ||
		!strings.Contains(text, `"msg":"other kernels","was":"`+dense.CPU()+`","now":"generic"`) {
		t.Errorf("want %q and a line of the log, got\n%s", want, text)
	}
	var summary train.Summary
	err := rundir.ReadJSON(filepath.Join(k.Dir, rundir.SummaryFile), "", &summary)
	if err != nil || !slices.Equal(summary.Kernels, []string{dense.CPU(), "generic"}) {
		t.Errorf("the summary has the kernels %v (%v)", summary.Kernels, err)
	}
	if text := resume("generic"); strings.Contains(text, "kernels") {
		t.Errorf("with the same kernels again: %s", text)
	}
}

package train_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

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

// A run that another process is writing is refused, and the error says which that is. When it has been killed,
// the next one goes on.
func TestDirectoryOfALiveRunIsRefused(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	first := running(t, dir, rundir.CheckpointFile)
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	who := []string{"lock " + dir, "process " + strconv.Itoa(first.Pid) + " on " + host, "is writing there since 2",
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
	for range 200 { // until a kill comes in the middle of a write
		first := running(t, dir)
		for range 100 {
			time.Sleep(100 * time.Microsecond)
			if len(temporary()) > 0 {
				break
			}
		}
		if err := first.Signal(syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		first.Wait()
		if len(temporary()) > 0 {
			break
		}
	}
	if len(temporary()) == 0 {
		t.Fatal("no kill came in the middle of a write")
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

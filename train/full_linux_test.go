package train_test

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/hqvit/hqvit/train/rundir"
)

// TestFullDisk fills a small file system until the run cannot save, and asks for a clear error and the
// checkpoint of before.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=256k"); err != nil {
		t.Skipf("no file system to fill: %v", err)
	}
	defer syscall.Unmount(dir, 0)
	k := long(filepath.Join(dir, "run"), 400)
	k.Recipe.KeepEpochs = 400
	_, err := k.Run(t.Context())
	if err == nil || !strings.Contains(err.Error(), "no space left on device") ||
		strings.Contains(err.Error(), "\n") {
		t.Fatalf("got %v, want one line that says that the disk is full", err)
	}
	t.Log(err)
	if _, err := rundir.ReadWeights(filepath.Join(dir, "run", rundir.CheckpointFile)); err != nil {
		t.Fatalf("the last checkpoint is lost: %v", err)
	}
	left, err := filepath.Glob(filepath.Join(dir, "run", "*.tmp*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v (%v)", left, err)
	}
	// With room again, the run resumes from there.
	if err := syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT, "size=64m"); err != nil {
		t.Fatal(err)
	}
	k.Recipe.KeepEpochs = 0
	mustRun(t, k)
}

//go:build unix

package rundir

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"
)

// Of many that take a directory at once, one has it at a time, though each removes the lock file.
func TestOneHolderAtATime(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	var holding sync.Mutex
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for taken := 0; taken < 50; {
				release, err := Lock(dir)
				if err != nil {
					if !strings.Contains(err.Error(), "is writing there") {
						t.Error(err)
						return
					}
					continue
				}
				if !holding.TryLock() {
					t.Error("two hold the directory")
				} else {
					holding.Unlock()
				}
				taken++
				release()
			}
		})
	}
	group.Wait()
	if left, err := os.ReadDir(dir); err == nil && len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// Where the file system has no locks, the lock file says who is alive.
func TestLockWithoutLocks(t *testing.T) {
	real := flock
	flock = func(int) unix.Errno { return unix.ENOLCK }
	defer func() { flock = real }()
	dir := t.TempDir()
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		h    holder
		free bool
	}{
		"a live process":          {holder{PID: os.Getppid(), Host: host}, false},
		"a dead process":          {holder{PID: 1 << 30, Host: host}, true},
		"one on another host":     {holder{PID: 1 << 30, Host: host + "2"}, false},
		"nobody":                  {holder{}, true},
		"this process, restarted": {holder{PID: os.Getpid(), Host: host}, true},
	} {
		text, err := json.Marshal(c.h)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, lockFile), text, 0o644); err != nil {
			t.Fatal(err)
		}
		release, err := Lock(dir)
		if (err == nil) != c.free {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil {
			release()
		} else if !strings.Contains(err.Error(), "remove "+filepath.Join(dir, lockFile)+" if that process "+
			"has ended") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestFileNames(t *testing.T) {
	for name, want := range map[string]string{
		"hqvit:cosine": "hqvit-cosine", "a/b\\c": "a-b-c", "vit": "vit", "": "-", "..": "-", "con": "-con",
		"NUL.txt": "-NUL.txt", "lpt1": "-lpt1", "console": "console", "a.": "a-", "größe=1": "größe=1",
		"a?*<>|\"b": "a------b",
		"tab\there": "tab-here",
	} {
		if got := FileName(name); got != want {
			t.Errorf("%q becomes %q, want %q", name, got, want)
		}
	}
}

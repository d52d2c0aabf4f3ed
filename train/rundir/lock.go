package rundir

import (
	"encoding/json"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/atomicfile"
)

// lockFile is there while a process writes into a directory. It says which.
const lockFile = "hqvit.lock"

// holder is who holds a lock, as the lock file says.
type holder struct {
	PID     int    `json:"pid"`
	Host    string `json:"host"`
	Since   string `json:"since"`
	Command string `json:"command"`
}

// ErrHeld is what Lock returns, by errors.Is, for a directory that another process holds.
var ErrHeld = errors.New("another process is writing there")

// held is ErrHeld with who it is and what to do.
type held string

func (h held) Error() string        { return string(h) }
func (h held) Is(target error) bool { return target == ErrHeld }

// What tryLock returns when it has no lock.
var (
	errHeld    = errors.New("another process holds the lock")
	errNoLocks = errors.New("the file system has no locks")
)

// Lock makes a directory, if need be, and takes it for this process, until release is called: no other
// process can lock it. It removes the temporary files that killed writes have left there. Release removes the
// lock file, and those directories that Lock has made and that are empty still.
//
// The lock is one of the operating system, which ends it with the process, however that ends; so the lock of
// a dead process is never in the way, in containers and on network file systems too. On a file system without
// such locks, what the lock file says decides.
//
// It returns an error that says who holds the directory, if another process does; that one is ErrHeld.
func Lock(dir string) (release func(), err error) {
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return nil, errors.Errorf("%s is a file, want the directory of a run", dir)
	}
	made := missing(dir)
	removeMade := func() {
		for _, path := range made {
			os.Remove(path) // which fails, as it should, if it is not empty
		}
	}
	file, err := lock(dir)
	if err != nil {
		removeMade()
		return nil, err
	}
	release = func() { unlock(file); removeMade() }
	if err := atomicfile.Sweep(dir); err != nil {
		release()
		return nil, err
	}
	return release, nil
}

// missing returns the directories that os.MkdirAll has to make, the innermost first.
func missing(dir string) []string {
	var dirs []string
	for path := filepath.Clean(dir); ; path = filepath.Dir(path) {
		if _, err := os.Stat(path); err == nil || filepath.Dir(path) == path {
			return dirs
		}
		dirs = append(dirs, path)
	}
}

// lock makes a directory and returns its lock file, open and locked.
func lock(dir string) (*os.File, error) {
	path := filepath.Join(dir, lockFile)
	for try := 0; ; try++ {
		err := os.MkdirAll(dir, 0o777)
		// Who had made a directory may just have removed it, before or behind the making of ours.
		if (errors.Is(err, os.ErrNotExist) || errors.Is(err, os.ErrExist)) && try < 100 {
			continue
		}
		if err != nil {
			return nil, errors.WithStack(err)
		}
		file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o666)
		if errors.Is(err, os.ErrNotExist) && try < 100 {
			continue
		}
		if err != nil {
			return nil, errors.Wrapf(err, "lock %s", dir)
		}
		switch err = tryLock(file); {
		case errors.Is(err, errNoLocks):
			if other := readHolder(file); other != nil && other.mayLive() {
				err = other.refuse(dir, fmt.Sprintf("remove %s if that process has ended", path))
			} else {
				err = nil
			}
		case errors.Is(err, errHeld):
			if other := readHolder(file); other != nil {
				err = other.refuse(dir, "wait until it ends, stop it, or choose another directory")
			} else if try < 100 { // it has only just taken the lock, or is giving it up
				file.Close()
				time.Sleep(10 * time.Millisecond)
				continue
			}
		case err == nil && !isAt(file, path): // its holder has removed it in between
			file.Close()
			continue
		}
		if err == nil {
			err = writeHolder(file)
		}
		if err != nil {
			file.Close()
			return nil, errors.WithMessagef(err, "lock %s", dir)
		}
		return file, nil
	}
}

// isAt reports whether an open file is the one that a path leads to.
func isAt(file *os.File, path string) bool {
	open, err := file.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(path)
	return err == nil && os.SameFile(open, there)
}

// unlock removes a lock file. Where an open file can be removed, it is removed before the lock ends, so that
// nobody takes a lock on a file that is about to go; elsewhere whoever has opened it keeps it from going.
func unlock(file *os.File) {
	os.Remove(file.Name())
	file.Close()
	if !removesOpen {
		os.Remove(file.Name())
	}
}

func writeHolder(file *os.File) error {
	host, err := os.Hostname()
	if err != nil {
		host = "an unknown host"
	}
	text, err := json.Marshal(holder{os.Getpid(), host, time.Now().Format(time.RFC3339),
		commandLine(os.Args)})
	if err != nil {
		return errors.WithStack(err)
	}
	if err := file.Truncate(0); err != nil {
		return errors.WithStack(err)
	}
	_, err = file.WriteAt(append(text, '\n'), 0)
	return errors.WithStack(err)
}

// commandLine is what was called, cut off where it becomes long.
func commandLine(args []string) string {
	const most = 200
	line := strings.Join(append([]string{filepath.Base(args[0])}, args[1:]...), " ")
	if r := []rune(line); len(r) > most {
		line = string(r[:most]) + "…"
	}
	return line
}

// readHolder returns what a lock file says, nil if it says nothing yet.
func readHolder(file *os.File) *holder {
	text := make([]byte, 4096)
	n, _ := file.ReadAt(text, 0)
	var h holder
	if json.Unmarshal(text[:n], &h) != nil || h.PID == 0 {
		return nil
	}
	return &h
}

// mayLive reports whether the holder may still be running: on another host nobody knows.
func (h *holder) mayLive() bool {
	host, err := os.Hostname()
	if err != nil || host != h.Host {
		return true
	}
	return h.PID != os.Getpid() && alive(h.PID)
}

// refuse is the error for who finds a directory locked.
func (h *holder) refuse(dir, advice string) error {
	return held(fmt.Sprintf("process %d on %s is writing there since %s (%s): %s", h.PID, h.Host, h.Since,
		strings.Join(strings.Fields(h.Command), " "), advice))
}

// Busy reports whether a process writes into a directory below a root, given by its path with slashes, as far
// as its lock file says: not of a process that has died on this machine, and not of this process.
func Busy(root *os.Root, dir string) bool {
	file, _, err := OpenIn(root, path.Join(dir, lockFile))
	if err != nil {
		return false
	}
	defer file.Close()
	h := readHolder(file)
	return h != nil && h.mayLive()
}

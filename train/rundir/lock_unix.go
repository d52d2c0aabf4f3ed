//go:build unix && !solaris && !illumos

package rundir

import (
	"os"
	"slices"

	"golang.org/x/sys/unix"
)

// removesOpen says that a file that is open can be removed.
const removesOpen = true

// tryLock locks a file for this process, and does not wait.
func tryLock(file *os.File) error {
	err := unix.EINTR
	for err == unix.EINTR {
		err = flock(int(file.Fd()))
	}
	switch {
	case err == 0:
		return nil
	case err == unix.EWOULDBLOCK || err == unix.EACCES:
		return errHeld
	case slices.Contains(noLocks, err):
		return errNoLocks
	}
	return err
}

// noLocks are the answers of a file system that has no locks, or whose server for them does not run.
var noLocks = []unix.Errno{unix.ENOSYS, unix.ENOTSUP, unix.EOPNOTSUPP, unix.ENOLCK, unix.EINVAL}

// flock is a variable for tests.
var flock = func(fd int) unix.Errno {
	err := unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB)
	if errno, ok := err.(unix.Errno); ok {
		return errno
	}
	return 0
}

// alive reports whether there is a process.
func alive(pid int) bool {
	err := unix.Kill(pid, 0)
	return err == nil || err == unix.EPERM
}

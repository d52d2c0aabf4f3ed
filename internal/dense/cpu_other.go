//go:build !amd64 && !arm64

package dense

// available returns the sets that this machine can run, best first.
func available() []set { return []set{generic} }

package nntest

import (
	"runtime"
	"testing"
)

// Raced is whether the race detector is on.
const Raced = raced

// Broken returns the names of the laws that the case breaks.
func Broken(t testing.TB, c Case) []string {
	var names []string
	for _, law := range laws {
		r := &recorder{TB: t}
		done := make(chan bool)
		go func() { // a goroutine of its own, for FailNow ends it
			defer close(done)
			law.check(r, c)
		}()
		<-done
		if r.failed {
			names = append(names, law.name)
		}
	}
	return names
}

// recorder notes a failure where a test would fail.
type recorder struct {
	testing.TB
	failed bool
}

func (r *recorder) Error(...any)          { r.failed = true }
func (r *recorder) Errorf(string, ...any) { r.failed = true }
func (r *recorder) Fatal(...any)          { r.failed = true; runtime.Goexit() }
func (r *recorder) Fatalf(string, ...any) { r.failed = true; runtime.Goexit() }
func (r *recorder) Skip(...any)           { runtime.Goexit() }

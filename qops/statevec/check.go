package statevec

import "github.com/pkg/errors"

func want(what string, got, want int) error {
	if got == want {
		return nil
	}
	return errors.Errorf("statevec: want %s of %d numbers, got %d", what, want, got)
}

// wantOr is want for a slice that may be nil.
func wantOr[T any](what string, got []T, n int) error {
	if got == nil {
		return nil
	}
	return want(what, len(got), n)
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

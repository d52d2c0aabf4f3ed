package serve

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/pkg/errors"
)

// statusError is an error with the status of its answer. One without is a mistake of ours.
type statusError struct {
	error
	code int
}

func (e statusError) Unwrap() error { return e.error }

func status(code int, err error) error { return statusError{err, code} }

// failure returns an error in words with its status.
func failure(code int, format string, args ...any) error {
	return statusError{errors.Errorf(format, args...), code}
}

func badRequest(format string, args ...any) error {
	return failure(http.StatusBadRequest, format, args...)
}

func notFound(format string, args ...any) error {
	return failure(http.StatusNotFound, format, args...)
}

// busy is the error of what can be tried again.
func busy(format string, args ...any) error {
	return failure(http.StatusServiceUnavailable, format+"; try again in a moment", args...)
}

// gone is the status of a request whose client does not wait for the answer; nobody sees it but the metrics.
const gone = 499

// statusOf returns the status of an error.
func statusOf(err error) int {
	var s statusError
	switch {
	case errors.As(err, &s):
		return s.code
	case errors.Is(err, context.Canceled):
		return gone
	case errors.Is(err, context.DeadlineExceeded):
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// writeError answers with an error as JSON.
func writeError(w http.ResponseWriter, err error) {
	code, text := statusOf(err), err.Error()
	if errors.Is(err, context.DeadlineExceeded) {
		text = "the answer took too long; try again, with less noise or a smaller model"
	}
	if code == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "1")
	}
	writeJSON(w, code, map[string]string{"error": text})
}

func writeJSON(w http.ResponseWriter, code int, value any) {
	text, err := json.Marshal(value)
	if err != nil {
		code, text = http.StatusInternalServerError, []byte(fmt.Sprintf(`{"error":%q}`, "the answer has no JSON"))
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	w.Write(append(text, '\n'))
}

// handler answers a request, or returns an error to answer it with.
type handler func(w http.ResponseWriter, r *http.Request) error

func (h handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := h(w, r); err != nil {
		writeError(w, err)
	}
}

// knows refuses a request with a parameter that is none of these, which is a slip in the name of one, and
// with one that is there twice, of which nobody knows the one that is meant.
func knows(parameters string, next http.Handler) http.Handler {
	known := strings.Fields(parameters)
	return handler(func(w http.ResponseWriter, r *http.Request) error {
		query, err := url.ParseQuery(r.URL.RawQuery)
		if err != nil {
			return badRequest("the parameters cannot be read: %v", err)
		}
		for name, values := range query {
			if !slices.Contains(known, name) {
				return badRequest("there is no parameter %.40q, want one of %s", name, strings.Join(known, ", "))
			}
			if len(values) > 1 {
				return badRequest("the parameter %s is there %d times, want it once", name, len(values))
			}
		}
		next.ServeHTTP(w, r)
		return nil
	})
}

// answer is a handler that answers in JSON.
func answer[T any](f func(r *http.Request) (T, error)) http.Handler {
	return handler(func(w http.ResponseWriter, r *http.Request) error {
		value, err := f(r)
		if err != nil {
			return err
		}
		writeJSON(w, http.StatusOK, value)
		return nil
	})
}

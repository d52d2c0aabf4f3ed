package data

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/pkg/errors"
)

const (
	tries   = 3                // of one mirror, as long as each brings the file forward
	patient = 60 * time.Second // without a byte, before a mirror counts as dead
)

// defaultClient bounds every wait but that for the body, which download
// watches itself.
var defaultClient = &http.Client{Transport: &http.Transport{
	Proxy:                 http.ProxyFromEnvironment,
	DialContext:           (&net.Dialer{Timeout: 20 * time.Second}).DialContext,
	TLSHandshakeTimeout:   20 * time.Second,
	ResponseHeaderTimeout: patient,
	DisableCompression:    true, // a digest is that of the file as it is stored
	ForceAttemptHTTP2:     true,
}}

// download stores a file at path and returns its content. It tries the
// mirrors in order, resumes where an interrupted download stopped, and lets
// the file appear under its name only when its digest is right. It keeps what
// has come of an interrupted download for the next time.
func (o Options) download(ctx context.Context, f File, path string) ([]byte, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return nil, errors.WithStack(err)
	}
	part := path + ".part"
	var failures []string
	for _, mirror := range f.URLs {
		content, err := o.fromMirror(ctx, f, mirror, part)
		if err == nil {
			return content, errors.WithStack(os.Rename(part, path))
		}
		if ctx.Err() != nil {
			return nil, errors.WithStack(ctx.Err())
		}
		o.log().Warn("download failed", "error", err.Error()) // the message without its stack
		failures = append(failures, err.Error())
	}
	return nil, errors.New(strings.Join(failures, "; "))
}

// fromMirror brings the partial file to its end from one mirror and checks
// it. If a file that was continued has a wrong digest, it starts once from
// nothing, because mirrors may hold different compressions.
func (o Options) fromMirror(ctx context.Context, f File, mirror, part string) ([]byte, error) {
	for {
		start := size(part)
		if err := o.complete(ctx, f.Name, mirror, part); err != nil {
			return nil, err
		}
		content, err := f.read(part)
		if err == nil {
			return content, nil
		}
		if removeErr := os.Remove(part); removeErr != nil {
			return nil, errors.WithStack(removeErr)
		}
		if start == 0 {
			return nil, errors.WithMessage(err, mirror)
		}
	}
}

// complete repeats an interrupted transfer as long as it brings bytes.
func (o Options) complete(ctx context.Context, name, mirror, part string) error {
	for try := 1; ; try++ {
		before := size(part)
		err := o.transfer(ctx, name, mirror, part)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil || try == tries || size(part) == before {
			return errors.WithMessage(err, mirror)
		}
	}
}

func size(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}

// transfer appends to the partial file what it lacks, and syncs it.
func (o Options) transfer(ctx context.Context, name, mirror, part string) (err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	have := size(part)
	o.log().Info("downloading", "url", mirror, "to", part, "from", have)
	response, err := o.get(ctx, mirror, have)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	flags := os.O_CREATE | os.O_WRONLY
	switch response.StatusCode {
	case http.StatusPartialContent:
		want := "bytes " + strconv.FormatInt(have, 10) + "-"
		if got := response.Header.Get("Content-Range"); !strings.HasPrefix(got, want) {
			return errors.Errorf("the server sends range %q, want it from byte %d", got, have)
		}
		flags |= os.O_APPEND
	case http.StatusOK: // the whole file, whatever was asked for
		flags |= os.O_TRUNC
		have = 0
	case http.StatusRequestedRangeNotSatisfiable: // nothing is missing; the digest decides
		return nil
	default:
		return errors.Errorf("the server says %s", response.Status)
	}
	file, err := os.OpenFile(part, flags, 0o666)
	if err != nil {
		return errors.WithStack(err)
	}
	defer func() {
		if closeErr := file.Close(); err == nil {
			err = errors.WithStack(closeErr)
		}
	}()
	total := int64(-1)
	if response.ContentLength >= 0 {
		total = have + response.ContentLength
	}
	body := &watched{Reader: response.Body, done: have, seen: func(done int64) {
		if o.Progress != nil {
			o.Progress(name, done, total)
		}
	}}
	body.timer = time.AfterFunc(patient, func() { cancel(errors.Errorf("no byte for %v", patient)) })
	defer body.timer.Stop()
	if _, err := io.Copy(file, body); err != nil {
		if cause := context.Cause(ctx); cause != nil {
			err = cause
		}
		return errors.Wrapf(err, "interrupted after %d bytes", body.done)
	}
	return errors.WithStack(file.Sync())
}

// get asks for a file from byte have on.
func (o Options) get(ctx context.Context, mirror string, have int64) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, mirror, nil)
	if err != nil {
		return nil, errors.WithStack(err)
	}
	if have > 0 {
		request.Header.Set("Range", "bytes="+strconv.FormatInt(have, 10)+"-")
	}
	client := o.Client
	if client == nil {
		client = defaultClient
	}
	response, err := client.Do(request)
	var failed *url.Error
	if errors.As(err, &failed) {
		err = failed.Err // without the address, which the caller names
	}
	return response, errors.WithStack(err)
}

// watched reports what passes, and puts off the timer that ends a transfer
// which has come to a halt.
type watched struct {
	io.Reader
	done  int64
	seen  func(done int64)
	timer *time.Timer
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.Reader.Read(p)
	w.timer.Reset(patient)
	w.done += int64(n)
	w.seen(w.done)
	return n, err
}

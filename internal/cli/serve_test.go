package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
)

func TestServeMistakes(t *testing.T) {
	withRun(t, "logreg")
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	var calls []call
	for _, c := range []call{
		{"serve", wrongUsage, `nothing to serve, want the directory of a run, or --runs with one of many`},
		{"serve a --addr here", wrongUsage, `--addr is "here", want HOST:PORT, such as 127.0.0.1:8017`},
		{"serve a --addr 127.0.0.1:http", wrongUsage, `want HOST:PORT`},
		{"serve a --addr 127.0.0.1:65536", wrongUsage, `want HOST:PORT`},
		{"serve a --addr 127.0.0.1:-1", wrongUsage, `want HOST:PORT`},
		{"serve a --addr evil.example:80", wrongUsage, `want localhost or an address of this machine, not a name`},
		{"serve a --addr 0.0.0.0:0", wrongUsage,
			`can be reached from other machines: .* without a password; if that is meant, add --allow-remote`},
		{"serve a --addr :0", wrongUsage, `add --allow-remote`},
		{"serve a --addr [::]:0", wrongUsage, `add --allow-remote`},
		{"serve a --addr=", wrongUsage, `--addr is empty, want an? address`},
		{"serve a --runs=", wrongUsage, `--runs is empty, want a directory`},
		{"serve a --host=", wrongUsage, `--host is empty, want a name`},
		{"serve a --port 80", wrongUsage, `unknown flag --port`},
		{"serve a --threads 0", wrongUsage, `--threads is "0", want a whole number from 1 to 1024`},
		{"serve none", failed, `none: no such file or directory; runs near it: a; hqvit models lists the models that come trained`},
		{"serve a --runs none", failed, `no directory none with runs`},
		{"serve a --addr " + taken.Addr().String(), failed,
			`cannot listen at .*; choose another --addr, with port 0`},
	} {
		c.seen = "hqvit: .*" + c.seen
		calls = append(calls, c)
	}
	play(t, calls)
}

// From the command to an answer, and to its end by an interrupt, which is no failure.
func TestServeAnswersUntilItIsInterrupted(t *testing.T) {
	withRun(t, "logreg")
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	read, write := io.Pipe()
	var stderr bytes.Buffer
	ended := make(chan int, 1)
	go func() {
		ended <- program{}.run(ctx, strings.Fields("serve a --runs . --addr 127.0.0.1:0"), write, &stderr)
		write.Close()
	}()
	var url string
	if _, err := fmt.Fscanln(read, &url); err != nil {
		t.Fatal(err, stderr.String())
	}
	get := func(path string, value any) {
		t.Helper()
		answer, err := http.Get(url + path)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		if err := json.NewDecoder(answer.Body).Decode(value); err != nil || answer.StatusCode != 200 {
			t.Fatal(answer.Status, err)
		}
	}
	var models struct {
		Models []struct{ ID, Model string }
	}
	get("api/v1/models", &models)
	if len(models.Models) != 1 || models.Models[0].ID != "a" || models.Models[0].Model != "logreg" {
		t.Errorf("%+v", models)
	}
	var runs struct {
		Runs []struct{ ID, State string }
	}
	get("api/v1/runs", &runs)
	if len(runs.Runs) != 1 || runs.Runs[0].ID != "a" || runs.Runs[0].State != "finished" {
		t.Errorf("%+v", runs)
	}
	interrupt()
	if code := <-ended; code != done || stderr.Len() > 0 {
		t.Errorf("exit code %d, want %d; %s", code, done, stderr.String())
	}
	if _, err := os.Stat("a/hqvit.lock"); err == nil {
		t.Error("serving has locked the run")
	}
}

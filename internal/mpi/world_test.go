package mpi

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/pkg/errors"
)

// asRank is set in the ranks that a test starts of its own binary, to the name of what they do.
const asRank = "HQVIT_MPI_TEST"

func TestMain(m *testing.M) {
	name := os.Getenv(asRank)
	if name == "" {
		os.Exit(m.Run())
	}
	w, err := Init()
	if err == nil {
		err = programs[name](w)
	}
	if err != nil {
		fmt.Printf("rank failed: %v\n", err)
		if w != nil {
			w.Abort(3)
		}
		os.Exit(3)
	}
	if err := w.Finalize(); err != nil {
		fmt.Println(err)
		os.Exit(4)
	}
}

// programs are what the ranks of the tests do.
var programs = map[string]func(*World) error{
	"calls": callAll,
	"fail": func(w *World) error {
		if w.Rank == w.Size-1 {
			return errors.New("the last one gives up")
		}
		return w.Recv(w.Size-1, make([]byte, 8))
	},
	"fail while waiting": func(w *World) error {
		if w.Rank == 0 {
			go func() { // the thread is in Recv
				time.Sleep(200 * time.Millisecond)
				fmt.Println("rank failed: elsewhere")
				w.Abort(3)
			}()
		}
		return w.Recv((w.Rank+1)%w.Size, make([]byte, 8))
	},
	"lengths": func(w *World) error {
		if w.Rank == 0 {
			return w.Send(1, make([]byte, 7))
		}
		if w.Rank > 1 {
			return nil
		}
		return w.Recv(0, make([]byte, 8))
	},
}

// callAll makes each call and compares what it gives.
func callAll(w *World) error {
	fill := func(rank, n int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(rank*31 + i*7 + i>>8)
		}
		return b
	}
	for _, n := range []int{0, 1, 4096, 3 << 20, 4 << 20, 9<<20 + 5} {
		for shift := 1; shift < w.Size; shift++ {
			peer := w.Rank ^ shift
			if peer >= w.Size {
				continue
			}
			got := make([]byte, n)
			if err := w.For(Gradients).Exchange(peer, fill(w.Rank, n), got); err != nil {
				return err
			}
			if !bytes.Equal(got, fill(peer, n)) {
				return errors.Errorf("%d bytes from rank %d are not its", n, peer)
			}
		}
		all := make([]byte, n*w.Size)
		if err := w.AllGather(fill(w.Rank, n), all); err != nil {
			return err
		}
		for rank := range w.Size {
			if !bytes.Equal(all[rank*n:(rank+1)*n], fill(rank, n)) {
				return errors.Errorf("gathered %d bytes of rank %d are not its", n, rank)
			}
		}
		root := w.Size - 1
		text := fill(w.Rank, n)
		if err := w.Broadcast(text, root); err != nil {
			return err
		}
		if !bytes.Equal(text, fill(root, n)) {
			return errors.Errorf("broadcast of %d bytes", n)
		}
	}
	data := fill(5, 100)
	switch {
	case w.Size > 1 && w.Rank == 0:
		if err := w.For(States).Send(1, data); err != nil {
			return err
		}
	case w.Rank == 1:
		got := make([]byte, len(data))
		if err := w.For(States).Recv(0, got); err != nil || !bytes.Equal(got, data) {
			return errors.Errorf("received %v, %v", got, err)
		}
	}
	if err := w.Exchange(w.Size, nil, nil); err == nil {
		return errors.New("exchange with a rank that is none gives no error")
	}
	if err := survivesNil(); err != nil {
		return err
	}
	return w.Barrier()
}

// survivesNil returns an error unless Go still makes a panic of a wrong memory access: MPI installs handlers
// too.
func survivesNil() (err error) {
	defer func() {
		if recover() == nil {
			err = errors.New("reading through nil has not panicked")
		}
	}()
	var w *World
	_ = w.Rank
	return nil
}

// ranks runs a program of this test binary in so many ranks and returns its output.
func ranks(t *testing.T, n int, program string) (string, error) {
	t.Helper()
	if !built {
		t.Skip("built without the tag mpi")
	}
	mpirun, err := exec.LookPath("mpirun")
	if err != nil {
		t.Skip("no mpirun")
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, mpirun, "-q", "--oversubscribe", "--bind-to", "none", "-np", fmt.Sprint(n),
		os.Args[0])
	c.Env = append(os.Environ(), asRank+"="+program, "OMPI_ALLOW_RUN_AS_ROOT=1",
		"OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1", "OMPI_MCA_btl_vader_single_copy_mechanism=none")
	out, err := c.CombinedOutput()
	if ctx.Err() != nil {
		t.Fatalf("%d ranks do not end: %s", n, out)
	}
	return string(out), err
}

func TestCalls(t *testing.T) {
	for _, n := range []int{1, 2, 3, 4} {
		if out, err := ranks(t, n, "calls"); err != nil {
			t.Errorf("%d ranks: %v\n%s", n, err, out)
		}
	}
}

func TestFailureEndsAllRanks(t *testing.T) {
	for program, want := range map[string]string{
		"fail":               "rank failed: the last one gives up",
		"fail while waiting": "rank failed: elsewhere",
		"lengths":            "rank failed: mpi: receive 8 bytes from rank 0: the other rank has sent fewer bytes",
	} {
		out, err := ranks(t, 3, program)
		if err == nil || !strings.Contains(out, want) {
			t.Errorf("%s: error %v, output %q, want an error and %q", program, err, out, want)
		}
	}
}

func TestAlone(t *testing.T) {
	w, err := Init()
	if err != nil || w.Rank != 0 || w.Size != 1 {
		t.Fatalf("Init gives %+v, %v, want one rank", w, err)
	}
	recv := make([]byte, 3)
	if err := w.AllGather([]byte("abc"), recv); err != nil || string(recv) != "abc" {
		t.Errorf("AllGather gives %q, %v", recv, err)
	}
	for name, err := range map[string]error{
		"Exchange":   w.Exchange(0, nil, nil),
		"Send":       w.Send(1, nil),
		"AllGather":  w.AllGather(recv, nil),
		"Broadcast":  w.Broadcast(recv, 1),
		"Recv of -1": w.Recv(-1, recv),
	} {
		if err == nil {
			t.Errorf("%s gives no error", name)
		}
	}
	for name, err := range map[string]error{
		"Broadcast": w.Broadcast(recv, 0), "Barrier": w.Barrier(), "Finalize": w.Finalize(),
	} {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSeveralRanksWithoutMPI(t *testing.T) {
	if built {
		t.Skip("built with the tag mpi")
	}
	t.Setenv("OMPI_COMM_WORLD_SIZE", "2")
	if _, err := start(); err == nil || !strings.Contains(err.Error(), "-tags mpi") {
		t.Errorf("two ranks without MPI give %v, want an error that names the tag", err)
	}
}

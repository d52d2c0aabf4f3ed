//go:build mpi

package mpi

/*
#cgo pkg-config: ompi-c
#cgo CFLAGS: -D_GNU_SOURCE
#include <mpi.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <time.h>

// Not an error class of MPI.
enum { hq_interrupted = -1, hq_wrong_length = -2 };

static atomic_int hq_stop;

static void hq_interrupt(void) { atomic_store(&hq_stop, 1); }

static int64_t hq_now(void) {
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

// hq_wait waits for requests. MPI_Waitall would keep a processor busy, and Open MPI moves nothing while nobody
// calls it. So this looks again and again: at first at once, behind whoever else wants the processor, then with
// pauses that grow with the time that has passed.
static int hq_wait(int n, MPI_Request *requests, MPI_Status *statuses) {
	const int64_t us = 1000, began = hq_now();
	for (;;) {
		int done = 0;
		int rc = MPI_Testall(n, requests, &done, statuses);
		if (rc != MPI_SUCCESS || done) return rc;
		if (atomic_load(&hq_stop)) return hq_interrupted;
		int64_t waited = hq_now() - began;
		if (waited < 200 * us) {
			sched_yield();
			continue;
		}
		int64_t pause = waited < 10000 * us ? waited / 16 : waited / 64;
		if (pause < 20 * us) pause = 20 * us;
		if (waited < 10000 * us && pause > 100 * us) pause = 100 * us;
		if (pause > 1000 * us) pause = 1000 * us;
		struct timespec t = {0, pause};
		nanosleep(&t, NULL);
	}
}

static int hq_init(int *rank, int *size) {
	int provided, rc = MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided);
	if (rc != MPI_SUCCESS) return rc;
	prctl(PR_SET_TIMERSLACK, 1); // of this thread: pauses as long as asked for, not 50 microseconds longer
	MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
	if ((rc = MPI_Comm_rank(MPI_COMM_WORLD, rank)) != MPI_SUCCESS) return rc;
	return MPI_Comm_size(MPI_COMM_WORLD, size);
}

static int hq_exchange(int peer, int tag, void *send, int sent, void *recv, int received) {
	MPI_Request requests[2];
	MPI_Status statuses[2];
	int n = 0, rc;
	if (received >= 0) {
		rc = MPI_Irecv(recv, received, MPI_BYTE, peer, tag, MPI_COMM_WORLD, &requests[n++]);
		if (rc != MPI_SUCCESS) return rc;
	}
	if (sent >= 0) {
		rc = MPI_Isend(send, sent, MPI_BYTE, peer, tag, MPI_COMM_WORLD, &requests[n++]);
		if (rc != MPI_SUCCESS) return rc;
	}
	rc = hq_wait(n, requests, statuses);
	if (rc == MPI_ERR_IN_STATUS) {
		for (int i = 0; i < n; i++)
			if (statuses[i].MPI_ERROR != MPI_SUCCESS) rc = statuses[i].MPI_ERROR;
	}
	int count = received;
	if (rc == MPI_SUCCESS && received >= 0) rc = MPI_Get_count(&statuses[0], MPI_BYTE, &count);
	return rc == MPI_SUCCESS && count != received ? hq_wrong_length : rc;
}

static int hq_all_gather(void *send, int n, void *recv) {
	MPI_Request request;
	int rc = MPI_Iallgather(send, n, MPI_BYTE, recv, n, MPI_BYTE, MPI_COMM_WORLD, &request);
	return rc == MPI_SUCCESS ? hq_wait(1, &request, MPI_STATUSES_IGNORE) : rc;
}

static int hq_broadcast(void *data, int n, int root) {
	MPI_Request request;
	int rc = MPI_Ibcast(data, n, MPI_BYTE, root, MPI_COMM_WORLD, &request);
	return rc == MPI_SUCCESS ? hq_wait(1, &request, MPI_STATUSES_IGNORE) : rc;
}

static int hq_barrier(void) {
	MPI_Request request;
	int rc = MPI_Ibarrier(MPI_COMM_WORLD, &request);
	return rc == MPI_SUCCESS ? hq_wait(1, &request, MPI_STATUSES_IGNORE) : rc;
}

static void hq_abort(int code) { MPI_Abort(MPI_COMM_WORLD, code); }
static int hq_finalize(void) { return MPI_Finalize(); }

enum { hq_max_text = MPI_MAX_ERROR_STRING };
*/
import "C"

import (
	"unsafe"

	"github.com/pkg/errors"
)

// built reports whether the program can call MPI.
const built = true

// failure returns the error that a return code stands for.
func failure(rc C.int) error {
	switch rc {
	case 0:
		return nil
	case C.hq_interrupted:
		return errors.New("interrupted, because this rank has failed")
	case C.hq_wrong_length:
		return errors.New("the other rank has sent fewer bytes")
	}
	var text [C.hq_max_text]C.char
	var length C.int
	if C.MPI_Error_string(rc, &text[0], &length) != 0 {
		return errors.Errorf("error %d of MPI", rc)
	}
	return errors.New(C.GoStringN(&text[0], length))
}

// pointer returns where bytes are. cgo keeps them there during a call, and MPI is done with them at its end.
func pointer(b []byte) unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(b)) }

func initialize() (rank, size int, err error) {
	var r, s C.int
	err = failure(C.hq_init(&r, &s))
	return int(r), int(s), err
}

// exchange sends and receives, in as many messages as MPI needs; nil is no message.
func exchange(peer, tag int, send, recv []byte) error {
	sends, recvs := send != nil, recv != nil
	for {
		s, r := send[:min(len(send), maxMessage)], recv[:min(len(recv), maxMessage)]
		sent, received := C.int(-1), C.int(-1)
		if sends {
			sent = C.int(len(s))
		}
		if recvs {
			received = C.int(len(r))
		}
		if err := failure(C.hq_exchange(C.int(peer), C.int(tag), pointer(s), sent, pointer(r),
			received)); err != nil {
			return err
		}
		// A full message is followed by another one, which may be empty.
		sends, recvs = len(s) == maxMessage, len(r) == maxMessage
		if !sends && !recvs {
			return nil
		}
		send, recv = send[len(s):], recv[len(r):]
	}
}

func allGather(send, recv []byte) error {
	return failure(C.hq_all_gather(pointer(send), C.int(len(send)), pointer(recv)))
}

func broadcast(data []byte, root int) error {
	for {
		part := data[:min(len(data), maxMessage)]
		if err := failure(C.hq_broadcast(pointer(part), C.int(len(part)), C.int(root))); err != nil {
			return err
		}
		if data = data[len(part):]; len(data) == 0 {
			return nil
		}
	}
}

func barrier() error  { return failure(C.hq_barrier()) }
func finalize() error { return failure(C.hq_finalize()) }
func abort(code int)  { C.hq_abort(C.int(code)) }
func interrupt()      { C.hq_interrupt() }

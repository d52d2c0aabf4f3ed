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

enum { hq_part = 1 << 18, hq_parts = 16 };

// hq_wait waits for requests, at most 2 * hq_parts of them. MPI_Waitall would keep a processor busy, and Open
// MPI moves nothing while nobody calls it. So this looks again and again: at first at once, behind whoever
// else wants the processor, then with pauses that grow with the time in which nothing has arrived.
static int hq_wait(int n, MPI_Request *requests, MPI_Status *statuses) {
	const int64_t us = 1000;
	int64_t began = hq_now();
	for (int left = n; left > 0;) {
		int done = 0, which[2 * hq_parts];
		MPI_Status status[2 * hq_parts];
		int rc = MPI_Testsome(n, requests, &done, which, status);
		if (rc != MPI_SUCCESS && rc != MPI_ERR_IN_STATUS) return rc;
		for (int i = 0; i < done; i++) {
			if (rc == MPI_ERR_IN_STATUS && status[i].MPI_ERROR != MPI_SUCCESS) return status[i].MPI_ERROR;
			if (statuses) statuses[which[i]] = status[i];
			left--;
		}
		if (atomic_load(&hq_stop)) return hq_interrupted;
		int64_t now = hq_now(), waited = now - began;
		if (done) began = now;
		if (waited < 200 * us || done) {
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
	return MPI_SUCCESS;
}

static int hq_init(int *rank, int *size) {
	int provided, rc = MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided);
	if (rc != MPI_SUCCESS) return rc;
	prctl(PR_SET_TIMERSLACK, 1); // of this thread: pauses as long as asked for, not 50 microseconds longer
	MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
	if ((rc = MPI_Comm_rank(MPI_COMM_WORLD, rank)) != MPI_SUCCESS) return rc;
	return MPI_Comm_size(MPI_COMM_WORLD, size);
}

// hq_exchange sends and receives in parts, so that hq_wait sees them arrive: it sleeps while nothing comes, and
// a message that comes is moved as fast as it can be looked for.
static int hq_exchange(int peer, int tag, char *send, int sent, char *recv, int received) {
	int s = 0, r = 0, sending = sent >= 0, receiving = received >= 0;
	while (sending || receiving) {
		MPI_Request requests[2 * hq_parts];
		MPI_Status statuses[2 * hq_parts];
		int n = 0, rc, wanted[2 * hq_parts];
		// A full part is followed by another one, which may be empty.
		for (int i = 0; i < hq_parts && receiving; i++, n++) {
			wanted[n] = received - r < hq_part ? received - r : hq_part;
			rc = MPI_Irecv(recv + r, wanted[n], MPI_BYTE, peer, tag, MPI_COMM_WORLD, &requests[n]);
			if (rc != MPI_SUCCESS) return rc;
			r += wanted[n];
			receiving = wanted[n] == hq_part;
		}
		int receives = n;
		for (int i = 0; i < hq_parts && sending; i++, n++) {
			int size = sent - s < hq_part ? sent - s : hq_part;
			rc = MPI_Isend(send + s, size, MPI_BYTE, peer, tag, MPI_COMM_WORLD, &requests[n]);
			if (rc != MPI_SUCCESS) return rc;
			s += size;
			sending = size == hq_part;
		}
		if ((rc = hq_wait(n, requests, statuses)) != MPI_SUCCESS) return rc;
		for (int i = 0; i < receives; i++) {
			int count = 0;
			if ((rc = MPI_Get_count(&statuses[i], MPI_BYTE, &count)) != MPI_SUCCESS) return rc;
			if (count != wanted[i]) return hq_wrong_length;
		}
	}
	return MPI_SUCCESS;
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
		if err := failure(C.hq_exchange(C.int(peer), C.int(tag), (*C.char)(pointer(s)), sent,
			(*C.char)(pointer(r)), received)); err != nil {
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

// broadcast sends in parts, for the reason that hq_exchange does.
func broadcast(data []byte, root int) error {
	for {
		part := data[:min(len(data), C.hq_part)]
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

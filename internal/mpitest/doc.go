// Package mpitest tests the commands over the ranks of an mpirun. Its tests need the build tag mpi:
//
//	go test -tags mpi ./internal/mpi ./internal/mpitest
//
// HQVIT_MPI_KILLS is how many ranks are killed, one after the other, in the test that resumes what is left: 3
// without it.
package mpitest

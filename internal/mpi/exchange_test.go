package mpi

import (
	"fmt"
	"testing"
)

// BenchmarkExchange is how long two ranks take to exchange so many bytes, both ready for it:
//
//	go test -tags mpi -c -o mpi.test ./internal/mpi
//	mpirun -q -np 2 ./mpi.test -test.run '^$' -test.bench Exchange -test.benchtime 300x
func BenchmarkExchange(b *testing.B) {
	w, err := Init()
	if err != nil {
		b.Fatal(err)
	}
	if w.Size != 2 {
		b.Skip("want two ranks: see the comment")
	}
	for _, n := range []int{8, 250_000, 2_000_000, 16_000_000} {
		b.Run(fmt.Sprintf("bytes=%d", n), func(b *testing.B) {
			send, recv := make([]byte, n), make([]byte, n)
			b.SetBytes(int64(n))
			for range b.N {
				if err := w.For(Gradients).Exchange(1-w.Rank, send, recv); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

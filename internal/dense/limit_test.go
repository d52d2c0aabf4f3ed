package dense

import "testing"

func TestFMACountsItsOperations(t *testing.T) {
	everySet(t, testFMA[float32], testFMA[float64])
}

func testFMA[T Float](t *testing.T) {
	if got := FMA[T](0); got != 0 {
		t.Errorf("FMA(0) counts %d operations", got)
	}
	if got, want := FMA[T](7), 7*2*12*active[T]().lanes; got != want {
		t.Errorf("FMA(7) counts %d operations, not %d", got, want)
	}
}

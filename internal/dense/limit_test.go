package dense

import (
	"math"
	"testing"
)

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

// TestRoofCountsEachSortOfWork without saying how long it takes.
func TestRoofCountsEachSortOfWork(t *testing.T) {
	if got := Roof[float32](0, 0, 0); got != 0 {
		t.Errorf("no work takes %v ns", got)
	}
	for name, got := range map[string]float64{
		"operations":               Roof[float64](1000, 0, 0),
		"bytes moved":              Roof[float32](0, 1000, 0),
		"bytes of the working set": Roof[float32](0, 0, 1000),
	} {
		if !(got > 0) || math.IsInf(got, 0) {
			t.Errorf("1,000 %s take %v ns", name, got)
		}
	}
}

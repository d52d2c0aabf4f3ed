package data

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"
	"testing"
)

func loaded(t *testing.T, name string) *Set {
	t.Helper()
	set, err := Load(context.Background(), name, Options{Dir: t.TempDir(), NoDownload: true})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// Generated sets are the same for everybody, for good: models are compared on them.
func TestGeneratedSetsStayAsTheyAre(t *testing.T) {
	want := map[string]string{
		"same-different": "f9287b83f9168753", "counting": "66aea45f12f39f27", "pathfinder-16": "845b0f172a9a3d85",
		"pathfinder-32": "972c85ea2e5852c3", "hidden-circuit": "640238acf3bc3e95",
		"hidden-rotation": "a6562750ed439ab9",
		"recall-16":       "85ba6fba0c463ff2", "recall-64": "5b3348de80dac09a",
		"recall-64-noisy": "a0d18c77a8611dec",
	}
	for _, d := range generatedSets() {
		set := loaded(t, d.Name)
		h := sha256.New()
		for _, s := range []Split{set.Train, set.Val, set.Test} {
			h.Write(s.Images)
			var rounded []byte
			for _, x := range s.Floats { // to 1/1024: the last bits of sines are those of the machine
				rounded = binary.LittleEndian.AppendUint32(rounded, uint32(int32(math.Round(1024*float64(x)))))
			}
			h.Write(rounded)
			for class, n := range s.Counts(len(set.Classes)) {
				if n < s.Len()/len(set.Classes) {
					t.Errorf("%s: %d examples of class %d", d.Name, n, class)
				}
			}
		}
		if got := hex.EncodeToString(h.Sum(nil))[:16]; got != want[d.Name] {
			t.Errorf("%s: %q, want %q", d.Name, got, want[d.Name])
		}
	}
}

// halves returns the cells of the two halves of a picture, moved to their first row and column.
func halves(s Split, i int) (out [2]map[[2]int]bool) {
	w, h := s.Width, s.Height
	for half := range out {
		left, top := w, h
		for pass := range 2 {
			out[half] = map[[2]int]bool{}
			for y := range h {
				for x := half * w / 2; x < (half+1)*w/2; x++ {
					if s.Images[i*w*h+y*w+x] == 0 {
						continue
					}
					if pass == 0 {
						left, top = min(left, x), min(top, y)
					} else {
						out[half][[2]int{x - left, y - top}] = true
					}
				}
			}
		}
	}
	return out
}

func TestSameDifferent(t *testing.T) {
	s := loaded(t, "same-different").Test
	for i := range 400 {
		g := halves(s, i)
		same := len(g[0]) == len(g[1])
		for cell := range g[0] {
			same = same && g[1][cell]
		}
		if same != (s.Labels[i] == 1) || len(g[0]) != glyphCells || len(g[1]) != glyphCells {
			t.Fatalf("example %d of class %d: equal is %v, %d and %d cells", i, s.Labels[i], same, len(g[0]),
				len(g[1]))
		}
	}
}

// The vector that the class names is nearest to the image of the first, far nearer than any other.
func TestHiddenMaps(t *testing.T) {
	for name, m := range map[string]rotation{"hidden-circuit": hiddenCircuit(),
		"hidden-rotation": hiddenRotation()} {
		for r := range matchWidth { // orthogonal
			for c := range matchWidth {
				dot, want := 0.0, 0.0
				if r == c {
					want = 1
				}
				for k := range matchWidth {
					dot += m[r*matchWidth+k] * m[c*matchWidth+k]
				}
				if math.Abs(dot-want) > 1e-12 {
					t.Fatalf("%s: rows %d and %d have product %v", name, r, c, dot)
				}
			}
		}
		s := loaded(t, name).Val
		right := 0
		for i := range 300 {
			at := func(token, k int) float64 { return float64(s.Floats[(i*16+token)*matchWidth+k]) }
			var first [matchWidth]float64
			for k := range first {
				first[k] = at(0, k)
			}
			image, best, most := m.apply(&first), 0, math.Inf(-1)
			for token := 1; token < 16; token++ {
				dot := 0.0
				for k, v := range image {
					dot += v * at(token, k)
				}
				if dot > most {
					best, most = token-1, dot
				}
			}
			if best == s.Labels[i] {
				right++
			}
		}
		if right < 290 {
			t.Errorf("%s: who knows the map is right about %d of 300", name, right)
		}
	}
}

func TestCounting(t *testing.T) {
	s := loaded(t, "counting").Test
	for i := range 200 {
		crosses := 0
		for patch := range 16 {
			for oy := 1; oy < 3; oy++ {
				for ox := 1; ox < 3; ox++ {
					at := func(x, y int) bool {
						return s.Images[(i*32+patch/4*8+oy+y)*32+patch%4*8+ox+x] > 0
					}
					if at(0, 0) && at(4, 4) && at(2, 2) && at(0, 4) && at(4, 0) {
						crosses++
					}
				}
			}
		}
		if crosses != s.Labels[i] {
			t.Fatalf("example %d has %d crosses, its class is %d", i, crosses, s.Labels[i])
		}
	}
}

// The last step of a recall has the key of one pair, whose value is the class: no other key is as near.
func TestRecall(t *testing.T) {
	for name, tolerated := range map[string]float64{"recall-16": 0, "recall-64": 0, "recall-64-noisy": 0.35} {
		s := loaded(t, name).Test
		wrong, found := 0, map[int]int{}
		for i := range s.Len() {
			steps := s.Floats[i*s.Shape.Len():][:s.Shape.Len()]
			question, near, best := steps[(s.Height-1)*recallWidth:], 0, math.Inf(1)
			for p := range s.Height - 1 {
				far := 0.0
				for k := range recallKey {
					d := float64(question[k] - steps[p*recallWidth+k])
					far += d * d
				}
				if far < best {
					near, best = p, far
				}
			}
			values := steps[near*recallWidth+recallKey:][:recallValues]
			if found[near]++; values[s.Labels[i]] != 1 {
				wrong++
			}
			if question[recallWidth-1] != 1 || steps[recallWidth-1] != 0 {
				t.Fatalf("%s: example %d: the question is not marked", name, i)
			}
		}
		if share := float64(wrong) / float64(s.Len()); share > tolerated || share < tolerated/4 {
			t.Errorf("%s: the nearest key has another value in %v of the examples, want at most %v", name,
				share, tolerated)
		}
		for p := range s.Height - 1 {
			if found[p] < s.Len()/s.Height/3 {
				t.Errorf("%s: pair %d is asked for %d times", name, p, found[p])
			}
		}
	}
}

// Grids of made pictures, whose pixels name what they are: digits d, items 100 + class.
func TestEureka(t *testing.T) {
	flat := func(first, class int) (all [][]uint8) {
		for range 3 {
			p := make([]uint8, 28*28)
			for i := range p {
				p[i] = uint8(first + class)
			}
			all = append(all, p)
		}
		return all
	}
	var digitsOf, itemsOf [][][]uint8
	for class := range 10 {
		digitsOf, itemsOf = append(digitsOf, flat(0, class)), append(itemsOf, flat(100, class))
	}
	s := drawGrids(2, 2000, digitsOf, itemsOf)
	equal, right := 0, 0
	for i := range s.Len() {
		p := s.Images[i*56*56:][:56*56]
		at := func(row, column int) int { return int(p[row*56+column]) }
		want := at(55, 0) - 100
		if at(0, 0) == at(55, 55) {
			equal++
			want = at(0, 55) - 100
		}
		if at(27, 27) != at(0, 0) || at(27, 28) != at(0, 55) || at(28, 27) != at(55, 0) ||
			at(28, 28) != at(55, 55) {
			t.Fatalf("grid %d is not four pictures", i)
		}
		if s.Labels[i] != want {
			t.Fatalf("grid %d has class %d, want %d", i, s.Labels[i], want)
		}
		if at(0, 55)-100 == want {
			right++
		}
	}
	// Half of the digits are equal; who always takes the item on the right is right then, and by chance.
	if equal != 1000 || right < 1050-70 || right > 1050+70 {
		t.Errorf("%d of 2000 have equal digits, %d the answer on the right", equal, right)
	}
	for class, n := range s.Counts(10) {
		if n != 200 {
			t.Errorf("%d grids of class %d", n, class)
		}
	}
}

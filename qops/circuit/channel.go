package circuit

import (
	"fmt"
	"math"
	"math/cmplx"
	"slices"
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/suggest"
	"github.com/hqvit/hqvit/internal/words"
)

// Channel is noise on one or two qubits: ρ → Σ KρK† over its Kraus operators K. NewChannel makes one of the
// table with its numbers, KrausChannel a custom one. The zero value is no channel.
type Channel struct {
	name   string
	params []float64
	kraus  []Matrix
	t      []float64 // of Transfer
}

// newChannel returns the channel of some Kraus operators, without those that are zero.
func newChannel(name string, params []float64, kraus []Matrix) Channel {
	c := Channel{name: name, params: slices.Clone(params)}
	for _, k := range kraus {
		if slices.ContainsFunc(k, func(v complex128) bool { return v != 0 }) {
			c.kraus = append(c.kraus, slices.Clone(k))
		}
	}
	c.t = transfer(c.kraus)
	return c
}

// ChannelInfo is a row of the table of channels.
type ChannelInfo struct {
	Name   string
	Qubits int
	Params []string // names of the numbers, in their order
	// Unital: the channel leaves the maximally mixed state as it is. Mixture: it is a Pauli string drawn at
	// random, whatever the state.
	Unital, Mixture bool
	Help            string // with the meaning and the range of the numbers
}

// Channels returns the rows of the table.
func Channels() []ChannelInfo {
	out := make([]ChannelInfo, len(channelTable))
	for i, r := range channelTable {
		out[i] = r.ChannelInfo
		out[i].Params = slices.Clone(r.Params)
	}
	return out
}

// NewChannel returns the channel of that row of the table with its numbers. It returns an error for a name
// that the table does not have, another number of numbers, and numbers out of range.
func NewChannel(name string, params ...float64) (Channel, error) {
	for _, r := range channelTable {
		if r.Name != name {
			continue
		}
		if len(params) != len(r.Params) {
			return Channel{}, errors.Errorf("circuit: channel %s: want %s (%s), got %d", name,
				words.Count(len(r.Params), "number"), strings.Join(r.Params, ", "), len(params))
		}
		for i, v := range params {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return Channel{}, errors.Errorf("circuit: channel %s: %s is %v, want a finite number", name,
					r.Params[i], v)
			}
		}
		kraus, err := r.kraus(params)
		if err != nil {
			return Channel{}, errors.WithMessagef(err, "circuit: channel %s", name)
		}
		return newChannel(name, params, kraus), nil
	}
	return Channel{}, errors.Errorf("circuit: no channel %q%s; there are %s", name,
		suggest.Among(name, channelNames()), strings.Join(channelNames(), ", "))
}

func channelNames() []string {
	names := make([]string, len(channelTable))
	for i, r := range channelTable {
		names[i] = r.Name
	}
	return names
}

// KrausChannel returns a custom channel. It returns an error without operators, for those that are not square
// matrices of one or two qubits, all of one size, and if Σ K†K is not the identity to 1e-9: then the trace
// would change.
func KrausChannel(name string, kraus ...Matrix) (Channel, error) {
	if len(kraus) == 0 {
		return Channel{}, errors.Errorf("circuit: KrausChannel %q: want at least one Kraus operator", name)
	}
	d := kraus[0].Dim()
	sum := make(Matrix, d*d)
	for i, k := range kraus {
		if k.Dim() != d || d != 2 && d != 4 {
			return Channel{}, errors.Errorf("circuit: KrausChannel %q: want square matrices of 2 or of 4 rows, "+
				"operator %d has %d numbers", name, i, len(k))
		}
		for j, v := range k.Dagger().Mul(k) {
			sum[j] += v
		}
	}
	off := sum.Distance(Identity(d / 2))
	if !(off <= agreement) {
		return Channel{}, errors.Errorf("circuit: KrausChannel %q: Σ K†K is off the identity by %.3g: the "+
			"probabilities do not add up to 1", name, off)
	}
	return newChannel(name, nil, kraus), nil
}

// String returns the name with the numbers, such as depolarizing(0.01).
func (c Channel) String() string {
	if len(c.params) == 0 {
		return c.name
	}
	var params []string
	for _, p := range c.params {
		params = append(params, fmt.Sprint(p))
	}
	return fmt.Sprintf("%s(%s)", c.name, strings.Join(params, ", "))
}

// Name returns the name in the table, or that of a custom channel.
func (c Channel) Name() string { return c.name }

// Params returns the numbers of a channel of the table.
func (c Channel) Params() []float64 { return slices.Clone(c.params) }

// Qubits returns how many qubits the channel is on, 0 for the zero value.
func (c Channel) Qubits() int {
	if len(c.kraus) == 0 {
		return 0
	}
	return c.kraus[0].Dim() / 2
}

// Kraus returns the Kraus operators.
func (c Channel) Kraus() []Matrix {
	out := make([]Matrix, len(c.kraus))
	for i, k := range c.kraus {
		out[i] = slices.Clone(k)
	}
	return out
}

// Transfer returns the channel on Pauli coefficients, 4^k square and real: the entry of strings P and Q is
// Tr(P·channel(Q))/2^k, with I, X, Z, Y as 0, 1, 2, 3 and the first qubit first. Its first row is 1, 0, 0, …
// because the trace stays.
func (c Channel) Transfer() []float64 { return slices.Clone(c.t) }

func transfer(kraus []Matrix) []float64 {
	if len(kraus) == 0 {
		return nil
	}
	d := kraus[0].Dim()
	strings := pauliBasis(d / 2)
	out := make([]float64, d*d*d*d)
	for _, k := range kraus {
		dagger := k.Dagger()
		for q, b := range strings {
			image := k.Mul(b).Mul(dagger)
			for p, a := range strings {
				trace := complex128(0)
				for i := range d {
					for j := range d {
						trace += a[i*d+j] * image[j*d+i]
					}
				}
				out[p*d*d+q] += real(trace) / float64(d)
			}
		}
	}
	for i, v := range out {
		if math.Abs(v) < 1e-15 { // rounding: with zeros, a map that only scales is seen as one
			out[i] = 0
		}
	}
	return out
}

// pauliBasis returns the 4^k Pauli strings of one or two qubits, I, X, Z, Y of the first qubit first.
func pauliBasis(k int) []Matrix {
	const letters = "IXZY"
	var out []Matrix
	for _, a := range letters {
		if k == 1 {
			out = append(out, pauliMatrix(string(a)))
			continue
		}
		for _, b := range letters {
			out = append(out, pauliMatrix(string(a)+string(b)))
		}
	}
	return out
}

// Unital tells whether the channel leaves the maximally mixed state as it is.
func (c Channel) Unital() bool {
	d := int(math.Sqrt(float64(len(c.t))))
	for p := 1; p < d; p++ {
		if math.Abs(c.t[p*d]) > agreement {
			return false
		}
	}
	return true
}

// Mixture returns the probabilities of the Pauli strings that the channel applies at random, in the order of
// Transfer, and false for a channel that is not of this form. Only then do trajectories have probabilities
// that do not depend on the state.
func (c Channel) Mixture() (probabilities []float64, ok bool) {
	if len(c.kraus) == 0 {
		return nil, false
	}
	d := c.kraus[0].Dim()
	strings := pauliBasis(d / 2)
	out := make([]float64, len(strings))
	for _, k := range c.kraus {
		found := -1
		for p, a := range strings {
			trace := complex128(0)
			for i := range d {
				for j := range d {
					trace += a[i*d+j] * k[j*d+i]
				}
			}
			w := cmplx.Abs(trace) / float64(d)
			if w < 1e-12 {
				continue
			}
			if found >= 0 {
				return nil, false
			}
			found = p
			out[p] += w * w
		}
	}
	return out, true
}

package losses_test

import (
	"math"
	"testing"

	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/losses"
)

// The numbers are PyTorch 1.13's: python3 testdata/golden.py
func TestAsPyTorch(t *testing.T) {
	logits := array(tensor.Shape{4, 3}, 1.5, -0.25, 0.75, -2, 3, 0.5, 0.1, 0.2, -0.4, 90, -800, 10)
	labels := array(tensor.Shape{4}, 2, 0, -1, 2)
	mixed := array(tensor.Shape{4, 3}, 0.25, 0, 0.75, 1, 0, 0, 0.5, 0.3, 0.2, 0, 0.4, 0.6)
	answers := array(tensor.Shape{4, 3}, 0, 1, 0.3, 1, 1, 0, 0.5, 0, 1, 1, 0, 0.2)
	wanted := array(tensor.Shape{4, 3}, 1, 0.5, -1.5, 0.25, 2, 3, 0, -0.5, 1, 80, -790, 12.5)
	for _, c := range []struct {
		name   string
		loss   form
		target *tensor.Dense
		want   float64
		grad   []float64
	}{
		{"CrossEntropy", losses.CrossEntropy{}.Mean, labels, 28.77784356703582,
			[]float64{0.20249385402068615, 0.03518815553765341, -0.23768200955833957, -0.3312705715757333, 0.3061409889214011, 0.025129582654332225, 0, 0, 0, 0.3333333333333333, 0, -0.3333333333333333}},
		{"CrossEntropy smoothed, sum", losses.CrossEntropy{Smoothing: 0.1}.Sum, labels, 110.42519736777413,
			[]float64{0.5741482287287252, 0.07223113327962691, -0.646379362008352, -0.9271450480605333, 0.8850896334308701, 0.04205541462966334, 0, 0, 0, 0.9666666666666667, -0.03333333333333333, -0.9333333333333333}},
		{"CrossEntropy smoothed", losses.CrossEntropy{Smoothing: 0.1}.Mean, labels, 36.808399122591375,
			[]float64{0.19138274290957505, 0.024077044426542297, -0.21545978733611737, -0.3090483493535111, 0.29502987781029005, 0.014018471543221117, 0, 0, 0, 0.3222222222222222, -0.011111111111111112, -0.3111111111111111}},
		{"CrossEntropy mixed", losses.CrossEntropy{}.Mean, mixed, 102.80340175686058,
			[]float64{0.08937039051551462, 0.02639111665324006, -0.11576150716875468, -0.2484529286818, 0.22960574169105086, 0.01884718699074917, -0.032806964435996275, 0.02688906175445084, 0.005917902681545448, 0.25, -0.1, -0.15}},
		{"CrossEntropy mixed and smoothed", losses.CrossEntropy{Smoothing: 0.2}.Mean, mixed, 98.6617767568606,
			[]float64{0.08520372384884796, 0.009724449986573392, -0.09492817383542136, -0.21511959534846667, 0.2129390750243842, 0.002180520324082502, -0.024473631102662943, 0.025222395087784177, -0.0007487639851212202, 0.23333333333333334, -0.09666666666666668, -0.13666666666666666}},
		{"MSE", losses.MSE{}.Mean, wanted, 18.908125000000002,
			[]float64{0.08333333333333333, -0.125, 0.375, -0.375, 0.16666666666666666, -0.41666666666666663, 0.016666666666666666, 0.11666666666666665, -0.2333333333333333, 1.6666666666666665, -1.6666666666666665, -0.41666666666666663}},
		{"BinaryCrossEntropy", losses.BinaryCrossEntropy{}.Mean, answers, 1.416201019293971,
			[]float64{0.0681312063494703, -0.046848041740483175, 0.031598224931282747, -0.07339975649815687, -0.003952156098130553, 0.05187161093348788, 0.0020815989565783344, 0.04581949977603983, -0.04989063834270433, 0, 0, 0.06666288351094146}},
	} {
		for dt, tolerance := range map[tensor.Dtype]float64{tensor.Float64: 1e-14, tensor.Float32: 1e-6} {
			loss, grad, err := run(c.loss, dt, logits, c.target)
			if err != nil {
				t.Errorf("%s, %v: %v", c.name, dt, err)
				continue
			}
			if math.Abs(loss-c.want) > tolerance*c.want {
				t.Errorf("%s, %v: %.16g, want %.16g", c.name, dt, loss, c.want)
			}
			for i, want := range c.grad {
				if math.Abs(grad[i]-want) > tolerance {
					t.Errorf("%s, %v: gradient %d: %.16g, want %.16g", c.name, dt, i, grad[i], want)
				}
			}
		}
	}
}

package optimizers_test

import (
	"math"
	"testing"

	"github.com/hqvit/hqvit/optimizers"
)

// The numbers of this file are PyTorch 1.13's: python3 testdata/golden.py

func TestTrainsAsPyTorch(t *testing.T) {
	oneCycle := optimizers.DefaultOneCycle()
	for _, c := range []struct {
		name     string
		config   optimizers.Config
		lr       float64
		schedule optimizers.Schedule
		want     [8]float64 // the six weights, then the two biases
	}{
		{"AdamW, defaults", optimizers.DefaultAdamW(), 1e-3, optimizers.Constant{},
			[8]float64{0.48604270429806173, -1.201305910961738, 1.949495383040141, 0.7120315304668308,
				-0.10383087515423313, 3.4485394234909372, 0.3005123623099945, -0.7010690336165696}},
		{"AdamW", optimizers.AdamW{Beta1: 0.8, Beta2: 0.95, Eps: 1e-6, Decay: 0.1}, 0.05,
			optimizers.Constant{},
			[8]float64{0.19421259704531366, -0.271069974829651, 0.525194073057719, 0.18197241102787204,
				-0.1438252047391433, 1.3574035728635965, 0.2929205947368603, -0.7724051640922938}},
		{"AdamW, OneCycle", adamW(0.1), 0.05, oneCycle,
			[8]float64{0.2561081727300367, -0.4946640621112748, 1.023122110510982, 0.2775387312897587,
				-0.1085303203895721, 2.240292680233789, 0.3049613932504968, -0.7158475903994612}},
		{"SGD", optimizers.SGD{}, 0.05, optimizers.Constant{},
			[8]float64{0.31895295252356415, -0.4390262499389737, 0.41756887861091824, 0.3942042438573844,
				-0.09358975913596146, 0.43267654736708533, 0.16409085307286933, -0.9160118688256047}},
		{"SGD, momentum", optimizers.SGD{Momentum: 0.9, Decay: 0.1}, 0.05, optimizers.Constant{},
			[8]float64{-0.059570209821870286, -0.19659345174444146, -0.3238448470426784, -0.04612457550008777,
				0.02368315701182686, 0.34328412474394077, 0.3258053400871991, -1.2664141159802338}},
		{"SGD, Nesterov", optimizers.SGD{Momentum: 0.9, Nesterov: true, Decay: 0.1}, 0.05,
			optimizers.Constant{},
			[8]float64{-0.0646542807190365, -0.10183018406633423, 0.05411360086046592, -0.04386806857007874,
				0.04459669174048639, -0.1357428438091365, -1.392186803984492, -2.9569680539454057}},
		{"SGD, OneCycle", optimizers.SGD{Momentum: 0.9, Decay: 0.1}, 0.05, oneCycle,
			[8]float64{0.008954980190125587, -0.13703941246558612, -0.45488816558785794, -0.20592471769810675,
				-0.07866640857012198, -0.10680452673640277, 0.31696641137878956, -0.9050784663829944}},
	} {
		t.Run(c.name, func(t *testing.T) {
			wide, narrow := newTask[float64](), newTask[float32]()
			wide.train(t, open(t, c.config, c.lr), c.schedule, 0, 50)
			narrow.train(t, open(t, c.config, c.lr), c.schedule, 0, 50)
			for i, want := range c.want {
				if got := wide.values()[i]; math.Abs(got-want) > 1e-12 {
					t.Errorf("element %d: %.16g, want %.16g", i, got, want)
				}
				if got := narrow.values()[i]; math.Abs(float64(got)-want) > 1e-4 {
					t.Errorf("element %d in float32: %.9g, want %.9g", i, got, want)
				}
			}
		})
	}
}

func TestSchedulesAsPyTorch(t *testing.T) {
	for _, c := range []struct {
		name     string
		schedule optimizers.Schedule
		want     []optimizers.Rates
	}{
		{"OneCycle", optimizers.DefaultOneCycle(), []optimizers.Rates{
			{0.040000000000000036, 0.95}, {0.52, 0.8999999999999999}, {1.0, 0.85},
			{0.9504846320134737, 0.854951556604879},
			{0.8117456539497631, 0.8688255099070633}, {0.6112620219362893, 0.8888739533021842},
			{0.38874197806371075, 0.9111260466978157},
			{0.18825834605023697, 0.9311744900929366}, {0.049519367986526286, 0.945048443395121},
			{4e-06, 0.95}}},
		{"OneCycle, other fields", optimizers.OneCycle{PctStart: 0.5, DivFactor: 10, FinalDivFactor: 100,
			BaseMomentum: 0.7, MaxMomentum: 0.9}, []optimizers.Rates{
			{0.09999999999999998, 0.9}, {0.41094235253127365, 0.8309016994374947},
			{0.9140576474687263, 0.7190983005625052},
			{0.9505339495172583, 0.7099031132097581}, {0.611649206511179, 0.7777479066043685},
			{0.18906684397156262, 0.8623489801858734}, {0.001, 0.9}}},
		{"OneCycle, own momentum", optimizers.OneCycle{PctStart: 0.3, DivFactor: 25, FinalDivFactor: 1e4},
			[]optimizers.Rates{
				{0.040000000000000036, 0}, {0.9504846320134737, 0}, {0.6112620219362893, 0},
				{0.18825834605023697, 0}, {4e-06, 0}}},
		{"Cosine", optimizers.Cosine{Floor: 0.1}, []optimizers.Rates{
			{1.0, 0}, {0.9397114317029974, 0}, {0.775, 0}, {0.55, 0}, {0.3250000000000002, 0},
			{0.1602885682970026, 0}}},
	} {
		for step, want := range c.want {
			got := c.schedule.At(step, len(c.want))
			if math.Abs(got.Factor-want.Factor) > 1e-15 || math.Abs(got.Momentum-want.Momentum) > 1e-15 {
				t.Errorf("%s: step %d of %d: %v, want %v", c.name, step, len(c.want), got, want)
			}
		}
	}
}

func TestClipsAsPyTorch(t *testing.T) {
	params := []optimizers.Param{
		param("p", []float64{0, 0}, []float64{3, -4}),
		param("q", []float32{0}, []float32{12}),
	}
	norm, err := optimizers.ClipGlobalNorm(params, 6.5)
	if err != nil || norm != 13 {
		t.Fatalf("norm %v, error %v, want 13", norm, err)
	}
	for i, want := range []float64{1.4999998846153937, -1.9999998461538582, 5.999999538461575} {
		got := float64(elements[float32](t, params[1].Grad)[0])
		tolerance := 1e-6
		if i < 2 {
			got, tolerance = elements[float64](t, params[0].Grad)[i], 1e-15
		}
		if math.Abs(got-want) > tolerance {
			t.Errorf("gradient %d: %.16g, want %.16g", i, got, want)
		}
	}
	if norm, err = optimizers.ClipGlobalNorm(params, 7); err != nil || math.Abs(norm-6.4999995) > 1e-6 {
		t.Errorf("after clipping: norm %v, error %v, want 6.4999995", norm, err)
	}
}

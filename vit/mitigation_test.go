package vit_test

import (
	"strings"
	"testing"

	"github.com/hqvit/hqvit/vit"
)

// TestMitigation of a Config: what is refused, and that neither name nor exact model has it.
func TestMitigation(t *testing.T) {
	base, err := vit.Named("hqvit")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ noise, device, mitigation, want string }{
		{"depolarizing=0.01", "", "zne=1,3+readout", ""},
		{"", "trapped-ion-20", "zne=1,2,3:linear", ""},
		{"", "", "readout", "no noise to mitigate"},
		{"bit-flip=0.1", "", "readuot", "did you mean readout?"},
		{"bit-flip=0.1", "", "parity=0", "conserve no number of ones"},
		{"bit-flip=0.1", "", "zne=1,3:circuit", "folded gate by gate"},
	} {
		m := base
		m.Noise, m.Device, m.Mitigation = c.noise, c.device, c.mitigation
		err := m.Check()
		if c.want == "" {
			without := m
			without.Mitigation = ""
			if err != nil || m.Name() != without.Name() || m.Exact().Mitigation != "" ||
				m.Exact().Name() != "hqvit" {
				t.Errorf("%+v: %v, called %s", c, err, m.Name())
			}
		} else if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %q", c, err, c.want)
		}
	}
}

package qlayer_test

import (
	"strings"
	"testing"

	"github.com/hqvit/hqvit/internal/onnxtest"
	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/qlayer"
)

// Every layer is exported but those with noise or shots, which say that exports are exact.
func TestExport(t *testing.T) {
	for name, c := range layers {
		t.Run(name, func(t *testing.T) {
			if strings.Contains(name, "noise") {
				refused(t, c.Layer, c.Input[1:])
				return
			}
			onnxtest.Layer(t, c.Layer, c.Input[1:])
		})
	}
	refused(t, qlayer.Circuit{Ansatz: entangling, Shots: 10}, []int{4})
	refused(t, nn.Attention{Score: qlayer.Swap{Shots: 10}.Score}, []int{2, 4})
	refused(t, nn.Attention{Score: qlayer.Swap{Noise: noiseOf("depolarizing=0.1")}.Score}, []int{2, 4})
}

func refused(t *testing.T, l nn.Layer, row []int) {
	t.Helper()
	_, err := nn.Export(l, nn.NewStore(1), row, op.ExportOptions{})
	if err == nil || !strings.Contains(err.Error(), "what is exported is exact") {
		t.Errorf("%T: error %v, want one that says that exports are exact", l, err)
	}
}

package vit_test

import (
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/device"
	"github.com/hqvit/hqvit/vit"
)

// Every name that is printed of a built-in model with changes is one that Named takes, and it makes the same
// model.
func TestPrintedNamesAreAccepted(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	pick := func(from []string) string { return from[random.IntN(len(from))] }
	var noises []string
	for _, c := range circuit.Channels() {
		numbers := []string{"1e-05", "1", "1", "0.25"}[:len(c.Params)]
		noises = append(noises, c.Name+"="+strings.Join(numbers, ":"))
	}
	noises = append(noises, "readout=0.02", "readout=0.02:0.01", "depolarizing=0.01, readout=0.1")
	seen := map[string]bool{}
	for range 300 {
		c := named(t, pick(vit.Names()))
		if random.IntN(2) == 0 && c.Model == vit.Transformer {
			c.Score = pick(vit.ScoreNames())
		}
		if random.IntN(3) == 0 && c.Model == vit.Transformer {
			c.Pooling = vit.Pooling(pick(vit.Poolings()))
		}
		if random.IntN(3) == 0 {
			c.Shots = random.IntN(2000)
		}
		switch random.IntN(3) {
		case 0:
			c.Noise = pick(noises)
		case 1:
			c.Device = pick(device.Names())
		}
		name := c.Name()
		if c.Check() != nil || strings.Contains(name, "-p8-") || strings.Contains(name, "-p4-") || seen[name] {
			continue
		}
		seen[name] = true
		again, err := vit.Named(name)
		if err != nil {
			t.Errorf("%+v is called %s: %v", c, name, err)
			continue
		}
		c.Noise = strings.ReplaceAll(c.Noise, " ", "")
		if again.Layers = c.Layers; !reflect.DeepEqual(again, c) {
			t.Errorf("%+v is called %s, which is %+v", c, name, again)
		}
	}
	if len(seen) < 60 {
		t.Errorf("%d names were tried, want more", len(seen))
	}
}

// What names no model is refused in words that say where the model is.
func TestNamesOfShapesAndFiles(t *testing.T) {
	c := named(t, "hqvit")
	c.Device = "mine.yaml"
	if got := c.Name(); got != "hqvit:own-device" {
		t.Errorf("a device of a file is called %s", got)
	}
	for name, want := range map[string]string{
		"hqvit-p8-d64-b6-h4:mean": "want the file with its architecture",
		"cnn-8-16":                "want the file with its architecture",
		"hqvit:own-device":        "give that file as the device",
		"hqvit:0-shots":           "at least 1",
		"hqvit:2-depolarizing":    "depolarizing=2",
		"vit:0.1-depolarizing":    "score dot can have no noise",
		"hqvit:0.1-depolarising":  `no change "0.1-depolarising"`,
	} {
		if _, err := vit.Named(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q in it", name, err, want)
		}
	}
}

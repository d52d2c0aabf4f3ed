package vit

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/device"
)

// shotsSuffix ends the change that is a number of shots.
const shotsSuffix = "-shots"

// ownDevice stands in a name for a device that is in a file, which may lie anywhere.
const ownDevice = "own-device"

// isShape matches what Config.describe writes before the changes.
var isShape = regexp.MustCompile(`^((hqvit|vit)(-stem)?(-p\d+)?-d\d+-b\d+-h\d+|cnn(-\d+)+)$`)

// runChanges returns the changes that say how the circuits are run, which changeRun reads.
func (c Config) runChanges() (changes []string) {
	if c.Shots > 0 {
		changes = append(changes, strconv.Itoa(c.Shots)+shotsSuffix)
	}
	if strings.TrimSpace(c.Noise) != "" {
		for _, part := range strings.Split(c.Noise, ",") {
			name, numbers, _ := strings.Cut(strings.ReplaceAll(part, " ", ""), "=")
			changes = append(changes, strings.ReplaceAll(numbers, ":", "_")+"-"+name)
		}
	}
	switch {
	case c.Device == "":
	case slices.Contains(device.Names(), c.Device):
		changes = append(changes, c.Device)
	default:
		changes = append(changes, ownDevice)
	}
	return changes
}

// isRunChange reports whether a change is one of how circuits are run, right or wrong.
func isRunChange(change string) bool {
	return strings.HasSuffix(change, shotsSuffix) || change == ownDevice || noiseOf(change) != "" ||
		slices.Contains(device.Names(), change)
}

// changeRun makes a change that isRunChange knows. Check says what is wrong with a noise.
func (c *Config) changeRun(change string) error {
	switch {
	case change == ownDevice:
		return errors.Errorf("vit: %s is in the names of models with a device from a file, which it does "+
			"not name: leave it out, and give that file as the device", change)
	case slices.Contains(device.Names(), change):
		c.Device = change
	case strings.HasSuffix(change, shotsSuffix):
		n, err := strconv.Atoi(strings.TrimSuffix(change, shotsSuffix))
		if err != nil || n < 1 {
			return errors.Errorf("vit: change %q, want a number of shots of at least 1, such as 1000%s", change,
				shotsSuffix)
		}
		c.Shots = n
	case c.Noise != "":
		c.Noise += "," + noiseOf(change)
	default:
		c.Noise = noiseOf(change)
	}
	return nil
}

// channelNames returns the names of what a noise has.
func channelNames() []string {
	names := []string{"readout"}
	for _, channel := range circuit.Channels() {
		names = append(names, channel.Name)
	}
	return names
}

// noiseOf returns the noise of a change such as 0.01-depolarizing, in the form of Config.Noise; empty if it
// is none.
func noiseOf(change string) string {
	for _, name := range channelNames() {
		numbers, ok := strings.CutSuffix(change, "-"+name)
		wrong := slices.ContainsFunc(strings.Split(numbers, "_"), func(number string) bool {
			_, err := strconv.ParseFloat(number, 64)
			return err != nil
		})
		if ok && !wrong { // 0.1-bit of 0.1-bit-phase-flip is no number
			return name + "=" + strings.ReplaceAll(numbers, "_", ":")
		}
	}
	return ""
}

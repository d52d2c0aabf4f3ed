package cli

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/pkg/errors"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/device"
	"github.com/hqvit/hqvit/vit"
)

// deviceFlags say how the circuits of a model are run, in place of what the model says.
type deviceFlags struct {
	shots int
	noise string
	on    string

	mitigation string
	set        *pflag.FlagSet
}

func (f *deviceFlags) register(cmd *cobra.Command) {
	cmd.Flags().IntVar(&f.shots, "shots", 0, "estimate scores from `N` shots of each head's circuit for "+
		"each image; "+
		"0 for exact values (default: those of the model)")
	cmd.Flags().StringVar(&f.noise, "noise", "", "noise of the circuits: `CHANNEL`=NUMBER,…, such as "+
		"depolarizing=0.01,readout=0.02; none for none (default: that of the model). Attention is run "+
		"exactly with it, on "+
		"density matrices of one patch, and takes no trajectories")
	cmd.Flags().StringVar(&f.on, "device", "", "compile the circuits for a `DEVICE` and run them with its "+
		"noise: "+
		strings.Join(device.Names(), ", ")+", or a file (default: that of the model)")
	cmd.Flags().StringVar(&f.mitigation, "mitigate", "",
		"what is done against the noise: `METHOD`+METHOD, such as "+
			"zne=1,3+readout: zne=SCALES[:FIT], readout, readout=least-squares; none for none (default: that "+
			"of the model)")
	f.set = cmd.Flags()
}

// check returns an error for values that no model can have.
func (f *deviceFlags) check() error {
	if f == nil {
		return nil
	}
	if f.shots < 0 {
		return usageError{errors.Errorf("--shots is %d, want 0 for exact values, or more", f.shots)}
	}
	noise := f.noise
	if noise == noNoise {
		noise = ""
	}
	if err := checkNoise(noise, f.on); err != nil {
		return err
	}
	if f.mitigation != noNoise {
		if _, err := vit.ParseMitigation(f.mitigation); err != nil {
			return usageError{errors.WithMessage(err, "--mitigate")}
		}
	}
	if f.noise == noNoise && f.mitigates() && f.on == "" {
		return usageError{errors.Errorf("--mitigate %s and --noise none: there is no noise to mitigate",
			f.mitigation)}
	}
	return nil
}

// checkNoise returns an error for a noise or a device that there is not, and for both; empty ones are none.
func checkNoise(noise, on string) error {
	if noise != "" && on != "" {
		return usageError{errors.New("--device and --noise exclude each other: a device has noise of its own")}
	}
	if on != "" {
		if _, err := device.Open(on); err != nil {
			return usageError{errors.WithMessage(err, "--device")}
		}
	}
	_, err := circuit.ParseNoise(noise)
	if err != nil {
		return usageError{errors.WithMessage(err, "--noise")}
	}
	return nil
}

// mitigates tells whether a mitigation is given.
func (f *deviceFlags) mitigates() bool { return f.mitigation != "" && f.mitigation != noNoise }

// circuitRun is how the circuits of a model were run; nothing of a model that was run exactly.
type circuitRun struct {
	Shots  int    `json:"shots,omitempty"`
	Noise  string `json:"noise,omitempty"`
	Device string `json:"device,omitempty"`

	Mitigation string `json:"mitigation,omitempty"`
}

func runOf(c vit.Config) circuitRun { return circuitRun{c.Shots, c.Noise, c.Device, c.Mitigation} }

// String returns it as fields of a line, each behind a space.
func (r circuitRun) String() string {
	var out string
	if r.Shots != 0 {
		out += fmt.Sprint(" shots=", r.Shots)
	}
	if r.Noise != "" {
		out += " noise=" + strconv.Quote(r.Noise)
	}
	if r.Device != "" {
		out += " device=" + r.Device
	}
	if r.Mitigation != "" {
		out += " mitigation=" + strconv.Quote(r.Mitigation)
	}
	return out
}

// exactly is a change of a model to one whose circuits are run exactly.
func exactly(c *vit.Config) { *c = c.Exact() }

// noNoise is the value of --noise for a model without noise, and of --mitigate for one without mitigation.
const noNoise = "none"

// change changes a model as the flags that were given say.
func (f *deviceFlags) change(c *vit.Config) {
	if f == nil || f.set == nil {
		return
	}
	if f.set.Changed("shots") {
		c.Shots = f.shots
	}
	if f.set.Changed("noise") {
		c.Noise = f.noise
		if f.noise == noNoise {
			c.Noise, c.Device, c.Mitigation = "", "", ""
		}
	}
	if f.set.Changed("device") {
		c.Device = f.on
		if !f.set.Changed("noise") {
			c.Noise = "" // the device's own takes its place
		}
	}
	if f.set.Changed("mitigate") {
		c.Mitigation = f.mitigation
		if f.mitigation == noNoise {
			c.Mitigation = ""
		}
	}
}

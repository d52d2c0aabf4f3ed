package cli

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/pkg/errors"
	"github.com/spf13/cobra"

	"github.com/hqvit/hqvit/nn/onnx"
	"github.com/hqvit/hqvit/train/rundir"
	"github.com/hqvit/hqvit/trained"
	"github.com/hqvit/hqvit/vit"
)

// onnxFile is a file that export has written; one of another program's is not replaced.
var onnxFile = outputKind{"a file of hqvit export", ".onnx", func(content []byte) bool {
	return bytes.HasPrefix(content, []byte("\x08\x08\x12\x05hqvit"))
}}

func (p program) exportCommand() *cobra.Command {
	var e trained.Export
	var exact bool
	cmd := &cobra.Command{
		Use:   "export DIR FILE",
		Short: "Write a model as an ONNX file",
		Long: `Write the best weights of a run as a model in the ONNX format, which ONNX Runtime and others
run without Go. DIR is a run's directory, or a file of weights.

The input of a model of pictures is image, of float32 (N, channels, height, width) for any N: pixels in 0 to 1, of the
size of the training images; their margin and normalisation are in the file. The output is logits
(N, classes). A model of sequences has the input sequence (N, steps, features), one of vectors vector
(N, features), in the units of training, and one of values gives values (N, values) in theirs.
Circuits are written as what they compute. A model with shots or noise is refused,
unless --exact writes its exact values.`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error { return p.runExport(cmd, args[0], args[1], e, exact) },
	}
	cmd.Flags().IntVar(&e.Opset, "opset", onnx.DefaultOpset,
		fmt.Sprintf("`version` of ONNX's operators, %d to %d", onnx.MinOpset, onnx.MaxOpset))
	cmd.Flags().BoolVar(&e.Probabilities, "probabilities", false, "also give the softmax of the logits")
	cmd.Flags().BoolVar(&e.Attention, "attention", false, "also give the attention of each block, "+
		"(N, heads, tokens, tokens)")
	cmd.Flags().BoolVar(&exact, "exact", false, "without the shots, noise and device of the model")
	return cmd
}

func (p program) runExport(cmd *cobra.Command, dir, path string, e trained.Export, exact bool) error {
	if e.Opset < onnx.MinOpset || e.Opset > onnx.MaxOpset {
		return usageError{errors.Errorf("--opset is %d, want %d to %d", e.Opset, onnx.MinOpset, onnx.MaxOpset)}
	}
	inputs := []string{dir, rundir.WeightsPath(dir)}
	if err := outputError(path, inputs, []outputKind{onnxFile}); err != nil {
		return usageError{errors.WithMessagef(err, "export: %s", shellWord(path))}
	}
	o := trained.Options{Names: p.names, Threads: 1}
	if exact {
		o.Change = exactly
	}
	m, err := o.Open(dir)
	if err != nil {
		return err
	}
	defer m.Close()
	c := m.Metadata().Config
	if run := runOf(c); run != (circuitRun{}) {
		return usageError{errors.Errorf("export: %s has%s, and what is exported is exact: want --exact, "+
			"for its exact values", dir, run)}
	}
	if e.Attention && c.Model != vit.Transformer {
		return usageError{errors.Errorf("export: %s has no attention", m.Metadata().Model)}
	}
	model, err := m.ExportONNX(path, e)
	if err != nil {
		return err
	}
	_, err = fmt.Fprint(cmd.OutOrStdout(), exportText(path, m.Metadata(), model))
	return err
}

// exportText says what was written, and how to run it.
func exportText(path string, meta trained.Metadata, model *onnx.Model) string {
	var out strings.Builder
	fmt.Fprintf(&out, "%s: %s of %s, opset %d, %.1f kB\n", path, meta.Model, meta.Data, model.Opset,
		float64(len(model.Bytes))/1000)
	ports := func(what string, list []onnx.Port) {
		for _, p := range list {
			fmt.Fprintf(&out, "%s  %s  float32 (%s)\n", what, p.Name, strings.Join(p.Shape, ", "))
		}
	}
	ports("input ", model.Inputs)
	ports("output", model.Outputs)
	pixels, in, first := "pixels in 0 to 1", model.Inputs[0].Name, model.Outputs[0].Name
	if meta.Unscaled {
		pixels = "numbers as in the training images"
	}
	if !meta.Config.Pictures() {
		pixels = "numbers as in the training data"
	}
	if meta.Table != nil {
		fmt.Fprintf(&out, "features: %s\n", listed(meta.Table.Features()))
	}
	fmt.Fprintf(&out, "%s is %s; in Python, with onnxruntime and numpy:\n", in, pixels)
	fmt.Fprintf(&out, "    onnxruntime.InferenceSession(%q).run([%q], {%q: %s})\n", path, first, in, in)
	return out.String()
}

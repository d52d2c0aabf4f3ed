package cli

import "testing"

// A model with shots is refused, with the flag that exports its exact values.
func TestExportIsExact(t *testing.T) {
	set := digits(t)
	t.Chdir(t.TempDir())
	command(t, done, "train --epochs 1 --batch 45 --shots 10 --model hqvit --out shots --data "+set)
	play(t, []call{
		{"export shots shots.onnx", wrongUsage,
			`^hqvit: export: shots has shots=10, and what is exported is exact: ` +
				`want --exact, for its exact values\n$`},
		{"export shots shots.onnx --exact", done, `^shots.onnx: hqvit`},
	})
}

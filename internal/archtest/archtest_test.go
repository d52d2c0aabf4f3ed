// Package archtest tests the shape of the module: imports go one way, and exported names are documented.
package archtest

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/hqvit/hqvit/"

// allowed says what each package may import of this module, outside its tests. A trailing "/..." means
// everything below.
var allowed = map[string][]string{
	"internal/dense":   {},
	"internal/foreign": {},
	"nn/onnx":          {},
	"nn/op":            {"internal/dense", "internal/gorgonia", "internal/foreign", "nn/onnx"},
	"nn/gradcheck":     {"nn/op", "internal/foreign"},
	"nn":               {"nn/op", "nn/onnx", "internal/dense", "internal/splitmix", "internal/foreign"},
	"nn/nntest":        {"nn", "nn/op", "nn/gradcheck"},
	"losses":           {"nn/op", "internal/dense", "internal/spec", "internal/foreign"},
	"optimizers": {"nn/op", "internal/dense", "internal/gorgonia", "internal/spec",
		"internal/foreign"},
	"data":                {"internal/parquet", "internal/splitmix", "internal/suggest", "internal/words"},
	"internal/gorgonia":   {},
	"internal/single":     {},
	"internal/spec":       {"internal/foreign", "internal/single", "internal/suggest"},
	"internal/splitmix":   {},
	"internal/suggest":    {"internal/words"},
	"internal/words":      {},
	"internal/atomicfile": {},
	"internal/mpi":        {},
	"internal/scaling":    {"qops/circuit", "qops/statevec/split"},
	"internal/mpitest":    {},
	"internal/apitest":    {},
	"internal/onnxtest":   {"nn", "nn/op"},
	"internal/option":     {"internal/single"},
	"train": {"nn", "nn/op", "losses", "optimizers", "data", "train/metric", "train/rundir",
		"train/report/chart", "internal/dense", "internal/mpi", "internal/option", "internal/atomicfile",
		"internal/foreign",
		"internal/single", "internal/suggest", "internal/words"},
	"train/metric":       {},
	"train/rundir":       {"nn", "train/metric", "internal/atomicfile"},
	"internal/draw":      {},
	"train/report/chart": {"internal/draw"},
	"train/report/study": {"train", "data", "train/metric", "train/rundir", "train/report/chart", "vit",
		"vit/ledger", "internal/atomicfile", "internal/words"},
	"qops/circuit": {"internal/walsh", "internal/words", "internal/foreign", "internal/suggest"},
	"qops/job": {"qops/circuit", "qops/circuit/qasm", "qops/device", "qops/statevec", "qops/transpile",
		"internal/atomicfile", "internal/foreign", "internal/splitmix"},
	"qops/device":          {"qops/circuit", "qops/transpile", "internal/suggest"},
	"qops/transpile":       {"qops/circuit", "internal/splitmix", "internal/foreign"},
	"qops/mitigate":        {"qops/circuit", "internal/suggest"},
	"qops/circuit/qasm":    {"qops/circuit", "internal/suggest", "internal/words"},
	"internal/circuittest": {"qops/circuit"}, // what tests share
	"internal/walsh":       {},
	"qops/statevec": {"qops/circuit", "qops/statevec/internal/tile", "internal/dense", "internal/splitmix",
		"internal/walsh", "internal/words", "internal/foreign"},
	"qops/statevec/split": {"qops/circuit", "qops/statevec", "internal/splitmix", "internal/foreign"},
	"qops/analysis":       {"qops/circuit", "qops/statevec", "internal/foreign", "internal/splitmix"},
	"qops": {"qops/circuit", "qops/mitigate", "qops/statevec", "nn/op", "nn/onnx", "internal/dense",
		"internal/foreign", "internal/splitmix"},
	"qlayer": {"qops", "qops/circuit", "qops/mitigate", "qops/statevec", "nn", "nn/op", "nn/onnx",
		"internal/dense", "internal/foreign"},
	"vit": {"qlayer", "qops", "qops/circuit", "qops/device", "qops/mitigate", "nn", "nn/op", "internal/foreign",
		"internal/suggest", "internal/words"},
	"vit/ledger": {"internal/splitmix", "vit", "qlayer", "qops/circuit", "qops/statevec", "nn"},
	"trained": {"internal/atomicfile", "internal/foreign", "internal/words", "data", "nn", "nn/onnx", "nn/op",
		"train", "train/rundir", "vit"},
	"serve": {"trained", "data", "train", "train/metric", "train/rundir", "train/report/chart",
		"train/report/study", "vit", "qlayer", "qops/circuit", "qops/circuit/qasm", "internal/foreign"},
	"pretrained":   {"internal/atomicfile", "internal/suggest"},
	"internal/cli": {"..."},
	".":            {"internal/cli", "trained", "vit"}, // the front: hqvit.Open and hqvit.Main
	"cmd/hqvit":    {"internal/cli", "vit"},
	"examples":     {"..."},

	"qops/statevec/internal/tile": {"internal/dense"},

	"internal/parquet":     {},
	"internal/parquettest": {"internal/parquet"},
	"internal/release":     {},
}

func TestImportsGoOneWay(t *testing.T) {
	root := filepath.Join("..", "..")
	files := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			// A folder with a go.mod of its own is another module.
			if _, err := os.Stat(filepath.Join(path, "go.mod")); err == nil && path != root {
				return fs.SkipDir
			}
			if name := d.Name(); strings.HasPrefix(name, ".") && name != "." && name != ".." ||
				name == "testdata" || name == "archtest" {
				return fs.SkipDir
			}
			return nil
		}
		if strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
			files++
			check(t, root, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 50 {
		t.Errorf("only %d files seen: the test looks in the wrong place", files)
	}
}

func check(t *testing.T, root, path string) {
	t.Helper()
	rel, err := filepath.Rel(root, filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	pkg := filepath.ToSlash(rel)
	rule, known := allowed[pkg]
	if !known {
		top, _, _ := strings.Cut(pkg, "/")
		rule, known = allowed[top]
		if !known || len(rule) != 1 || rule[0] != "..." {
			t.Errorf("%s: no rule says what package %s may import", path, pkg)
			return
		}
	}
	f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	for _, spec := range f.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		ours, ok := strings.CutPrefix(imported, module)
		if ok && !permits(rule, ours) {
			t.Errorf("%s imports %s; %s may import %v", path, ours, pkg, rule)
		}
		if ok && (strings.HasPrefix(ours, "cmd") || strings.HasPrefix(ours, "examples")) {
			t.Errorf("%s imports %s: nobody imports commands or examples", path, ours)
		}
	}
}

func permits(rule []string, imported string) bool {
	for _, r := range rule {
		if r == "..." || r == imported {
			return true
		}
	}
	return false
}

package job_test

import (
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/hqvit/hqvit/qops/job"
)

// TestPeers runs jobs by simulators that share nothing with this module, and reads their counts: overlaps and
// derivatives are the exact ones within five standard errors. HQVIT_TEST_NODE_MODULES names the folder
// node_modules that has quantum-circuit 0.9.250, for OpenQASM 2; HQVIT_TEST_NUMPY a Python with NumPy, for
// both versions.
func TestPeers(t *testing.T) {
	modules, python := os.Getenv("HQVIT_TEST_NODE_MODULES"), os.Getenv("HQVIT_TEST_NUMPY")
	peers := map[string]struct {
		skip     string
		command  []string
		env      string
		versions []int
		endings  []string
	}{
		"quantum-circuit": {skip: "HQVIT_TEST_NODE_MODULES names no folder with the npm package quantum-circuit",
			command: []string{"node", "../../docs/peers/jobs.js"}, env: "NODE_PATH=" + modules, versions: []int{2},
			endings: []string{".json"}},
		"NumPy": {skip: "HQVIT_TEST_NUMPY names no Python with NumPy", command: []string{python,
			"../../docs/peers/jobs.py"},
			versions: []int{2, 3}, endings: []string{".json", ".list.json", ".qiskit.json"}},
	}
	for name, peer := range peers {
		t.Run(name, func(t *testing.T) {
			if name == "NumPy" && python == "" || name != "NumPy" && modules == "" {
				t.Skip(peer.skip)
			}
			h := head(3, 4, true)
			for kind, make := range makers {
				for i, version := range peer.versions {
					for _, on := range []string{"", "superconducting-19"} {
						o := job.Options{QASM: version, Gradient: on == "" && kind == "pairs"}
						if on != "" {
							o.Device = named(t, on)
						}
						j, err := make(h, o)
						if err != nil {
							t.Fatal(err)
						}
						dir := filepath.Join(t.TempDir(), "job")
						if err := j.Write(t.Context(), dir); err != nil {
							t.Fatal(err)
						}
						result := filepath.Join(t.TempDir(),
							"result"+peer.endings[(i+len(on))%len(peer.endings)])
						arguments := append(peer.command[1:], dir, result, "200000", "1")
						cmd := exec.CommandContext(t.Context(), peer.command[0], arguments...)
						cmd.Env = append(os.Environ(), peer.env)
						if out, err := cmd.CombinedOutput(); err != nil {
							t.Fatalf("%v: %s", err, out)
						}
						checkPeer(t, fmt.Sprintf("%s, version %d, device %q", kind, version, on), h, dir,
							result)
					}
				}
			}
		})
	}
}

func checkPeer(t *testing.T, what string, h job.Head, dir, result string) {
	t.Helper()
	text, err := os.ReadFile(result)
	if err != nil {
		t.Fatal(err)
	}
	j, err := job.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	counts, err := j.Counts(job.Little, job.Result{Name: result, JSON: text})
	if err != nil {
		t.Fatal(err)
	}
	check := func(what string, got job.Estimate, want []float64) {
		for i, v := range got.Values {
			if math.Abs(v-want[i]) > 5*got.Errors[i]+1e-9 {
				t.Errorf("%s %d: %v ± %v, want %v", what, i, v, got.Errors[i], want[i])
			}
		}
	}
	got, err := j.Overlaps(counts)
	if err != nil {
		t.Fatal(err)
	}
	exact, err := h.Overlaps()
	if err != nil {
		t.Fatal(err)
	}
	check(what+", overlap", got, exact)
	if !j.HasGradient() {
		return
	}
	if got, err = j.Jacobian(counts); err != nil {
		t.Fatal(err)
	}
	if exact, err = h.Jacobian(); err != nil {
		t.Fatal(err)
	}
	check(what+", derivative", got, exact)
}

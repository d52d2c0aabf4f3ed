package rundir_test

import (
	"strings"
	"testing"

	"github.com/hqvit/hqvit/train/rundir"
)

// Of values that are objects in JSON, the fields that differ are said, and not the whole texts.
func TestIdentityOfObjects(t *testing.T) {
	was := map[string]string{"architecture": `{"depth":2,"heads":4,"stem":[8,16],"score":"swap"}`, "lr": "0.002"}
	now := map[string]string{"architecture": `{"depth":3,"heads":4,"stem":[8],"dropout":0.1,"score":"dot"}`,
		"lr": "0.002"}
	err := rundir.CheckIdentity("last.ckpt", was, now)
	want := `last.ckpt is of another run: architecture: depth was 2, now it is 3, dropout was none, now it is 0.1, ` +
		`score was "swap", now it is "dot", stem was [8,16], now it is [8]`
	if err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	now["architecture"] = "whatever"
	if err := rundir.CheckIdentity("last.ckpt", was, now); err == nil || !strings.Contains(err.Error(),
		`now it is "whatever"`) {
		t.Errorf("of a text: %v", err)
	}
}

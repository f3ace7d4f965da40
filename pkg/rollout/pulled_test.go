package rollout_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/gobiz-cli/gobiz/pkg/rollout"
)

func TestPulled(t *testing.T) {
	p := rollout.Pulled{Dir: filepath.Join(t.TempDir(), "state", "pulled")}
	if outlet, err := p.Outlet("/menus/a.json"); outlet != "" || err != nil {
		t.Errorf("before the first pull: %q, %v", outlet, err)
	}
	for path, outlet := range map[string]string{"/menus/a.json": "G1", "/menus/b.json": "G2"} {
		if err := p.Remember(path, outlet); err != nil {
			t.Fatal(err)
		}
	}
	if outlet, err := p.Outlet("/menus/../menus/a.json"); outlet != "G1" || err != nil {
		t.Errorf("a.json: %q, %v", outlet, err)
	}
	info, err := os.Stat(p.Dir)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("folder: %v, %v", info, err)
	}
}

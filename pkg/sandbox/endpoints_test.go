package sandbox

import (
	"slices"
	"testing"

	"github.com/gobiz-cli/gobiz/internal/contract"
)

// The sandbox's own table of endpoints must be the documented one.
func TestOperationsAreThoseOfTheContract(t *testing.T) {
	ours := map[string]operation{}
	for _, op := range operations() {
		if _, twice := ours[op.id]; twice {
			t.Errorf("%s stands twice", op.id)
		}
		ours[op.id] = op
	}
	for _, want := range contract.Load(t).Operations() {
		if want.OAuth {
			continue
		}
		op, ok := ours[want.ID]
		if !ok {
			t.Errorf("%s is missing", want.ID)
			continue
		}
		delete(ours, want.ID)
		if op.method != want.Method || op.path != want.Path {
			t.Errorf("%s is %s %s, want %s %s", op.id, op.method, op.path, want.Method, want.Path)
		}
		if !slices.Equal(slices.Sorted(slices.Values(op.grants)), slices.Sorted(slices.Values(want.Grants))) {
			t.Errorf("%s takes grants %v, want %v", op.id, op.grants, want.Grants)
		}
		// Subscriptions need the scope of their event, which the handler checks.
		if len(op.scopes) > 0 && !slices.Equal(slices.Sorted(slices.Values(op.scopes)), slices.Sorted(slices.Values(want.Scopes))) {
			t.Errorf("%s takes scopes %v, want %v", op.id, op.scopes, want.Scopes)
		}
		if op.eim != want.EIM {
			t.Errorf("%s: legacy is %v, want %v", op.id, op.eim, want.EIM)
		}
	}
	for id := range ours {
		t.Errorf("%s is not in the contract", id)
	}
}

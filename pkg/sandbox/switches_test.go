package sandbox

import (
	"os"
	"reflect"
	"strings"
	"testing"
)

// The table of switches on the sandbox's page has each of them.
func TestSwitchesAreDocumented(t *testing.T) {
	page, err := os.ReadFile("../../docs/sandbox.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(page), "\n## Switches\n")
	table, _, _ = strings.Cut(table, "\n## ")
	switches := reflect.TypeFor[Switches]()
	for i := range switches.NumField() {
		if name := switches.Field(i).Tag.Get("json"); !strings.Contains(table, "`"+name+"`") {
			t.Errorf("%s is not in the table", name)
		}
	}
}

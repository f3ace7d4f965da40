package catalog_test

import (
	"testing"

	"github.com/gobiz-cli/gobiz/pkg/catalog"
)

func TestStarterIsValid(t *testing.T) {
	content := []byte(catalog.Starter())
	if err := validate(t, schema(t), content); err != nil {
		t.Errorf("the schema refuses it: %v", err)
	}
	source, findings := catalog.Lint("starter.yaml", content, catalog.Gofood)
	if len(findings) > 0 {
		t.Errorf("%v", findings)
	}
	if source.Items() == 0 || len(source.VariantCategories) == 0 || source.Defaults.OperationalHours == nil {
		t.Error("it is no example of everything")
	}
}

package main

import (
	"bytes"
	"os"
	"testing"
)

// The page and the copy of the schema say what the code says.
func TestCatalogIsUpToDate(t *testing.T) {
	t.Chdir("../..")
	files := map[string][]byte{}
	if err := addCatalog(files); err != nil {
		t.Fatal(err)
	}
	for path, want := range files {
		got, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is not up to date; run 'go run ./docs/generate'", path)
		}
	}
}

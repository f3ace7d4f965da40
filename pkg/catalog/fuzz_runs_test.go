package catalog

import "testing"

// FuzzRuns reads any file in runs and as a whole: source, places and findings
// are the same.
func FuzzRuns(f *testing.F) {
	for _, file := range oddRuns {
		f.Add(false, []byte(file.text))
	}
	for _, text := range oddJSON {
		f.Add(true, []byte(text))
	}
	f.Add(false, readFile(f, "warung.yaml"))
	f.Add(true, readFile(f, "eim_menu.json"))
	f.Fuzz(func(t *testing.T, json bool, data []byte) {
		name := "a.yaml"
		if json {
			name = "a.json"
		}
		for _, size := range runSizes {
			readBoth(t, name, data, size)
		}
	})
}

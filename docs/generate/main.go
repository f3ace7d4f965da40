// Command generate writes what is derived from the command tree: shell
// completions, man pages and the reference; and from pkg/catalog and pkg/rollout:
// the JSON Schema, the table of rules in docs/catalog.md, and that of guards there
// and in README.md. Run it from the top of the repository:
//
//	go run ./docs/generate          write the files
//	go run ./docs/generate -check   fail when a file would change
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"github.com/gobiz-cli/gobiz/cmd"
)

func main() {
	check := flag.Bool("check", false, "write nothing; fail when a file would change")
	flag.Parse()
	if err := run(*check); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

// outputs are the folders that hold generated files only.
var outputs = []string{"completions", "docs/man", "docs/reference"}

func run(check bool) error {
	if _, err := os.Stat("go.mod"); err != nil {
		return errors.New("run it from the top of the repository")
	}
	root := cmd.Tree()
	root.Flags().Lookup("version").Hidden = true // as --help, it needs no page
	files, err := generate(root)
	if err != nil {
		return err
	}
	if err := addCatalog(files); err != nil {
		return err
	}
	var stale []string
	for _, dir := range outputs {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			if err != nil || d.IsDir() {
				return err
			}
			if _, ok := files[filepath.ToSlash(path)]; ok {
				return nil
			}
			stale = append(stale, path)
			if check {
				return nil
			}
			return os.Remove(path)
		})
		if err != nil {
			return err
		}
	}
	for path, content := range files {
		old, err := os.ReadFile(path)
		if err == nil && bytes.Equal(old, content) {
			continue
		}
		stale = append(stale, path)
		if check {
			continue
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			return err
		}
	}
	if check && len(stale) > 0 {
		slices.Sort(stale)
		return fmt.Errorf("not up to date: %s; run 'go run ./docs/generate'", strings.Join(stale, ", "))
	}
	return nil
}

// generate returns the content of every file by its slash-separated path.
func generate(root *cobra.Command) (map[string][]byte, error) {
	files := map[string][]byte{}
	shells := []struct {
		name  string
		write func(*bytes.Buffer) error
	}{
		{"gobiz.bash", func(b *bytes.Buffer) error { return root.GenBashCompletionV2(b, true) }},
		{"gobiz.zsh", func(b *bytes.Buffer) error { return root.GenZshCompletion(b) }},
		{"gobiz.fish", func(b *bytes.Buffer) error { return root.GenFishCompletion(b, true) }},
		{"gobiz.ps1", func(b *bytes.Buffer) error { return root.GenPowerShellCompletionWithDesc(b) }},
	}
	for _, s := range shells {
		var b bytes.Buffer
		if err := s.write(&b); err != nil {
			return nil, err
		}
		files["completions/"+s.name] = b.Bytes()
	}
	return files, walk(root, files)
}

func walk(c *cobra.Command, files map[string][]byte) error {
	if c.Hidden || !c.IsAvailableCommand() && c.HasParent() {
		return nil
	}
	c.DisableAutoGenTag = true
	name := strings.ReplaceAll(c.CommandPath(), " ", "-")
	// A fixed date: the same source gives the same page.
	date := time.Unix(0, 0).UTC()
	var man, page bytes.Buffer
	header := &doc.GenManHeader{Title: strings.ToUpper(name), Section: "1", Source: "gobiz", Manual: "gobiz manual", Date: &date}
	if err := doc.GenMan(c, header, &man); err != nil {
		return err
	}
	if err := doc.GenMarkdownCustom(c, &page, func(s string) string { return strings.ReplaceAll(s, "_", "-") }); err != nil {
		return err
	}
	files["docs/man/"+name+".1"] = man.Bytes()
	files["docs/reference/"+name+".md"] = page.Bytes()
	for _, sub := range c.Commands() {
		if err := walk(sub, files); err != nil {
			return err
		}
	}
	return nil
}

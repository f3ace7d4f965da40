package cmd

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gobiz-cli/gobiz/internal/terminal"
	"github.com/gobiz-cli/gobiz/pkg/catalog"
)

// starterName is the file that every example pushes.
const starterName = "menu.yaml"

// newFile is what `catalog new` has written.
type newFile struct {
	File   string `json:"file"`
	Status string `json:"status"` // written
}

var newFileColumns = terminal.Fields[newFile]("file", "status")

func newCatalogNewCommand(f *Factory) *cobra.Command {
	var file string
	c := &cobra.Command{
		Use:   "new",
		Short: "Write a starter file with an example of everything",
		Long: `Write a catalog file to start from, with an example of everything: YAML, or JSON when the file's name ends in .json.
A file that exists is not replaced.

For an outlet that has a menu already, start with 'gobiz catalog pull' instead.`,
		Example: example(
			"gobiz catalog new",
			"gobiz catalog new -f menus/tebet.yaml",
			"gobiz catalog new -f -",
		),
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error { return runCatalogNew(f.console, file) },
	}
	c.Flags().StringVarP(&file, "file", "f", starterName, "output `file`, - is stdout")
	return c
}

func runCatalogNew(o *console, file string) error {
	if file == "" {
		return usageError("name a file, or leave -f out", "--file is empty")
	}
	content, err := starter(file)
	if err != nil {
		return err
	}
	if file == "-" {
		_, err := o.Streams().Out.Write(content)
		return err
	}
	if err := writeNew(o.path(file), content); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return &Error{Exit: exitGuard, Code: "file_exists", Message: file + " exists, and is not replaced", Hint: "choose another file with -f"}
		}
		return fmt.Errorf("write %s: %w", file, cause(err))
	}
	return terminal.PrintOne(o.Printer, newFile{file, "written"}, newFileColumns)
}

// starter returns the content for a file of this name.
func starter(name string) ([]byte, error) {
	content := []byte(catalog.Starter())
	if !strings.EqualFold(filepath.Ext(name), ".json") {
		return content, nil
	}
	file, findings := catalog.Parse(starterName, content, catalog.Partner)
	if err := findings.Err(starterName); err != nil {
		return nil, err
	}
	return catalog.EncodeJSON(file)
}

// writeNew makes a file that must not be there yet, for its owner only. One that
// could not be finished is removed.
func writeNew(path string, content []byte) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err = errors.Join(err, file.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

package cmd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gobiz-cli/gobiz/internal/atomicfile"
	"github.com/gobiz-cli/gobiz/internal/config"
	"github.com/gobiz-cli/gobiz/internal/terminal"
	"github.com/gobiz-cli/gobiz/pkg/catalog"
	"github.com/gobiz-cli/gobiz/pkg/gobiz"
	"github.com/gobiz-cli/gobiz/pkg/rollout"
)

type catalogPullOptions struct {
	*console
	client   func() (*gobiz.Client, error)
	settings func() (config.Settings, error)

	outlet, file string
	raw, force   bool
}

// pulledMenu is what `catalog pull` has written.
type pulledMenu struct {
	OutletID string `json:"outlet_id"`
	File     string `json:"file"`
	Menus    int    `json:"menus"`
	Items    int    `json:"items"`
	Status   string `json:"status"` // written, unchanged
}

var pulledColumns = terminal.Fields[pulledMenu]("outlet_id", "file", "menus", "items", "status")

func newCatalogPullCommand(f *Factory) *cobra.Command {
	o := catalogPullOptions{console: f.console, client: f.Client, settings: f.Settings}
	c := &cobra.Command{
		Use:   "pull OUTLET",
		Short: "Write the live menu of an outlet to a file that pushes back unchanged",
		Long: `Write the live menu of an outlet to a file that pushes back unchanged: YAML, or JSON when the file's name ends in
.json. Without -f the file is OUTLET.yaml.

What has no external id, because it was made in the merchant app, gets one that is derived from GoBiz's own id, and a
comment. Stock is left out, so that a later push does not put sold-out dishes back on sale.

A file that is there already is brought up to date: its comments, order, short forms and defaults stay, values that
differ are replaced, what is gone is cut out, what is new is put in its place, what has moved takes its comments along.
Comments that go with what is gone are counted on stderr, with their lines. A file that does not read, that was pulled
from another outlet, or that no pull has written, is not touched, nor is one with items when the live menu has none;
--force replaces them.`,
		Example: example(
			"gobiz catalog pull G100000001",
			"gobiz catalog pull G100000001 -f menus/tebet.yaml",
			"gobiz catalog pull G100000001 -f - | less",
			"gobiz catalog pull G100000001 --raw -f -          # the API's own answer",
		),
		Args: exactArgs("OUTLET"),
		RunE: func(c *cobra.Command, args []string) error {
			o.outlet = args[0]
			return runCatalogPull(c.Context(), o)
		},
	}
	c.Flags().StringVarP(&o.file, "file", "f", "", "output `file`, - is stdout (default OUTLET.yaml)")
	c.Flags().BoolVar(&o.raw, "raw", false, "the API's own answer, untouched")
	c.Flags().BoolVar(&o.force, "force", false, "write the file anew, whatever it holds")
	return c
}

func runCatalogPull(ctx context.Context, o catalogPullOptions) error {
	if o.file == "" && (filepath.Base(o.outlet) != o.outlet || strings.HasPrefix(o.outlet, ".")) {
		return usageError("name the file with -f", "the outlet id %s gives no name of a file", strconv.QuoteToGraphic(o.outlet))
	}
	client, err := o.client()
	if err != nil {
		return err
	}
	s, err := o.settings()
	if err != nil {
		return err
	}
	file, format := rollout.PullFile{Name: o.target()}, o.pullFormat()
	state := &rollout.State{Dir: s.StateDir}
	if file.Name != "-" {
		if format != rollout.PullYAML {
			if err := s.RequireStateDir(); err != nil {
				return err
			}
		}
		file.Path = o.path(file.Name)
		file.Content, err = atomicfile.Read(file.Path, catalog.MaxFileSize)
		if err != nil && !errors.Is(err, fs.ErrNotExist) && !o.force {
			return fmt.Errorf("read %s: %w", file.Name, cause(err))
		}
	}
	result, err := rollout.Pull(ctx, client, o.outlet, file, rollout.PullOptions{Format: format, Force: o.force, State: state})
	for _, note := range result.Notes {
		o.Note("%s", note)
	}
	if len(result.Dropped) > 0 {
		o.Note("%s: %s", file.Name, droppedMessage(result.Dropped))
	}
	if err != nil {
		return o.listFindings(pullError(o.outlet, err))
	}
	if file.Name == "-" {
		return o.writePulled(result.Content)
	}
	row := pulledMenu{OutletID: o.outlet, File: file.Name, Menus: len(result.Live.Menus), Items: result.Live.Items(), Status: "unchanged"}
	if result.Written {
		row.Status = "written"
	}
	return terminal.PrintOne(o.Printer, row, pulledColumns)
}

// writePulled writes a menu to stdout.
func (o catalogPullOptions) writePulled(content []byte) error {
	if o.Filtered() {
		return o.writeAnswer(content)
	}
	if o.Streams().OutTTY { // the API's own answer is foreign text
		content = []byte(terminal.CleanLines(string(content)))
	}
	_, err := o.Streams().Out.Write(content)
	return err
}

// pullError says what to do about a pull that failed.
func pullError(outlet string, err error) error {
	var (
		other     *rollout.OtherFileError
		emptied   *rollout.EmptiedError
		invalid   *catalog.InvalidError
		unwritten *rollout.FileError
	)
	switch {
	case errors.As(err, &other):
		return &Error{Exit: exitGuard, Code: "other_file", Message: other.Error(), Hint: "choose another file with -f, or replace it with --force"}
	case errors.As(err, &emptied):
		return &Error{Exit: exitGuard, Code: "emptied_file", Message: err.Error(), Hint: "the file is as it was; --force writes the empty menu into it"}
	case errors.As(err, &invalid):
		return &Error{Exit: exitInvalid, Code: "invalid_catalog", Message: err.Error(), Hint: "the file is as it was; correct it, or write it anew with --force", Err: err}
	case errors.As(err, &unwritten):
		return fmt.Errorf("write %s: %w", unwritten.Name, cause(unwritten.Err))
	}
	return outletError(outlet, err)
}

// pullFormat is what the menu is written as.
func (o catalogPullOptions) pullFormat() rollout.PullFormat {
	name := o.target()
	switch {
	case o.raw:
		return rollout.PullRaw
	case strings.EqualFold(filepath.Ext(name), ".json"), name == "-" && o.Format() == terminal.FormatJSON:
		return rollout.PullJSON
	}
	return rollout.PullYAML
}

func (o catalogPullOptions) target() string {
	switch {
	case o.file != "":
		return o.file
	case o.raw:
		return o.outlet + ".json"
	}
	return o.outlet + ".yaml"
}

// maxDroppedLines is how many lines a message names.
const maxDroppedLines = 20

// droppedMessage says which comments of a file are not in the new one.
func droppedMessage(dropped []catalog.Comment) string {
	if len(dropped) == 1 {
		return fmt.Sprintf("1 comment is gone with what it was about, from line %d of the old file", dropped[0].Line)
	}
	lines := make([]string, 0, maxDroppedLines)
	for _, c := range dropped[:min(len(dropped), maxDroppedLines)] {
		lines = append(lines, strconv.Itoa(c.Line))
	}
	rest := ""
	if more := len(dropped) - len(lines); more > 0 {
		rest = fmt.Sprintf(" and %d more", more)
	}
	return fmt.Sprintf("%d comments are gone with what they were about, from the lines %s%s of the old file", len(dropped), strings.Join(lines, ", "), rest)
}

// cause is the reason of a file error without the path, which may be that of a
// temporary file.
func cause(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link):
		return link.Err
	}
	return err
}

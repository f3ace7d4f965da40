package cmd

import (
	"bytes"
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

// pulled is what `catalog pull` has written.
type pulled struct {
	OutletID string `json:"outlet_id"`
	File     string `json:"file"`
	Menus    int    `json:"menus"`
	Items    int    `json:"items"`
	Status   string `json:"status"` // written, unchanged
}

var pulledColumns = []terminal.Column[pulled]{
	{Name: "outlet_id", Value: func(p pulled) string { return p.OutletID }},
	{Name: "file", Value: func(p pulled) string { return p.File }},
	{Name: "menus", Value: func(p pulled) string { return strconv.Itoa(p.Menus) }},
	{Name: "items", Value: func(p pulled) string { return strconv.Itoa(p.Items) }},
	{Name: "status", Value: func(p pulled) string { return p.Status }},
}

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
Comments that go with what is gone are counted on stderr, with their lines. A file that was pulled from another outlet,
or that no pull has written, is not touched; --force replaces any file.`,
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
	client, err := o.client()
	if err != nil {
		return err
	}
	s, err := o.settings()
	if err != nil {
		return err
	}
	path := o.target()
	if path != "-" && o.unmarked(path) {
		if err := s.RequireStateDir(); err != nil {
			return err
		}
	}
	memory := pullMemory{rollout.Pulled{Dir: filepath.Join(s.StateDir, "pulled")}, o.path(path)}
	var existing []byte
	if path != "-" {
		if existing, err = o.readExisting(ctx, path); err != nil && !o.force {
			return err
		}
		if err := o.checkReplace(path, existing, memory); err != nil {
			return err
		}
	}
	answer, err := client.Catalog(ctx, o.outlet)
	if err != nil {
		return outletError(o.outlet, fmt.Errorf("pull the menu of %s: %w", o.outlet, err))
	}
	live, err := catalog.FromLive(answer.Raw)
	if err != nil {
		return err
	}
	content, notes := []byte(answer.Raw), []catalog.Note(nil)
	if !o.raw {
		asJSON := strings.EqualFold(filepath.Ext(path), ".json") || path == "-" && o.Format() == terminal.FormatJSON
		if content, notes, err = o.encode(live, path, existing, asJSON); err != nil {
			return err
		}
	}
	for _, note := range notes {
		o.Note("%s", note)
	}
	if !o.raw && !o.force {
		if dropped := catalog.DroppedComments(path, existing, content); len(dropped) > 0 {
			o.Note("%s: %s", path, droppedMessage(dropped))
		}
	}
	if path == "-" {
		if o.Filtered() {
			return o.writeAnswer(content)
		}
		if o.Streams().OutTTY { // the API's own answer is foreign text
			content = []byte(terminal.CleanLines(string(content)))
		}
		_, err := o.Streams().Out.Write(content)
		return err
	}
	result := pulled{OutletID: o.outlet, File: path, Menus: len(live.Menus), Items: live.Items(), Status: "unchanged"}
	if !bytes.Equal(existing, content) {
		if err := atomicfile.Write(o.path(path), content); err != nil {
			return fmt.Errorf("write %s: %w", path, cause(err))
		}
		result.Status = "written"
	}
	if o.unmarked(path) {
		if err := memory.Remember(o.outlet); err != nil {
			return err
		}
	}
	return terminal.PrintOne(o.Printer, result, pulledColumns)
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

// encode makes the file. A file that is there already keeps its comments, its
// order and its short forms, unless it is to be replaced.
func (o catalogPullOptions) encode(live *catalog.Live, path string, existing []byte, asJSON bool) ([]byte, []catalog.Note, error) {
	if len(existing) > 0 && !o.force {
		content, notes, err := catalog.Merge(path, existing, live)
		if err == nil && !o.unmarked(path) && pulledFrom(content) != o.outlet {
			content = markOutlet(content, o.outlet)
		}
		return content, notes, err
	}
	var known *catalog.File
	if existing != nil {
		if source, findings := catalog.Parse(path, existing, catalog.Partner); findings.Err(path) == nil {
			known = source
		}
	}
	source, notes := live.File(known)
	if asJSON {
		content, err := catalog.EncodeJSON(source)
		return content, notes, err
	}
	content, err := catalog.EncodeYAML(source, notes)
	if err != nil {
		return nil, nil, err
	}
	return markOutlet(content, o.outlet), notes, nil
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

// outletMark is a comment that says which outlet a file was pulled from.
const outletMark = "# outlet: "

// markOutlet puts the mark below the line that names the schema.
func markOutlet(content []byte, outlet string) []byte {
	mark := outletMark + outlet + "\n"
	first, rest, found := bytes.Cut(content, []byte("\n"))
	if !found || !bytes.HasPrefix(first, []byte("#")) {
		return append([]byte(mark), content...)
	}
	return bytes.Join([][]byte{first, []byte(mark + string(rest))}, []byte("\n"))
}

// pulledFrom reads the mark among the comments at the top of a file.
func pulledFrom(content []byte) string {
	for line := range strings.Lines(string(content)) {
		if !strings.HasPrefix(line, "#") {
			return ""
		}
		if outlet, ok := strings.CutPrefix(line, outletMark); ok {
			return strings.TrimSpace(outlet)
		}
	}
	return ""
}

// readExisting reads the file that is written over, not beyond what a catalog
// may have.
func (o catalogPullOptions) readExisting(ctx context.Context, path string) ([]byte, error) {
	content, err := o.readInput(ctx, path, catalog.MaxFileSize)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return content, err
}

// pullMemory knows which outlet an unmarked file was pulled from.
type pullMemory struct {
	pulled rollout.Pulled
	path   string
}

func (m pullMemory) Outlet() (string, error)      { return m.pulled.Outlet(m.path) }
func (m pullMemory) Remember(outlet string) error { return m.pulled.Remember(m.path, outlet) }

// unmarked tells whether the file has no room for a comment.
func (o catalogPullOptions) unmarked(path string) bool {
	return o.raw || strings.EqualFold(filepath.Ext(path), ".json")
}

// checkReplace keeps a pull from replacing what it did not write.
func (o catalogPullOptions) checkReplace(path string, existing []byte, memory pullMemory) error {
	if o.force || len(existing) == 0 {
		return nil
	}
	from := pulledFrom(existing)
	if o.unmarked(path) {
		var err error
		if from, err = memory.Outlet(); err != nil {
			return err
		}
	}
	if from == o.outlet {
		return nil
	}
	message := fmt.Sprintf("%s exists and was not written by a pull", path)
	if from != "" {
		message = fmt.Sprintf("%s holds the menu of outlet %s", path, terminal.Clean(from))
	}
	return &Error{Exit: exitGuard, Code: "other_file", Message: message, Hint: "choose another file with -f, or replace it with --force"}
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

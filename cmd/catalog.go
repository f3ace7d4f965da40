package cmd

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/gobiz-cli/gobiz/pkg/catalog"
	"github.com/gobiz-cli/gobiz/pkg/rollout"
)

func newCatalogCommand(f *Factory) *cobra.Command {
	return newGroup("catalog", "Pull and push menus",
		newCatalogPullCommand(f), newCatalogValidateCommand(f), newCatalogDiffCommand(f), newCatalogPushCommand(f), newCatalogHistoryCommand(f), newCatalogRollbackCommand(f), newCatalogAuditCommand(f),
		newCatalogSchemaCommand(f), newCatalogNewCommand(f))
}

// rolloutTarget is the API that the profile's menus go to.
func (f *Factory) rolloutTarget() (rollout.Target, error) {
	return perAPI(f, rollout.Partner, rollout.Enterprise)
}

// readCatalog reads a catalog file, or stdin for "-", and whose menu it is. Warnings
// are noted.
func (c *console) readCatalog(ctx context.Context, path string, api catalog.API, state func() (rollout.State, error)) (*catalog.File, error) {
	data, err := c.readInput(ctx, path, catalog.MaxFileSize)
	if err != nil {
		return nil, err
	}
	file, findings := catalog.Parse(inputName(path), data, api)
	if findings.Err(inputName(path)) != nil {
		all := catalog.CheckParsed(file, findings, catalog.RuleSetOf(api))
		return nil, c.listFindings(forPush(all).Err(inputName(path)))
	}
	c.noteFindings(inputName(path), findings)
	remembered, place := rollout.State{}, ""
	if s, err := state(); err == nil && path != "-" { // without a state folder nothing is remembered
		remembered, place = s, c.path(path)
	}
	file.PulledFrom, err = remembered.PulledFrom(place, data)
	return file, err
}

func newCatalogSchemaCommand(f *Factory) *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of a catalog file, for editors",
		Long: `Print the JSON Schema (2020-12) of a catalog file, with which editors complete and check it. Files that gobiz writes
name it in their first line.`,
		Example: example(
			"gobiz catalog schema > catalog.schema.json",
			"gobiz catalog schema --jq '.\"$defs\".item.required'",
		),
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error {
			return f.writeAnswer([]byte(catalog.Schema()))
		},
	}
}

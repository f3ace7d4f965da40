package cmd

import (
	"github.com/spf13/cobra"

	"github.com/gobiz-cli/gobiz/pkg/catalog"
)

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

package cmd

import "github.com/spf13/cobra"

func newDemoCommand(f *Factory) *cobra.Command { return &cobra.Command{Use: "demo"} }

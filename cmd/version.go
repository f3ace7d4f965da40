package cmd

import (
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/gobiz-cli/gobiz/internal/terminal"
)

// Set by the release build.
var (
	version = ""
	commit  = ""
	date    = ""
)

type versionInfo struct {
	Version string `json:"version"`
	Commit  string `json:"commit"`
	Date    string `json:"date"`
	Go      string `json:"go"`
}

// buildVersion returns what this binary is: the release build's values, else what
// the Go toolchain recorded.
func buildVersion() versionInfo {
	v := versionInfo{Version: version, Commit: commit, Date: date}
	if info, ok := debug.ReadBuildInfo(); ok {
		v.Go = info.GoVersion
		if v.Version == "" {
			v.Version = info.Main.Version
		}
		for _, s := range info.Settings {
			switch {
			case s.Key == "vcs.revision" && v.Commit == "":
				v.Commit = s.Value
			case s.Key == "vcs.time" && v.Date == "":
				v.Date = s.Value
			}
		}
	}
	if v.Version == "" || v.Version == "(devel)" {
		v.Version = "dev"
	}
	return v
}

func (v versionInfo) String() string {
	s := "gobiz " + v.Version
	if v.Commit != "" {
		s += fmt.Sprintf(" (%.12s)", v.Commit)
	}
	return s
}

func newVersionCommand(f *Factory) *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version",
		Example: example("gobiz version", "gobiz version -o json"),
		Args:    noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if !c.Flags().Changed("output") && !c.Flags().Changed("jq") {
				_, err := fmt.Fprintln(f.Streams.Out, buildVersion())
				return err
			}
			return terminal.PrintOne(f.Printer, buildVersion(), versionColumns)
		},
	}
}

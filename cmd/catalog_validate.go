package cmd

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gobiz-cli/gobiz/internal/lint"
	"github.com/gobiz-cli/gobiz/internal/terminal"
	"github.com/gobiz-cli/gobiz/pkg/catalog"
)

type catalogValidateOptions struct {
	*console
	usesEnterprise func() (bool, error)
	timeout        func() time.Duration // of a download; 0 is the default

	files               []string
	rules               string
	strict, checkImages bool
}

// The formats that only validate has.
const (
	formatSARIF  terminal.Format = "sarif"
	formatJUnit  terminal.Format = "junit"
	formatGitHub terminal.Format = "github"
)

// fileFinding is a finding in a format made of lines.
type fileFinding struct {
	File string `json:"file"`
	catalog.Finding
}

// validateColumns are what compilers print, for people; programs get a column
// for each value.
var validateColumns = []terminal.Column[fileFinding]{
	{Name: "place", Value: func(f fileFinding) string { return fmt.Sprintf("%s:%d:%d", f.File, f.Line, f.Column) }},
	{Name: "severity"}, {Name: "rule"}, {Name: "message"}, {Name: "hint"},
}

var validateCells = terminal.Fields[fileFinding]("file", "line", "column", "severity", "rule", "path", "message", "hint")

func newCatalogValidateCommand(f *Factory) *cobra.Command {
	o := catalogValidateOptions{console: f.console, usesEnterprise: f.usesEnterprise, timeout: f.timeout}
	c := &cobra.Command{
		Use:   "validate FILE...",
		Short: "Check catalog files offline, with the place of everything that is wrong",
		Long: `Check catalog files offline: everything that is wrong in them, with file, line and column. A push checks the same
before it sends anything. FILE may be - for stdin.

Nothing leaves this machine, unless --check-images downloads the images as GoBiz would during a push.

An error makes the exit code 5, with --strict a warning too. Besides the usual formats, -o knows sarif (code
scanning), junit (test reports) and github (annotations in a workflow's log).`,
		Example: example(
			"gobiz catalog validate menu.yaml",
			"gobiz catalog validate menus/tebet.yaml menus/kemang.yaml --strict",
			"gobiz catalog validate menu.yaml --rules enterprise",
			"gobiz catalog validate menu.yaml -o github        # in a workflow",
			"gobiz catalog validate menu.yaml --jq '.files[].findings[].rule'",
		),
		Args:        someArgs("FILE"),
		Annotations: map[string]string{moreFormats: "sarif junit github"},
		RunE: func(c *cobra.Command, args []string) error {
			o.files = args
			return runCatalogValidate(c.Context(), o)
		},
	}
	c.Flags().StringVar(&o.rules, "rules", "", "whose limits: gofood, or enterprise for the legacy API (default as the profile's api)")
	c.Flags().BoolVar(&o.strict, "strict", false, "a warning makes the exit code 5 too")
	c.Flags().BoolVar(&o.checkImages, "check-images", false, "download every image and check its size, type and shape")
	_ = c.RegisterFlagCompletionFunc("rules", cobra.FixedCompletions(ruleSetNames(), cobra.ShellCompDirectiveNoFileComp))
	return c
}

func ruleSetNames() (names []string) {
	for _, set := range catalog.RuleSets() {
		names = append(names, string(set))
	}
	return names
}

func runCatalogValidate(ctx context.Context, o catalogValidateOptions) error {
	set, err := o.ruleSet()
	if err != nil {
		return err
	}
	result := &lint.Report{Files: []lint.File{}}
	for _, file := range o.files {
		data, err := o.readInput(ctx, file, catalog.MaxFileSize)
		if errors.Is(err, errTooLarge) { // the other files are still worth a look
			result.Add(inputName(file), catalog.Findings{{
				Rule: catalog.RuleSyntax, Severity: catalog.SeverityError, Position: catalog.Position{Line: 1, Column: 1},
				Message: err.Error(), Hint: "a catalog file has one outlet's menu",
			}})
			continue
		}
		if err != nil {
			return err
		}
		source, findings := catalog.Lint(inputName(file), data, set)
		if o.checkImages && source != nil {
			more, err := o.images(ctx, source)
			if err != nil {
				return err
			}
			findings = catalog.Join(findings, more)
		}
		result.Add(inputName(file), findings)
	}
	if err := o.print(result); err != nil {
		return err
	}
	return validateError(result, o)
}

// ruleSet reads --rules; without it the profile's API decides.
func (o *catalogValidateOptions) ruleSet() (catalog.RuleSet, error) {
	if o.rules == "" {
		legacy, err := o.usesEnterprise()
		if legacy {
			return catalog.EnterpriseRules, err
		}
		return catalog.Gofood, err
	}
	if !slices.Contains(ruleSetNames(), o.rules) {
		return "", usageError("one of "+strings.Join(ruleSetNames(), ", "), "unknown --rules %q", o.rules)
	}
	return catalog.RuleSet(o.rules), nil
}

func (o *catalogValidateOptions) print(r *lint.Report) error {
	switch o.Format() {
	case formatSARIF:
		return r.SARIF(o.Streams().Out, buildVersion().Version)
	case formatJUnit:
		return r.JUnit(o.Streams().Out, o.strict)
	case formatGitHub:
		return r.GitHub(o.Streams().Out)
	}
	var rows []fileFinding
	for _, file := range r.Files {
		for _, finding := range file.Findings {
			rows = append(rows, fileFinding{file.File, finding})
		}
	}
	o.Empty = "no problems in " + counted(len(r.Files), "file")
	columns := validateCells
	if o.Format() == terminal.FormatTable {
		columns = validateColumns
	}
	return terminal.PrintDocument(o.Printer, r, rows, columns)
}

// validateError is the last word of a check that found something.
func validateError(r *lint.Report, o catalogValidateOptions) error {
	message := counted(r.Errors, "error") + " and " + counted(r.Warnings, "warning")
	if r.Errors == 0 && (!o.strict || r.Warnings == 0) {
		return nil
	}
	if slices.ContainsFunc(r.Files, func(f lint.File) bool { return len(f.Findings) >= catalog.MaxFindings }) {
		message += ", and perhaps more: only so many are listed"
	}
	hint := "each rule is explained in docs/catalog.md"
	if r.Errors == 0 {
		hint = "without --strict warnings are allowed"
	}
	return &Error{Exit: exitInvalid, Code: "invalid_catalog", Message: message, Hint: hint}
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}

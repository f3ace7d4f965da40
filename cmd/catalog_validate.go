package cmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gobiz-cli/gobiz/internal/lint"
	"github.com/gobiz-cli/gobiz/internal/terminal"
	"github.com/gobiz-cli/gobiz/pkg/catalog"
)

type catalogValidateOptions struct {
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

// foundIn is a finding in a format made of lines.
type foundIn struct {
	File string `json:"file"`
	catalog.Finding
}

// validateColumns are what compilers print, for people; programs get a column
// for each value.
var validateColumns = []terminal.Column[foundIn]{
	{Name: "place", Value: func(f foundIn) string { return fmt.Sprintf("%s:%d:%d", f.File, f.Line, f.Column) }},
	{Name: "severity", Value: func(f foundIn) string { return string(f.Severity) }},
	{Name: "rule", Value: func(f foundIn) string { return f.Rule }},
	{Name: "message", Value: func(f foundIn) string { return f.Message }},
	{Name: "hint", Value: func(f foundIn) string { return f.Hint }},
}

var validateCells = []terminal.Column[foundIn]{
	{Name: "file", Value: func(f foundIn) string { return f.File }},
	{Name: "line", Value: func(f foundIn) string { return strconv.Itoa(f.Line) }},
	{Name: "column", Value: func(f foundIn) string { return strconv.Itoa(f.Column) }},
	{Name: "severity", Value: func(f foundIn) string { return string(f.Severity) }},
	{Name: "rule", Value: func(f foundIn) string { return f.Rule }},
	{Name: "path", Value: func(f foundIn) string { return f.Path }},
	{Name: "message", Value: func(f foundIn) string { return f.Message }},
	{Name: "hint", Value: func(f foundIn) string { return f.Hint }},
}

func newCatalogValidateCommand(f *Factory) *cobra.Command {
	var o catalogValidateOptions
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
			return runCatalogValidate(c.Context(), f, o)
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

func runCatalogValidate(ctx context.Context, f *Factory, o catalogValidateOptions) error {
	p, err := f.Printer(formatSARIF, formatJUnit, formatGitHub)
	if err != nil {
		return err
	}
	set, err := f.ruleSet(o.rules)
	if err != nil {
		return err
	}
	result := &lint.Report{Files: []lint.File{}}
	for _, file := range o.files {
		data, err := f.readInput(file, catalog.MaxFileSize)
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
			more, err := f.checkImages(ctx, p, source)
			if err != nil {
				return err
			}
			findings = catalog.Join(findings, more)
		}
		result.Add(inputName(file), findings)
	}
	if err := printReport(f, p, result, o.strict); err != nil {
		return err
	}
	return validateError(result, o)
}

// ruleSet reads --rules; without it the profile's API decides.
func (f *Factory) ruleSet(name string) (catalog.RuleSet, error) {
	if name == "" {
		legacy, err := f.usesEnterprise()
		if legacy {
			return catalog.EnterpriseRules, err
		}
		return catalog.Gofood, err
	}
	if !slices.Contains(ruleSetNames(), name) {
		return "", usageError("one of "+strings.Join(ruleSetNames(), ", "), "unknown --rules %q", name)
	}
	return catalog.RuleSet(name), nil
}

func printReport(f *Factory, p *terminal.Printer, r *lint.Report, strict bool) error {
	switch p.Format() {
	case formatSARIF:
		return r.SARIF(f.Streams.Out, buildVersion().Version)
	case formatJUnit:
		return r.JUnit(f.Streams.Out, strict)
	case formatGitHub:
		return r.GitHub(f.Streams.Out)
	}
	var rows []foundIn
	for _, file := range r.Files {
		for _, finding := range file.Findings {
			rows = append(rows, foundIn{file.File, finding})
		}
	}
	p.Empty = "no problems in " + counted(len(r.Files), "file")
	columns := validateCells
	if p.Format() == terminal.FormatTable {
		columns = validateColumns
	}
	return terminal.PrintDocument(p, r, rows, columns)
}

// validateError is the last word of a check that found something.
func validateError(r *lint.Report, o catalogValidateOptions) error {
	message := counted(r.Errors, "error") + " and " + counted(r.Warnings, "warning")
	if r.Errors == 0 && (!o.strict || r.Warnings == 0) {
		return nil
	}
	for _, file := range r.Files {
		if len(file.Findings) >= catalog.MaxFindings {
			message += ", and perhaps more: only so many are listed"
			break
		}
	}
	hint := ""
	if r.Errors == 0 {
		hint = "without --strict warnings are allowed"
	}
	return &Error{Exit: exitInvalid, Code: "invalid_catalog", Message: message, Hint: cmp.Or(hint, "each rule is explained in docs/catalog.md")}
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}

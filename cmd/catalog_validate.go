package cmd

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gobiz-cli/gobiz/internal/lint"
	"github.com/gobiz-cli/gobiz/internal/spelling"
	"github.com/gobiz-cli/gobiz/internal/terminal"
	"github.com/gobiz-cli/gobiz/pkg/catalog"
)

type catalogValidateOptions struct {
	*console
	usesEnterprise func() (bool, error)
	timeout        func() time.Duration // of a download; 0 is the default

	getenv              func(string) string
	files, ignore       []string
	rules, pathPrefix   string
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
	o := catalogValidateOptions{console: f.console, usesEnterprise: f.usesEnterprise, timeout: f.timeout, getenv: f.Getenv}
	c := &cobra.Command{
		Use:   "validate FILE...",
		Short: "Check catalog files offline, with the place of everything that is wrong",
		Long: `Check catalog files offline: everything that is wrong in them, with file, line and column. A push checks the same
before it sends anything. FILE may be - for stdin.

Nothing leaves this machine, unless --check-images downloads the images as GoBiz would during a push.

An error makes the exit code 5, with --strict a warning too. Besides the usual formats, -o knows sarif (code
scanning), junit (test reports) and github (annotations in a workflow's log); sarif and github name files from the root
of the repository: GITHUB_WORKSPACE, or the folder with .git above the file.

A finding is left out when --ignore names its rule, or a comment on its line does:

    price: 0 # gobiz:ignore price, free with every order

How many were left out is said on stderr. A push ignores no error, whatever is ignored here.`,
		Example: example(
			"gobiz catalog validate menu.yaml",
			"gobiz catalog validate menus/tebet.yaml menus/kemang.yaml --strict",
			"gobiz catalog validate menu.yaml --rules enterprise",
			"gobiz catalog validate menu.yaml --strict --ignore unused-category",
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
	c.Flags().StringSliceVar(&o.ignore, "ignore", nil, "leave out the findings of a `rule`; may be repeated")
	c.Flags().StringVar(&o.pathPrefix, "path-prefix", "", "the `folder` from which sarif and github name files (default the repository's root)")
	_ = c.RegisterFlagCompletionFunc("ignore", cobra.FixedCompletions(ruleNames(), cobra.ShellCompDirectiveNoFileComp))
	_ = c.RegisterFlagCompletionFunc("rules", cobra.FixedCompletions(ruleSetNames(), cobra.ShellCompDirectiveNoFileComp))
	return c
}

func ruleSetNames() (names []string) {
	for _, set := range catalog.RuleSets() {
		names = append(names, string(set))
	}
	return names
}

// ruleNames are those that can be ignored, each once.
func ruleNames() (names []string) {
	for _, rule := range catalog.Rules() {
		if rule.ID != catalog.RuleSyntax && !slices.Contains(names, rule.ID) {
			names = append(names, rule.ID)
		}
	}
	return names
}

func (o *catalogValidateOptions) checkIgnored() error {
	for _, name := range o.ignore {
		if known := ruleNames(); !slices.Contains(known, name) {
			hint := "each rule is explained in docs/catalog.md"
			if nearest := spelling.Nearest(name, known); nearest != "" {
				hint = "did you mean " + nearest + "?"
			}
			return usageError(hint, "--ignore %s: there is no such rule to ignore", name)
		}
	}
	return nil
}

func runCatalogValidate(ctx context.Context, o catalogValidateOptions) error {
	if err := o.checkIgnored(); err != nil {
		return err
	}
	set, err := o.ruleSet()
	if err != nil {
		return err
	}
	result := &lint.Report{Files: []lint.File{}}
	var ignored catalog.Findings
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
		left, without := lint.Ignore(inputName(file), data, findings, o.ignore)
		result.Add(inputName(file), left)
		ignored = append(ignored, without...)
	}
	if err := o.print(result); err != nil {
		return err
	}
	if len(ignored) > 0 {
		o.Note("%s ignored: %s", counted(len(ignored), "finding"), countRules(ignored))
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
		return r.SARIF(o.Streams().Out, buildVersion().Version, o.inRepository)
	case formatJUnit:
		return r.JUnit(o.Streams().Out, o.strict)
	case formatGitHub:
		return r.GitHub(o.Streams().Out, o.inRepository)
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

// inRepository is the path of a file, as it was typed, in its repository.
func (o *catalogValidateOptions) inRepository(file string) string {
	if file == inputName("-") {
		return file
	}
	if o.pathPrefix != "" {
		if typed, err := filepath.Rel(o.path("."), o.path(file)); err == nil {
			return path.Join(filepath.ToSlash(o.pathPrefix), filepath.ToSlash(typed))
		}
	}
	if place, ok := lint.InRepository(o.path(file), o.getenv("GITHUB_WORKSPACE")); ok {
		return place
	}
	return filepath.ToSlash(file)
}

// countRules says how many findings there are of each rule: price 2, required 1.
func countRules(findings catalog.Findings) string {
	count := map[string]int{}
	for _, f := range findings {
		count[f.Rule]++
	}
	var parts []string
	for _, rule := range slices.Sorted(maps.Keys(count)) {
		parts = append(parts, fmt.Sprintf("%s %d", rule, count[rule]))
	}
	return strings.Join(parts, ", ")
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

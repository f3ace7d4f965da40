package cmd

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/gobiz-cli/gobiz/internal/config"
	"github.com/gobiz-cli/gobiz/internal/terminal"
)

// help prints a topic as `gobiz help TOPIC` does.
func help(t *testing.T, topic string) string {
	t.Helper()
	streams, _, out, errOut := terminal.Test()
	f := newFactory(&System{Streams: streams, Getenv: func(string) string { return "" }})
	root := newRoot(f)
	root.SetArgs([]string{"help", topic})
	if err := root.Execute(); err != nil || errOut.Len() > 0 {
		t.Fatalf("help %s: %v %s", topic, err, errOut)
	}
	return out.String()
}

func TestEnvironmentTopic(t *testing.T) {
	t.Parallel()
	text := help(t, "environment")
	for _, setting := range config.Declared() {
		if setting.Env == "" {
			continue
		}
		if !strings.Contains(text, fmt.Sprintf("\n  %-29s %s\n", setting.Env, setting.Usage)) {
			t.Errorf("%s is not in the topic", setting.Env)
		}
	}
	for _, name := range []string{
		"GOBIZ_PROFILE", "GOBIZ_CONFIG", "GOBIZ_STATE_DIR", "GOBIZ_ENV", "GOBIZ_API_URL", "GOBIZ_OAUTH_URL", "GOBIZ_API",
		"GOBIZ_CLIENT_ID", "GOBIZ_CLIENT_SECRET", "GOBIZ_SCOPES", "GOBIZ_ACCESS_TOKEN", "GOBIZ_NOTIFICATION_SECRET",
		"GOBIZ_CREDENTIAL_STORE", "GOBIZ_CREDENTIALS_PASSPHRASE", "GOBIZ_NO_INPUT", "NO_COLOR", "CI", "PAGER",
	} {
		if !strings.Contains(text, "\n  "+name+" ") {
			t.Errorf("%s is not in the topic", name)
		}
	}
}

func TestExitCodesTopic(t *testing.T) {
	t.Parallel()
	text := "\n" + help(t, "exit-codes")
	for _, code := range exitCodes {
		if !strings.Contains(text, fmt.Sprintf("\n  %3d  %s\n", code.code, code.meaning)) {
			t.Errorf("%d is not in the topic", code.code)
		}
	}
	for _, code := range []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 130} {
		if !strings.Contains(text, fmt.Sprintf("\n  %3d  ", code)) {
			t.Errorf("%d is not in the topic", code)
		}
	}
}

// TestExitCodesAreDeclared finds the constants in the source: each has its line
// in the table that help and the documents read.
func TestExitCodesAreDeclared(t *testing.T) {
	t.Parallel()
	file, err := parser.ParseFile(token.NewFileSet(), "exit.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	constants := 0
	for _, decl := range file.Decls {
		group, ok := decl.(*ast.GenDecl)
		if !ok || group.Tok != token.CONST {
			continue
		}
		for _, spec := range group.Specs {
			if strings.HasPrefix(spec.(*ast.ValueSpec).Names[0].Name, "exit") {
				constants++
			}
		}
	}
	if constants == 0 || constants != len(exitCodes) {
		t.Errorf("%d constants, %d lines in the table", constants, len(exitCodes))
	}
}

func TestFormattingTopic(t *testing.T) {
	t.Parallel()
	text := help(t, "formatting")
	for _, format := range terminal.Formats() {
		if !strings.Contains(text, fmt.Sprintf("\n  %-8s ", format)) {
			t.Errorf("%s is not in the topic", format)
		}
	}
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		for format := range strings.FieldsSeq(c.Annotations[moreFormats]) {
			if line := "\n  " + c.CommandPath() + " -o " + format + " "; !strings.Contains(text, line) {
				t.Errorf("not in the topic:%s", line)
			}
		}
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk(Tree())
}

func TestTopicsAreListed(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"environment", "exit-codes", "formatting"} {
		if help(t, name) == "" {
			t.Errorf("topic %s is empty", name)
		}
	}
	if n := len(helpTopics()); n != 3 {
		t.Errorf("%d topics: this test knows 3", n)
	}
}

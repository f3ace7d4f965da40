package cmd_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/gobiz-cli/gobiz/cmd"
)

// walk visits every command of the tree.
func walk(c *cobra.Command, visit func(c *cobra.Command, path []string)) {
	path := strings.Fields(c.CommandPath())[1:]
	visit(c, path)
	for _, sub := range c.Commands() {
		if !sub.Hidden {
			walk(sub, visit)
		}
	}
}

func isGroup(c *cobra.Command) bool { return c.HasAvailableSubCommands() }

func TestGroupsRefuseUnknownCommands(t *testing.T) {
	t.Parallel()
	groups := 0
	walk(cmd.Tree(), func(c *cobra.Command, path []string) {
		if !isGroup(c) {
			return
		}
		groups++
		for _, asJSON := range []bool{false, true} {
			args := append(slices.Clone(path), "frobnicate")
			if asJSON {
				args = append(args, "-o", "json")
			}
			o := run(nil, args...)
			if o.code != 2 || o.stdout != "" {
				t.Errorf("%v: exit code %d, stdout %q; want 2 and nothing", args, o.code, o.stdout)
			}
			if err := checkErrorText(o.stderr, asJSON); err != nil {
				t.Errorf("%v: %v: %s", args, err, o.stderr)
			}
			if !strings.Contains(o.stderr, "frobnicate") {
				t.Errorf("%v: the error does not name the command: %s", args, o.stderr)
			}
		}
	})
	if groups < 7 {
		t.Errorf("%d groups, the tree has at least 7", groups)
	}
}

func TestUnknownFlags(t *testing.T) {
	t.Parallel()
	walk(cmd.Tree(), func(c *cobra.Command, path []string) {
		for _, asJSON := range []bool{false, true} {
			args := append(slices.Clone(path), "--frobnicate")
			if asJSON {
				args = append(args, "-o", "json")
			}
			o := run(nil, args...)
			if o.code != 2 || o.stdout != "" {
				t.Errorf("%v: exit code %d, stdout %q; want 2 and nothing", args, o.code, o.stdout)
			}
			if err := checkErrorText(o.stderr, asJSON); err != nil {
				t.Errorf("%v: %v: %s", args, err, o.stderr)
			}
		}
	})
}

// A shell offers files for what takes a file, and for nothing else.
func TestOnlyFilesAreCompletedByFiles(t *testing.T) {
	t.Parallel()
	const noFiles = ":4"
	complete := func(args ...string) string {
		lines := strings.Fields(run(nil, append([]string{"__complete"}, args...)...).stdout)
		return lines[len(lines)-1]
	}
	walk(cmd.Tree(), func(c *cobra.Command, path []string) {
		if got := complete(append(slices.Clone(path), "")...); !strings.Contains(c.Use, "FILE") && got != noFiles && got != ":36" { // in their order
			t.Errorf("%s: %s", c.CommandPath(), got)
		}
		c.Flags().VisitAll(func(flag *pflag.Flag) {
			value, _ := pflag.UnquoteUsage(flag)
			if flag.NoOptDefVal != "" || value == "file" {
				return
			}
			if got := complete(append(slices.Clone(path), "--"+flag.Name, "")...); got != noFiles {
				t.Errorf("%s --%s: %s", c.CommandPath(), flag.Name, got)
			}
		})
	})
	if got := complete("catalog", "push", "-f", ""); got != ":0" {
		t.Errorf("-f offers no files: %s", got)
	}
}

func TestHelpOfEveryCommand(t *testing.T) {
	t.Parallel()
	walk(cmd.Tree(), func(c *cobra.Command, path []string) {
		if c.Short == "" || strings.HasSuffix(c.Short, ".") {
			t.Errorf("%s: short description %q", c.CommandPath(), c.Short)
		}
		o := run(nil, append(slices.Clone(path), "--help")...)
		if o.code != 0 || o.stderr != "" || !strings.Contains(o.stdout, "Usage:") {
			t.Errorf("%s --help: exit code %d, stderr %q", c.CommandPath(), o.code, o.stderr)
		}
		same := run(nil, append([]string{"help"}, path...)...)
		if same.stdout != o.stdout {
			t.Errorf("help %s differs from --help", strings.Join(path, " "))
		}
		if isGroup(c) {
			return
		}
		if c.Example == "" || !strings.Contains(o.stdout, "Examples:") {
			t.Errorf("%s has no examples", c.CommandPath())
		}
	})
}

// TestExamples parses every command line in the examples: each must be one that
// the command takes.
func TestExamples(t *testing.T) {
	t.Parallel()
	walk(cmd.Tree(), func(c *cobra.Command, path []string) {
		own := false
		for line := range strings.Lines(c.Example) {
			for _, args := range commandLines(line) {
				// A tree of its own, since parsing leaves its marks on flags.
				target, rest, err := cmd.Tree().Find(args)
				if err != nil {
					t.Errorf("%s: %q: %v", c.CommandPath(), line, err)
					continue
				}
				own = own || target.CommandPath() == c.CommandPath()
				target.InitDefaultHelpFlag()
				target.InitDefaultVersionFlag()
				if err := target.ParseFlags(rest); err != nil {
					t.Errorf("%s: %q: %v", c.CommandPath(), line, err)
					continue
				}
				if err := target.ValidateArgs(target.Flags().Args()); err != nil {
					t.Errorf("%s: %q: %v", c.CommandPath(), line, err)
				}
			}
		}
		if c.Example != "" && !own && len(path) > 0 {
			t.Errorf("%s: no example calls it", c.CommandPath())
		}
	})
}

// commandLines finds the calls of gobiz in a line of shell: alone, in a pipe,
// and in a substitution.
func commandLines(line string) [][]string {
	var (
		found   [][]string
		current []string
		inside  bool
	)
	end := func() {
		if inside {
			found = append(found, current)
		}
		inside, current = false, nil
	}
	for _, word := range shellWords(line) {
		switch {
		case word == "gobiz" || strings.HasSuffix(word, "$(gobiz") || word == "<(gobiz":
			end()
			inside = true
		case word == "|", word == ">", word == "<", word == "#":
			end()
		case inside:
			closed := strings.TrimRight(word, `")`)
			if closed != word && strings.Contains(word, ")") && !strings.Contains(word, "(") {
				current = append(current, closed)
				end()
				continue
			}
			current = append(current, word)
		}
	}
	end()
	return found
}

// shellWords splits at blanks outside single quotes, and outside double ones
// that hold no substitution.
func shellWords(line string) []string {
	var (
		words []string
		word  strings.Builder
		quote rune
		some  bool
	)
	flush := func() {
		if some {
			words = append(words, word.String())
		}
		word.Reset()
		some = false
	}
	substitution := strings.Contains(line, "$(")
	for _, r := range strings.TrimSpace(line) {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '\'', r == '"' && !substitution:
			quote, some = r, true
		case r == ' ':
			flush()
		default:
			word.WriteRune(r)
			some = true
		}
	}
	flush()
	return words
}

func TestCommandLines(t *testing.T) {
	t.Parallel()
	for line, want := range map[string][]string{
		"  gobiz status": {"status"},
		"gobiz outlets list --jq '.[] | .id' > ids  # why":                   {"outlets list --jq .[] | .id"},
		"pass show x | gobiz login --client-id my-app":                       {"login --client-id my-app"},
		"A=$(gobiz sandbox token) gobiz token-info":                          {"sandbox token", "token-info"},
		`curl -H "X: $(gobiz webhook sign body.json)" http://127.0.0.1:3000`: {"webhook sign body.json"},
		"source <(gobiz completion bash)":                                    {"completion bash"},
	} {
		var got []string
		for _, args := range commandLines(line) {
			got = append(got, strings.Join(args, " "))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", line, got, want)
		}
	}
}

// TestFlags holds the flags of each command to those that scripts rely on.
func TestFlags(t *testing.T) {
	t.Parallel()
	global := "profile/p output/o jq quiet/q verbose/v no-input no-color timeout config"
	for path, flags := range map[string]string{
		"":                     global,
		"login":                "grant env client-id client-secret-stdin scope api enterprise credential-store redirect-uri callback-port no-browser prompt-login locale",
		"logout":               "",
		"status":               "",
		"token":                "grant",
		"token-info":           "",
		"link":                 "product external-id all file",
		"unlink":               "product file",
		"outlets list":         "",
		"outlets show":         "",
		"catalog pull":         "file/f raw",
		"catalog push":         "file/f plan dry-run yes/y wait stock allow-deletes allow-price-changes allow-empty",
		"catalog history":      "",
		"catalog rollback":     "to dry-run yes/y wait allow-deletes allow-price-changes allow-empty",
		"catalog audit":        "",
		"catalog diff":         "file/f exit-code save-plan stock",
		"catalog validate":     "rules strict check-images ignore path-prefix",
		"catalog schema":       "",
		"catalog new":          "file/f",
		"subscriptions add":    "url inactive outlet enterprise",
		"subscriptions list":   "outlet enterprise",
		"subscriptions delete": "outlet enterprise",
		"subscriptions update": "url active inactive outlet enterprise",
		"subscriptions sync":   "file/f dry-run exit-code yes/y prune",
		"notifications list":   "entity replay-to",
		"webhook explain":      "file/f outlet id",
		"webhook events":       "",
		"webhook listen":       "port bind forward-to record event outlet status answer answer-delay subscribe enterprise yes/y secret-stdin insecure-accept-unsigned",
		"webhook verify":       "signature secret-stdin all-profiles id invalid last",
		"webhook sign":         "",
		"webhook trigger":      "to scenario data set order-items outlet order-number api plain repeat rate duplicate shuffle retry time-scale concurrency print seed secret-stdin",
		"webhook replay":       "to id range last re-sign include-invalid keep-path rate concurrency secret-stdin",
		"sandbox start":        "port state json fault time-scale",
		"sandbox state":        "",
		"sandbox reset":        "",
		"sandbox order create": "outlet item",
		"api":                  "field/F input header/H include/i paginate",
		"demo":                 "",
		"completion":           "",
		"version":              "",
	} {
		c, rest, err := cmd.Tree().Find(strings.Fields(path))
		if err != nil || len(rest) > 0 {
			t.Errorf("no command %q", path)
			continue
		}
		for _, flag := range strings.Fields(flags + " " + global) {
			name, shorthand, _ := strings.Cut(flag, "/")
			f := lookup(c, name)
			if f == nil || f.Hidden {
				t.Errorf("%s has no flag --%s", c.CommandPath(), name)
			} else if f.Shorthand != shorthand {
				t.Errorf("%s: --%s has the shorthand %q, want %q", c.CommandPath(), name, f.Shorthand, shorthand)
			}
		}
	}
}

func lookup(c *cobra.Command, name string) *pflag.Flag {
	if f := c.Flags().Lookup(name); f != nil {
		return f
	}
	if f := c.PersistentFlags().Lookup(name); f != nil {
		return f
	}
	return c.InheritedFlags().Lookup(name)
}

// TestEveryFlagIsDocumented also keeps secrets out of flags, where the process
// list shows them.
func TestEveryFlagIsDocumented(t *testing.T) {
	t.Parallel()
	walk(cmd.Tree(), func(c *cobra.Command, _ []string) {
		c.LocalFlags().VisitAll(func(f *pflag.Flag) {
			if f.Usage == "" {
				t.Errorf("%s: --%s is not documented", c.CommandPath(), f.Name)
			}
			secret := strings.Contains(f.Name, "secret") || strings.Contains(f.Name, "token") || strings.Contains(f.Name, "passphrase")
			if secret && f.Value.Type() != "bool" {
				t.Errorf("%s: --%s takes a secret as its value", c.CommandPath(), f.Name)
			}
		})
	})
}

package cmd

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/gobiz-cli/gobiz/internal/spelling"
	"github.com/gobiz-cli/gobiz/internal/terminal"
)

// Main runs gobiz with the arguments behind the program's name and gives its
// exit code. It is the one place that turns an error into text.
func Main(args []string, sys *System) int {
	out := &checkedWriter{Writer: sys.Streams.Out}
	sys = sys.withOut(out)
	f := newFactory(sys)
	defer func() { f.stop() }()
	root := newRoot(f, onlyCommand(args)...)
	root.SetArgs(args)
	err := root.ExecuteContext(f.ctx)
	if err == nil {
		err = out.err() // help is printed without a look at it
	}
	if err == nil {
		return exitOK
	}
	e := classify(f.ctx, err)
	e.Hint = f.asTyped(cmp.Or(f.networkHint(e), e.Hint))
	report(sys.Streams.Err, e, wantsJSON(args))
	return e.Exit
}

// Tree is the command tree for tools that document it.
func Tree() *cobra.Command {
	streams, _, _, _ := terminal.Test()
	return newRoot(newFactory(&System{Streams: streams, Getenv: func(string) string { return "" }, Now: time.Now}))
}

// topCommand is a command below the root, not made yet.
type topCommand struct {
	name string
	make func(*Factory) *cobra.Command
}

func commands() []topCommand {
	return []topCommand{
		{"login", newLoginCommand}, {"logout", newLogoutCommand}, {"status", newStatusCommand}, {"token", newTokenCommand},
		{"profile", newProfileCommand}, {"doctor", newDoctorCommand},
		{"token-info", newTokenInfoCommand}, {"link", newLinkCommand}, {"unlink", newUnlinkCommand},
		{"outlets", newOutletsCommand}, {"catalog", newCatalogCommand},
		{"subscriptions", newSubscriptionsCommand}, {"webhook", newWebhookCommand}, {"notifications", newNotificationsCommand},
		{"api", newAPICommand}, {"sandbox", newSandboxCommand}, {"demo", newDemoCommand},
		{"completion", newCompletionCommand}, {"version", newVersionCommand},
	}
}

// onlyCommand names the command that is enough to run args: making all of them is
// a good part of a start. It is empty when all are needed, for a name to suggest,
// help or completion.
func onlyCommand(args []string) []string {
	if len(args) > 0 && slices.ContainsFunc(commands(), func(c topCommand) bool { return c.name == args[0] }) || len(args) == 1 && args[0] == "--version" {
		return args[:1]
	}
	return nil
}

// newRoot makes the command tree, with all commands or those that are named.
func newRoot(f *Factory, names ...string) *cobra.Command {
	var showVersion bool
	root := &cobra.Command{
		Use:   "gobiz <command>",
		Short: "The command line for partners of GoBiz, Gojek's merchant platform",
		Long: `gobiz is a command line for partners of GoBiz, Gojek's merchant platform: log in, link outlets, push menus, receive
order webhooks, and try all of it offline against a GoBiz on this machine.

Start with 'gobiz demo'. An independent project, not affiliated with Gojek.`,
		Example: example(
			"gobiz demo                                        # the whole story, offline",
			"gobiz sandbox start                               # a GoBiz on this machine",
			"gobiz login --env local                           # store credentials in a profile",
			"gobiz catalog pull G100000001 -f menu.yaml        # live menu to a file",
			"gobiz catalog push G100000001 -f menu.yaml        # and back",
		),
		SilenceErrors: true,
		SilenceUsage:  true,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) > 0 && !showVersion {
				return unknownCommand(c, args[0])
			}
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error {
			if !showVersion {
				return c.Help()
			}
			_, err := fmt.Fprintln(f.Streams.Out, buildVersion())
			return err
		},
	}
	root.SetOut(f.Streams.Out)
	root.SetErr(f.Streams.Err)
	root.SetIn(f.Streams.In)
	// Not cobra's own flag: its text takes a template, and with those linked the
	// linker keeps every method that a template could name.
	root.Flags().BoolVar(&showVersion, "version", false, "version for gobiz")
	root.SetHelpCommand(newHelpCommand(f))
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return usageError(flagHint(c, err), "%s", err.Error())
	})
	f.Flags.add(root.PersistentFlags())

	// Cobra calls it before each command's own work; nothing is opened here.
	root.PersistentPreRunE = func(c *cobra.Command, _ []string) error {
		if showVersion {
			return nil
		}
		return f.apply(c)
	}

	for _, c := range commands() {
		if len(names) == 0 || slices.Contains(names, c.name) {
			root.AddCommand(c.make(f))
		}
	}
	if len(names) == 0 {
		registerCompletions(f, root)
	}
	return root
}

// globalFlags are the flags of every command.
type globalFlags struct {
	profile, output, jq, config string
	quiet, noInput, noColor     bool
	verbose                     int
	timeout                     time.Duration
}

func (g *globalFlags) add(flags *pflag.FlagSet) {
	flags.StringVarP(&g.profile, "profile", "p", "", "profile to use")
	flags.StringVarP(&g.output, "output", "o", string(terminal.FormatTable), "output `format`: table, json, yaml, ndjson, csv, tsv")
	flags.StringVar(&g.jq, "jq", "", "filter JSON output with a jq `expression`; implies -o json")
	flags.BoolVarP(&g.quiet, "quiet", "q", false, "print results only, no notes, no progress")
	flags.CountVarP(&g.verbose, "verbose", "v", "log to stderr; -vv logs every HTTP exchange, secrets masked")
	flags.BoolVar(&g.noInput, "no-input", false, "never prompt: a question that has no flag is an error")
	flags.BoolVar(&g.noColor, "no-color", false, "no colours")
	flags.DurationVar(&g.timeout, "timeout", 0, "per HTTP request (default 30s; 90s for a catalog push)")
	flags.StringVar(&g.config, "config", "", "another config `file`")
}

// check checks global flags by themselves. An empty value is mostly a shell
// variable that is not set: taking the default for it would act on the wrong
// profile.
func (g *globalFlags) check(flags *pflag.FlagSet) error {
	for name, value := range map[string]string{"profile": g.profile, "output": g.output, "jq": g.jq, "config": g.config} {
		if flags.Changed(name) && value == "" {
			return usageError("", "--%s is empty", name)
		}
	}
	if flags.Changed("timeout") && g.timeout <= 0 {
		return usageError("such as --timeout 30s", "--timeout must be above 0")
	}
	return nil
}

// moreFormats is the annotation of a command that knows output formats of its
// own, for completion: their names, with spaces in between.
const moreFormats = "output formats"

// flagHint names the nearest flag for one that does not exist.
func flagHint(c *cobra.Command, err error) string {
	var unknown *pflag.NotExistError
	if errors.As(err, &unknown) && len(unknown.GetSpecifiedName()) > 1 {
		var names []string
		collect := func(flag *pflag.Flag) {
			if !flag.Hidden {
				names = append(names, flag.Name)
			}
		}
		c.Flags().VisitAll(collect)
		c.InheritedFlags().VisitAll(collect)
		if near := nearest(unknown.GetSpecifiedName(), names); near != "" {
			return "did you mean --" + near + "?"
		}
	}
	return seeHelp(c)
}

// nearest returns the candidate that name was meant to be: one that contains it, or
// that is spelt nearly so.
func nearest(name string, candidates []string) string {
	for _, candidate := range candidates {
		if strings.Contains(candidate, name) {
			return candidate
		}
	}
	return spelling.Nearest(name, candidates)
}

// wantsJSON looks for a machine format in the raw arguments, since an error
// may come before flags are parsed.
func wantsJSON(args []string) bool {
	format := ""
	for i, arg := range args {
		next := ""
		if i+1 < len(args) {
			next = args[i+1]
		}
		if arg == "--" {
			break
		}
		if arg == "--jq" || strings.HasPrefix(arg, "--jq=") {
			return true
		}
		if arg == "--output" {
			format = next
		} else if value, ok := strings.CutPrefix(arg, "--output="); ok {
			format = value
		} else if value, ok := shorthandOutput(arg); ok {
			format = cmp.Or(value, next)
		}
	}
	return format == string(terminal.FormatJSON) || format == string(terminal.FormatNDJSON)
}

// shorthandOutput finds -o in an argument, also behind shorthands that take no
// value: -ojson, -o=json, -qo json.
func shorthandOutput(arg string) (value string, ok bool) {
	group, isShort := strings.CutPrefix(arg, "-")
	if !isShort {
		return "", false
	}
	value, ok = strings.CutPrefix(strings.TrimLeft(group, "hiqvy"), "o")
	return strings.TrimPrefix(value, "="), ok
}

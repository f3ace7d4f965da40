package cmd

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gobiz-cli/gobiz/internal/config"
	"github.com/gobiz-cli/gobiz/internal/sender"
	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

type webhookTriggerOptions struct {
	*console
	secret         relaySecret
	receivers      receivers
	usesEnterprise func() (bool, error)

	event, scenario, to, data, orderItems, outlet, orderNumber, api string
	set                                                             []string
	plain, print, shuffle, retry                                    bool
	repeat, duplicate, concurrency                                  int
	rate, timeScale                                                 float64
	seed                                                            uint64
}

// defaultTimeScale turns an hour of GoBiz's into five seconds. A scenario that
// nobody takes, the longest one with all its retries, lasts 40 seconds then.
const defaultTimeScale = 720

func newWebhookTriggerCommand(f *Factory) *cobra.Command {
	o := webhookTriggerOptions{console: f.console, secret: f.relaySecret(), receivers: f.receivers(), usesEnterprise: f.usesEnterprise}
	c := &cobra.Command{
		Use:   "trigger [EVENT]",
		Short: "Send made-up notifications to a receiver, signed as GoBiz signs them",
		Long: `Send a made-up notification to a receiver, signed as GoBiz signs it. It needs no login and no network but the receiver's.
The relay secret is the first in GOBIZ_NOTIFICATION_SECRET, else the profile's.

The body is like a live one: names and other values may be null, keys come in random order. --plain sends the documented
form. --order-items takes the order from a catalog file, --set changes single values:

  --set body.order.status=PLACED      JSON when it parses as such, else text
  --set body.order.pin='"0042"'       a text that looks like a number needs its quotes
  --set body.order.order_items[0].external_id=null

A path that the sample does not have is added, with a note. --data sends a body of your own instead, byte for byte; - is
stdin, and a leading @ is accepted.

One notification is one request. --repeat sends more events, each of another order; --duplicate sends the identical
request again, with the same idempotency key. They go one after the other, and with --rate in their time. --retry repeats
what is not taken as GoBiz does: 1 time after 500, 4 after 503, 2 after 400 and 404, never after 301, 302 and 303, else 5
times, with 2m, 10m, 30m, 1h30m and 3h30m in between.

--scenario plays the life of an order, with retries. Later events do not wait for the repeats of earlier ones, so they
come in disorder, as from GoBiz:

` + scenarioHelp() + `
--time-scale divides GoBiz's times. By default an hour takes 5 seconds, and no scenario more than 40 seconds; 60 turns
minutes into seconds.

Exit code 1 says that the receiver took nothing, 7 that it took some.`,
		Example: example(
			"gobiz webhook trigger gofood.order.merchant_accepted --to http://127.0.0.1:3000/gofood",
			"gobiz webhook trigger gofood.order.created --to http://127.0.0.1:3000/gofood --order-items menu.yaml --repeat 500 --rate 50",
			"gobiz webhook trigger gofood.order.placed --to http://127.0.0.1:3000/gofood --duplicate 2 --set body.order.order_number=F-1",
			"gobiz webhook trigger --data body.json --to http://127.0.0.1:3000/gofood",
			"gobiz webhook trigger gofood.order.cancelled --print > body.json",
			"gobiz webhook trigger --scenario delivery --to http://127.0.0.1:3000/gofood",
			"gobiz webhook trigger --scenario retry-storm --to http://127.0.0.1:3000/gofood --time-scale 3600",
		),
		Args:              optionalArg,
		ValidArgsFunction: completeEvents,
		RunE: func(c *cobra.Command, args []string) error {
			o.event = firstOr(args, "")
			if err := o.check(c); err != nil {
				return err
			}
			return runWebhookTrigger(c.Context(), o)
		},
	}
	flags := c.Flags()
	flags.StringVar(&o.to, "to", "", "`URL` of the receiver")
	flags.StringVar(&o.scenario, "scenario", "", "play the life of an order, by `name`, instead of one event")
	flags.StringVar(&o.data, "data", "", "send this `file` as the body, byte for byte")
	flags.StringArrayVar(&o.set, "set", nil, "change a value of the body, `PATH=VALUE`, may be repeated")
	flags.StringVar(&o.orderItems, "order-items", "", "take the order's items from this catalog `file`")
	flags.StringVar(&o.outlet, "outlet", "", "outlet `id` of the order")
	flags.StringVar(&o.orderNumber, "order-number", "", "`number` of the order; further ones count up")
	flags.StringVar(&o.api, "api", "", "partner, or enterprise for the flat order of the legacy API (default: the profile's)")
	flags.BoolVar(&o.plain, "plain", false, "the documented form: no nulls, keys in order")
	flags.IntVar(&o.repeat, "repeat", 1, "send so many events, or play so many scenarios")
	flags.Float64Var(&o.rate, "rate", 0, "so many a second; 0: each after the answer to the one before")
	flags.IntVar(&o.duplicate, "duplicate", 0, "send each identical request so many times more")
	flags.BoolVar(&o.shuffle, "shuffle", false, "send in random order")
	flags.BoolVar(&o.retry, "retry", false, "repeat what is not taken, as GoBiz does")
	flags.Float64Var(&o.timeScale, "time-scale", defaultTimeScale, "divide GoBiz's times; 60 turns minutes into seconds")
	flags.IntVar(&o.concurrency, "concurrency", 0, "requests at a time (default 1; 64 with --rate, --retry or --scenario)")
	flags.BoolVar(&o.print, "print", false, "print the body instead of sending it; with -v its headers on stderr")
	flags.Uint64Var(&o.seed, "seed", 0, "make ids, order and times repeat; 0: not")
	o.receivers.addFlag(flags)
	o.secret.addFlag(flags)
	for flag, values := range map[string][]string{"scenario": scenarioNames(), "api": {"partner", "enterprise"}} {
		_ = c.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
	}
	return c
}

func scenarioNames() (names []string) {
	for _, s := range sender.Scenarios() {
		names = append(names, s.Name)
	}
	return names
}

func scenarioHelp() string {
	var b strings.Builder
	for _, s := range sender.Scenarios() {
		fmt.Fprintf(&b, "  %-14s %s\n", s.Name, s.Summary)
	}
	return b.String()
}

// check checks the flags by themselves.
func (o *webhookTriggerOptions) check(c *cobra.Command) error {
	if err := checkRate(o.rate); err != nil {
		return err
	}
	switch {
	case o.event == "" && o.scenario == "" && o.data == "":
		return usageError("see the events with 'gobiz webhook events', or pass --scenario", "missing EVENT")
	case o.event != "" && o.scenario != "":
		return usageError("", "EVENT and --scenario cannot be combined")
	case o.repeat < 1:
		return usageError("", "--repeat must be at least 1")
	case o.duplicate < 0:
		return usageError("", "--duplicate must not be negative")
	case !(o.timeScale > 0) || math.IsInf(o.timeScale, 0):
		return usageError("60 turns minutes into seconds", "--time-scale must be a number above 0")
	case c.Flags().Changed("time-scale") && o.scenario == "" && !o.retry:
		return usageError("", "--time-scale needs --scenario or --retry")
	case o.scenario != "" && len(o.set) > 0:
		return usageError("", "--set needs an EVENT: the events of a scenario differ")
	case o.data == "":
		return nil
	}
	for _, flag := range []string{"scenario", "set", "order-items", "outlet", "order-number", "plain"} {
		if c.Flags().Changed(flag) {
			return usageError("", "--data and --%s cannot be combined: the body is sent as it is", flag)
		}
	}
	return nil
}

func runWebhookTrigger(ctx context.Context, o webhookTriggerOptions) error {
	to := ""
	if !o.print || o.to != "" {
		u, err := o.receivers.url(o.to)
		if err != nil {
			return err
		}
		to = u.String()
	}
	dispatcher, err := o.receivers.dispatcher(o.concurrency, o.scenario != "" || o.rate > 0 || o.retry)
	if err != nil {
		return err
	}
	legacy, err := o.sendsEnterprise()
	if err != nil {
		return err
	}
	scenario, err := o.plays(legacy)
	if err != nil {
		return err
	}
	seed := o.seed
	if seed == 0 {
		seed = rand.Uint64()
	}
	plan := sender.Plan{
		Scenario: scenario, Repeat: o.repeat, Duplicate: o.duplicate, Rate: o.rate, TimeScale: o.timeScale, Shuffle: o.shuffle, Seed: seed,
	}
	table, err := plan.Timetable()
	if err != nil {
		return usageError("", "%v", err)
	}
	secret, err := o.signingSecret(ctx)
	if err != nil {
		return err
	}
	batch := sender.Batch{Len: table.Len(), At: table.At}
	if o.data != "" {
		batch.Make, err = o.ownBody(ctx, table, to, secret, seed, legacy)
	} else {
		batch.Make, err = o.madeUp(ctx, table, to, secret, seed, legacy)
	}
	if err != nil {
		return err
	}
	if o.print {
		return o.printNotifications(ctx, batch)
	}
	bare := batch.Make
	batch.Make = func(n int) (sender.Delivery, error) {
		d, err := bare(n)
		if err == nil {
			d.Header.Set("User-Agent", userAgent()) // a receiver's log shows where it comes from
		}
		return d, err
	}
	dispatcher.Retry, dispatcher.TimeScale, dispatcher.LoseAnswers = o.retry || o.scenario != "", o.timeScale, scenario.LoseAnswers
	s := &sending{
		console: o.console, receivers: o.receivers, dispatcher: dispatcher,
		batch: batch, columns: sentColumns, row: newSentNotification, each: o.scenario != "" || o.retry && batch.Len <= progressSteps,
	}
	return s.send(ctx)
}

// sendsEnterprise reads --api; without it the profile decides.
func (o *webhookTriggerOptions) sendsEnterprise() (bool, error) {
	switch config.API(o.api) {
	case "":
		return o.usesEnterprise()
	case config.Partner, config.Enterprise:
		return config.API(o.api) == config.Enterprise, nil
	default:
		return false, usageError("one of partner, enterprise", "unknown --api %q", o.api)
	}
}

// plays returns the scenario, of which a single event is the shortest.
func (o *webhookTriggerOptions) plays(legacy bool) (sender.Scenario, error) {
	scenario := sender.Single(webhook.EventName(o.event))
	if o.scenario != "" {
		var err error
		if scenario, err = sender.FindScenario(o.scenario); err != nil {
			return scenario, usageError("one of "+strings.Join(scenarioNames(), ", "), "%v", err)
		}
	}
	if o.event != "" && !webhook.EventName(o.event).Known() {
		return scenario, unknownEvent(o.event)
	}
	if !legacy || o.event == "" && o.data != "" {
		return scenario, nil
	}
	if scenario = scenario.Only(webhook.OrderDriverArrived); len(scenario.Steps) == 0 {
		return scenario, usageError("--api partner sends the newer events", "the legacy API (api: enterprise) sends gofood.order.driver_arrived only")
	}
	return scenario, nil
}

// unknownEvent names the event that may have been meant: a misspelt one, or one
// without its first words.
func unknownEvent(name string) error {
	if near := nearest(name, matchingEvents()); near != "" {
		return usageError("did you mean "+near+"?", "unknown event %q", name)
	}
	return usageError("see the events with 'gobiz webhook events'", "unknown event %q", name)
}

// signingSecret returns the secret to sign with. Printing a body alone needs none.
func (o *webhookTriggerOptions) signingSecret(ctx context.Context) (string, error) {
	if o.print && o.receivers.flags.verbose == 0 && !o.secret.fromStdin {
		return "", nil
	}
	secrets, err := o.secret.load(ctx, strings.TrimPrefix(o.data, "@"))
	if err != nil {
		return "", err
	}
	return secrets[0], nil
}

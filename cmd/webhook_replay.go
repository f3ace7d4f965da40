package cmd

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gobiz-cli/gobiz/internal/replay"
	"github.com/gobiz-cli/gobiz/internal/sender"
	"github.com/gobiz-cli/gobiz/internal/terminal"
)

type webhookReplayOptions struct {
	*console
	secret    relaySecret
	receivers receivers

	file, to, lines                  string
	ids                              []string
	last, concurrency                int
	rate                             float64
	reSign, includeInvalid, keepPath bool
}

func newWebhookReplayCommand(f *Factory) *cobra.Command {
	o := webhookReplayOptions{console: f.console, secret: f.relaySecret(), receivers: f.receivers()}
	c := &cobra.Command{
		Use:   "replay FILE|-",
		Short: "Send recorded notifications again, byte for byte",
		Long: `Send recorded notifications again: the exact bytes of their bodies, with their headers, but Host and those of the
connection. FILE is a capture, as 'webhook listen --record' writes it, the list of what its target missed, or what
'notifications list' prints.

Without a choice all of it is sent, in the order of the file and each after the answer to the one before, or with --rate
in its time. --id, --range and --last choose; what is chosen must pass all of them, --last at the end.

The URL is the whole target; the recorded query is added where it has none. With --keep-path the recorded path and query
come behind the URL's own, as 'webhook listen --forward-to' does.

A record whose signature did not verify when it was received is not GoBiz's. It is left out, and told of, unless
--include-invalid. --re-sign signs anew with the first secret in GOBIZ_NOTIFICATION_SECRET, else the profile's, such as
for a receiver of another environment.

Lines that are no record are told of with their number, and the rest is sent. Exit code 1 says that the receiver took
nothing; 7 that it did not take all, or that a line is no record. What is left out counts as done: records that did not
verify, and a last line that was not written to its end, since GoBiz sends again what was not answered. When none of the
chosen records verified, nothing is sent, and the exit code is 5.`,
		Example: example(
			"gobiz webhook replay capture.jsonl --to http://127.0.0.1:3000/gofood",
			"gobiz webhook replay capture.jsonl --to http://127.0.0.1:3000/gofood --last 1",
			"gobiz webhook replay capture.jsonl --to http://127.0.0.1:3000/gofood --id 6f1c9b7e-4a53-3c1b-9f7e-0a1b2c3d4e5f --re-sign",
			"gobiz webhook replay capture.jsonl --to https://staging.example.com/gofood --range 100-200 --rate 10",
		),
		Args: exactArgs("FILE"),
		RunE: func(c *cobra.Command, args []string) error {
			o.file = args[0]
			if c.Flags().Changed("last") && o.last < 1 {
				return usageError("", "--last must be at least 1")
			}
			return runWebhookReplay(c.Context(), o)
		},
	}
	flags := c.Flags()
	flags.StringVar(&o.to, "to", "", "`URL` of the receiver (required)")
	flags.StringArrayVar(&o.ids, "id", nil, "only the event with this `id` or idempotency key, may be repeated")
	flags.StringVar(&o.lines, "range", "", "only these lines of the file: `A-B`, A- or -B")
	flags.IntVar(&o.last, "last", 0, "only the last so many")
	flags.BoolVar(&o.reSign, "re-sign", false, "sign with the present relay secret")
	flags.BoolVar(&o.includeInvalid, "include-invalid", false, "also send what did not verify when it was received")
	flags.BoolVar(&o.keepPath, "keep-path", false, "put the recorded path and query behind those of the URL")
	flags.Float64Var(&o.rate, "rate", 0, "so many a second; 0: each after the answer to the one before")
	flags.IntVar(&o.concurrency, "concurrency", 0, "requests at a time (default 1; 64 with --rate)")
	o.receivers.addFlag(flags)
	flags.BoolVar(&o.secret.fromStdin, "secret-stdin", false, "read the relay secret for --re-sign from stdin")
	return c
}

var replayColumns = append(terminal.Fields[sentNotification]("line"), slices.DeleteFunc(slices.Clone(sentColumns), func(c terminal.Column[sentNotification]) bool {
	return c.Name == "attempt" || c.Name == "retry_in_seconds" // there is one attempt
})...)

func runWebhookReplay(ctx context.Context, o webhookReplayOptions) error {
	to, err := o.receivers.url(o.to)
	if err != nil {
		return err
	}
	if err := checkRate(o.rate); err != nil {
		return err
	}
	dispatcher, err := o.receivers.dispatcher(o.concurrency, o.rate > 0)
	if err != nil {
		return err
	}
	want := replay.Selection{IDs: o.ids, Newest: o.last, Unverified: o.includeInvalid}
	if want.First, want.Last, err = parseRange(o.lines); err != nil {
		return err
	}
	target := replay.Target{URL: to, KeepPath: o.keepPath}
	if target.Secret, err = o.signingSecret(ctx); err != nil {
		return err
	}
	recorded, end, err := o.openRecording(ctx, o.file, want)
	if err != nil {
		return err
	}
	defer end()
	if err := o.noteRecording(recorded); err != nil {
		return err
	}
	s := &sending{
		console: o.console, receivers: o.receivers, dispatcher: dispatcher,
		batch: sender.Batch{Len: len(recorded.Entries), At: sender.Paced(o.rate), Make: func(n int) (sender.Delivery, error) {
			record, err := recorded.Record(recorded.Entries[n])
			if err != nil {
				return sender.Delivery{}, err
			}
			return target.Delivery(record)
		}},
		columns: replayColumns,
		row: func(a sender.Attempt) sentNotification {
			row := newSentNotification(a)
			row.Line = &recorded.Entries[a.N].Line
			return row
		},
	}
	if err := s.send(ctx); err != nil {
		return err
	}
	return brokenLines(o.file, recorded)
}

// parseRange reads A-B, A-, -B or A.
func parseRange(text string) (first, last int, err error) {
	if text == "" {
		return 0, 0, nil
	}
	from, to, dash := strings.Cut(text, "-")
	if !dash {
		to = from
	}
	for _, end := range []struct {
		text string
		into *int
	}{{from, &first}, {to, &last}} {
		if end.text == "" && dash && text != "-" {
			continue
		}
		if *end.into, err = strconv.Atoi(end.text); err != nil || *end.into < 1 {
			return 0, 0, usageError("such as --range 100-200", "--range %q is not a range of lines", text)
		}
	}
	if last > 0 && last < first {
		return 0, 0, usageError("such as --range 100-200", "--range %q ends before it begins", text)
	}
	return first, last, nil
}

func (o *webhookReplayOptions) signingSecret(ctx context.Context) (string, error) {
	if !o.reSign {
		if o.secret.fromStdin {
			return "", usageError("", "--secret-stdin needs --re-sign")
		}
		return "", nil
	}
	secrets, err := o.secret.load(ctx, o.file)
	if err != nil {
		return "", err
	}
	return secrets[0], nil
}

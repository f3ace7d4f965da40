package cmd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/gobiz-cli/gobiz/internal/config"
	"github.com/gobiz-cli/gobiz/internal/listener"
	"github.com/gobiz-cli/gobiz/internal/terminal"
	"github.com/gobiz-cli/gobiz/pkg/subscriptions"
)

type webhookListenOptions struct {
	*console
	secret   relaySecret
	settings func() (config.Settings, error)
	calls    func() (func(subscriptions.Scope) subscriptions.Calls, error)
	timeout  func() time.Duration // of a request to the target; 0 is the default
	signals  func(...os.Signal) (received <-chan os.Signal, stop func())
	now      func() time.Time

	port, answer                       int
	bind, forwardTo, record, subscribe string
	enterprise                         string
	events, outlets, statuses          []string
	answerDelay                        time.Duration
	acceptUnsigned, yes, answerGiven   bool
}

// defaultListenPort is where a tunnel is pointed to.
const defaultListenPort = 4242

func newWebhookListenCommand(f *Factory) *cobra.Command {
	o := webhookListenOptions{
		console: f.console, secret: f.relaySecret(), settings: f.Settings, calls: f.subscriptionCalls,
		timeout: f.timeout, signals: f.signals, now: f.Now,
	}
	c := &cobra.Command{
		Use:   "listen",
		Short: "Receive notifications on this machine: verify, record and forward them",
		Long: `Receive notifications on this machine, as a receiver that GoBiz calls: through a tunnel, or from the sandbox. Each one is
verified, recorded with its exact bytes, answered 200 and shown in a line. It runs until Ctrl-C, or until its terminal is
closed.

--forward-to sends the very bytes on, with their headers. The path and query of a request come behind those of the URL:
/a?x=1 goes to http://127.0.0.1:3000/gofood/a?x=1, and / to http://127.0.0.1:3000/gofood. Redirects are not followed, and
nothing is sent twice, nor again when it comes back here. Events of one order stay in order. The answer to GoBiz does not
wait for the target, and a target that is slow or down holds up nothing: what it did not answer is kept in a file, and
'webhook replay' sends it. A certificate of another machine must be valid.

What does not verify is answered 401 and recorded, but not forwarded. --event, --outlet and --status choose what is shown
and forwarded; everything is recorded. The capture is the file of --record, else a new one in the state folder.

--answer and --answer-delay try out how GoBiz repeats: 500 once, 503 four times, 400 and 404 twice, 301, 302 and 303 never,
everything else five times. It waits 15 seconds for an answer.

--subscribe has GoBiz send the events here for as long as this runs: it makes the subscriptions that are missing at a URL
that leads here, and removes exactly those at the end. What a killed run has left behind is removed by the next one.

An event whose answer takes long is shown without it: after a second in the table, with another line when the answer is
there; after five seconds in the other formats, as "no answer yet", and the answer is a note on stderr. So lines may come in
another order than the events.

For scripts, -o ndjson prints {"kind":"ready","url":…} once it accepts requests, and then an object for each event.`,
		Example: example(
			"gobiz webhook listen --forward-to http://127.0.0.1:3000/gofood",
			"gobiz webhook listen --event 'gofood.order.*' --outlet G100000001 --status CANCELLED",
			"gobiz webhook listen --subscribe https://pos.example.com/gofood --forward-to http://127.0.0.1:3000/gofood",
			"gobiz webhook listen --answer 503 --answer-delay 2s",
			"gobiz webhook listen --port 0 --record orders.jsonl -o ndjson",
		),
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			o.answerGiven = c.Flags().Changed("answer")
			return runWebhookListen(c.Context(), o)
		},
	}
	flags := c.Flags()
	flags.IntVar(&o.port, "port", defaultListenPort, "port to listen on; 0 takes a free one")
	flags.StringVar(&o.bind, "bind", "127.0.0.1", "`address` to listen on; others than this machine's own let other machines in")
	flags.StringVar(&o.forwardTo, "forward-to", "", "send what verifies on to this `URL`")
	flags.StringVar(&o.record, "record", "", "append what arrives to this `file` (default: a new one in the state folder)")
	flags.StringArrayVar(&o.events, "event", nil, "only this `event`, * stands for anything, may be repeated")
	flags.StringArrayVar(&o.outlets, "outlet", nil, "only this outlet `id`, may be repeated")
	flags.StringArrayVar(&o.statuses, "status", nil, "only orders in this `status`, such as CANCELLED, may be repeated; a number is taken as --answer")
	flags.IntVar(&o.answer, "answer", 200, "answer with this `status`")
	flags.DurationVar(&o.answerDelay, "answer-delay", 0, "wait before answering")
	flags.StringVar(&o.subscribe, "subscribe", "", "have GoBiz send the events of --event, by default gofood.order.*, to this public `URL` while this runs")
	flags.StringVar(&o.enterprise, "enterprise", "", "enterprise `id` for --subscribe on the legacy API (default: the profile's)")
	flags.BoolVarP(&o.yes, "yes", "y", false, "do not ask before subscribing on production")
	o.secret.addFlag(flags)
	flags.BoolVar(&o.acceptUnsigned, "insecure-accept-unsigned", false, "take everything, without checking signatures")
	_ = c.RegisterFlagCompletionFunc("event", completeEvents)
	return c
}

const (
	// drainTime is for requests that wait for the target when the listener stops.
	drainTime = 10 * time.Second
	// printTime is for whoever reads the output to take what waits for it.
	printTime = 3 * time.Second
	// forcedTime is what a second Ctrl-C leaves to write down what was missed.
	forcedTime = 2 * time.Second
)

func runWebhookListen(ctx context.Context, o webhookListenOptions) error {
	out, err := o.output()
	if err != nil {
		return err
	}
	options, err := o.listener(ctx)
	if err != nil {
		return err
	}
	var leases *leases
	if o.subscribe != "" {
		if leases, err = o.leases(ctx); err != nil {
			return err
		}
	}
	// A write to a closed pipe is an error then. It would end the process
	// otherwise, with subscriptions left behind.
	_, restore := o.signals(syscall.SIGPIPE)
	defer restore()
	options.Notify, options.Patience = o.notice, out.patience()
	forced, release := secondInterrupt(o.signals)
	defer release()
	out.Printer = out.Until(forced)
	l, err := listener.Start(options)
	if err != nil {
		return o.startError(err)
	}
	if leases != nil {
		defer func() { // also when something panics
			if forced.Err() == nil {
				leases.end()
			}
		}()
		if err := leases.begin(ctx); err != nil {
			ended, cancel := context.WithCancel(context.Background())
			cancel() // nobody was told of it: there is nothing to forward
			_, stopped := l.Stop(ended)
			return errors.Join(err, stopped)
		}
	}
	// What a request leaves behind is collected rarely: the heap is small, and may
	// grow to four times what is in use.
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	o.noteListening(l.URL(), options)
	printed := make(chan error, 1)
	go func() { printed <- out.print(l, options.Record) }()

	select {
	case <-ctx.Done(): // Ctrl-C is the ordinary end of a server
	case err = <-printed:
		printed <- err
	}
	if leases != nil && !within(forced, leases.end) { // before GoBiz finds nobody here
		o.Warn("subscriptions may be left; the next 'gobiz webhook listen --subscribe' removes them")
	}
	if n := l.Waiting(); n > 0 && ctx.Err() != nil {
		o.Note("forwarding %s more, for at most %s; Ctrl-C again ends at once", counted(n, "event"), terminal.Duration(drainTime))
	}
	summary, stopped := stopListener(forced, l)
	select {
	case err = <-printed:
	case <-forced.Done():
		err = nil // the user does not wait for it
	case <-time.After(printTime):
		err = errNobodyReads
	}
	return errors.Join(o.noteSummary(summary, options, err), stopped)
}

// secondInterrupt returns a context that the second Ctrl-C ends: the first one ends
// the command's own. A third ends the process.
func secondInterrupt(signals func(...os.Signal) (<-chan os.Signal, func())) (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	received, ignore := signals(os.Interrupt, syscall.SIGTERM)
	go func() {
		defer cancel()
		defer ignore()
		for range 2 {
			select {
			case <-received:
			case <-ctx.Done():
				return
			}
		}
	}()
	return ctx, cancel
}

// within does something, and gives up waiting for it when ctx ends.
func within(ctx context.Context, do func()) bool {
	done := make(chan struct{})
	go func() {
		defer close(done)
		do()
	}()
	select {
	case <-done:
		return true
	case <-ctx.Done():
		return false
	}
}

// stopListener forwards what waits for as long as there is time, and until forced
// ends. What then takes too long to write down is counted as missed.
func stopListener(forced context.Context, l *listener.Listener) (s listener.Summary, err error) {
	drain, cancel := context.WithTimeout(forced, drainTime)
	defer cancel()
	bound, end := context.WithCancel(context.Background())
	defer end()
	defer context.AfterFunc(forced, func() { time.AfterFunc(forcedTime, end) })()
	var stopped listener.Summary
	var failed error
	if within(bound, func() { stopped, failed = l.Stop(drain) }) {
		return stopped, failed
	}
	s = l.Summary()
	s.Missed += s.Waiting
	return s, nil
}

var errNobodyReads = errors.New("nobody reads the output")

// startError says why there is no listener.
func (o webhookListenOptions) startError(err error) error {
	var file *os.PathError
	switch {
	case errors.Is(err, listener.ErrForwardsToItself):
		return usageError("name the receiver's own port", "--forward-to %s is this listener itself", o.forwardTo)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return usageError("127.0.0.1 is this machine, 0.0.0.0 all of its addresses", "--bind %s is no address of this machine", o.bind)
	case errors.As(err, &file):
		return fmt.Errorf("record to %s: %w", filepath.Clean(file.Path), cause(err))
	}
	return portError(err, o.port, defaultListenPort, "another listener may be running; name another port with --port, or take")
}

package cmd

import (
	"context"
	"fmt"
	"iter"
	"log/slog"
	"math"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/gobiz-cli/gobiz/internal/publichost"
	"github.com/gobiz-cli/gobiz/internal/sender"
	"github.com/gobiz-cli/gobiz/internal/terminal"
)

// sentNotification is one attempt to deliver a notification, as `webhook
// trigger` and `webhook replay` print it.
type sentNotification struct {
	Line        *int    `json:"line,omitempty"` // of the file it was recorded in
	Event       *string `json:"event"`
	EventID     *string `json:"event_id"`
	OutletID    *string `json:"outlet_id"`
	OrderNumber *string `json:"order_number"`
	Attempt     int     `json:"attempt"` // counts from 1
	Status      *int    `json:"status"`  // of the receiver's answer; null when there was none
	Delivered   bool    `json:"delivered"`
	Error       *string `json:"error"`
	RetryIn     *int64  `json:"retry_in_seconds"` // of GoBiz's time; null when there is no other attempt
	SentAt      string  `json:"sent_at"`
	DurationMS  int64   `json:"duration_ms"`
}

func newSentNotification(a sender.Attempt) sentNotification {
	row := sentNotification{
		Event: nonEmpty(string(a.Summary.Event)), EventID: nonEmpty(a.Summary.EventID),
		OutletID: nonEmpty(a.Summary.OutletID), OrderNumber: nonEmpty(a.Summary.OrderNumber),
		Attempt: a.Attempt, Delivered: a.Succeeded(), Error: nonEmpty(a.Error),
		SentAt: a.Sent.Format("2006-01-02T15:04:05.000Z07:00"), DurationMS: a.Took.Milliseconds(),
	}
	if a.Status != 0 {
		row.Status = &a.Status
	}
	if a.Again {
		seconds := int64(a.Wait.Seconds())
		row.RetryIn = &seconds
	}
	return row
}

var sentColumns = []terminal.Column[sentNotification]{
	{Name: "event"}, {Name: "order_number"}, {Name: "event_id"}, {Name: "attempt"}, {Name: "status"}, {Name: "delivered"},
	{Name: "error"}, {Name: "retry_in_seconds"}, {Name: "duration_ms"},
}

// receiverURL reads the URL of a receiver that a flag names.
func receiverURL(flag, to string) (*url.URL, error) {
	hint := "such as " + flag + " http://127.0.0.1:3000/gofood"
	if to == "" {
		return nil, usageError(hint, "missing %s, the URL of the receiver", flag)
	}
	if !strings.Contains(to, "://") { // localhost:3000/x; other hosts need a word about https
		if u, err := url.Parse("http://" + to); err == nil && !publichost.Public(u.Hostname()) && (u.Port() != "" || publichost.Loopback(u.Hostname())) {
			to = u.String()
		}
	}
	if reason := sender.UnfitTarget(to); reason != "" {
		return nil, usageError(hint, "%s: the URL %s", flag, reason) // without the URL, which may hold a password
	}
	return url.Parse(to)
}

// receivers makes the calls of receivers.
type receivers struct {
	flags  *globalFlags
	logger func() *slog.Logger
	now    func() time.Time

	trustLocal bool // any certificate in the own network, not only on this machine
}

func (f *Factory) receivers() receivers {
	return receivers{flags: &f.Flags, logger: f.Logger, now: f.Now}
}

func (r *receivers) addFlag(flags *pflag.FlagSet) {
	flags.BoolVar(&r.trustLocal, "trust-local-certificate", false, "take any certificate of a receiver in the own network, as of one on this machine")
}

// url reads --to.
func (r receivers) url(to string) (*url.URL, error) {
	u, err := receiverURL("--to", to)
	if err == nil && r.trustLocal && publichost.Public(u.Hostname()) {
		return nil, usageError("leave it out", "--trust-local-certificate is for hosts of the own network, and %s is none", u.Hostname())
	}
	return u, err
}

func (r receivers) trusts(host string) bool {
	return publichost.Loopback(host) || r.trustLocal && !publichost.Public(host)
}

// client calls receivers as GoBiz does, with as many connections as there are
// requests at a time.
func (r receivers) client(connections int) *http.Client {
	client := sender.NewClient(connections, r.trusts, sender.UnfitTarget)
	if r.flags.timeout > 0 {
		client.Timeout = r.flags.timeout
	}
	if next, ok := client.Transport.(*sender.Transport); ok && r.flags.verbose > 1 {
		client.Transport = &receiverLog{next, r.logger(), r.now}
	}
	return client
}

// sending is the delivery of a batch, with what is told about it.
type sending struct {
	*console
	receivers  receivers
	dispatcher sender.Dispatcher
	batch      sender.Batch
	columns    []terminal.Column[sentNotification]
	row        func(sender.Attempt) sentNotification
	each       bool // tell of each attempt while it lasts, not only of the sum

	requests, ended, taken int
	failure                sender.Answer // to the first delivery that was given up
}

// send delivers, prints a row for each attempt and says how it ended.
func (s *sending) send(ctx context.Context) error {
	s.Empty = "nothing was sent"
	defer s.dispatcher.Client.CloseIdleConnections()
	if err := terminal.PrintSeq(s.Printer, s.rows(ctx), s.columns); err != nil {
		return err
	}
	if s.batch.Len > 1 && !interrupted(ctx) {
		s.Note("%d of %d delivered, with %s", s.taken, s.batch.Len, counted(s.requests, "request"))
	}
	return s.result(ctx)
}

// progress is nil where rows come out while others are still being sent: on
// a terminal they are the progress.
func (s *sending) progress() *terminal.Progress {
	switch s.Format() {
	case terminal.FormatNDJSON, terminal.FormatCSV, terminal.FormatTSV:
		if s.Streams().OutTTY {
			return nil
		}
	}
	return terminal.NewProgress(s.Streams(), s.Quiet())
}

func (s *sending) rows(ctx context.Context) iter.Seq2[sentNotification, error] {
	log, progress := s.receivers.logger(), s.progress()
	start := s.receivers.now()
	return func(yield func(sentNotification, error) bool) {
		defer progress.Done() // before a table is printed
		for a := range s.dispatcher.Attempts(ctx, s.batch) {
			s.count(a)
			log.Info("webhook", "event", a.Summary.Event, "attempt", a.Attempt, "status", a.Status, "delivered", a.Succeeded(), "duration", a.Took, "error", a.Error)
			if s.Streams().ErrTTY || s.receivers.now().Sub(start) >= quietStart {
				s.tell(progress, a)
			}
			if !yield(s.row(a), nil) {
				return
			}
		}
	}
}

func (s *sending) count(a sender.Attempt) {
	s.requests++
	if a.Again {
		return
	}
	s.ended++
	if a.Succeeded() {
		s.taken++
	} else if s.failure.Error == "" {
		s.failure = a.Answer
	}
}

// quietStart is how long a run must last until it says how far it is where its
// lines stay, in a pipe or a file. On a terminal it is one line that changes.
const quietStart = 5 * time.Second

// progressSteps is how often a long run says how far it is.
const progressSteps = 10

func (s *sending) tell(progress *terminal.Progress, a sender.Attempt) {
	switch {
	case s.each:
		progress.Update("%s", attemptText(a))
	case s.batch.Len > progressSteps && !a.Again && s.ended%(s.batch.Len/progressSteps) == 0:
		progress.Update("%d of %d sent, %d not taken", s.ended, s.batch.Len, s.ended-s.taken)
	}
}

// attemptText describes an attempt in a line, short enough for a terminal.
func attemptText(a sender.Attempt) string {
	event := string(a.Summary.Event)
	what := strings.TrimSpace(a.Summary.OrderNumber + " " + event[strings.LastIndexByte(event, '.')+1:])
	if a.Attempt > 1 || a.Again {
		what += fmt.Sprintf(", attempt %d", a.Attempt)
	}
	if a.Succeeded() {
		what += fmt.Sprintf(": %d", a.Status)
	} else {
		what += ": " + a.Error
	}
	if a.Again {
		what += fmt.Sprintf(", again after %s", terminal.Duration(a.Wait))
	}
	return what
}

func (s *sending) result(ctx context.Context) error {
	failed := s.ended - s.taken
	switch {
	case interrupted(ctx):
		return &Error{
			Exit: exitInterrupted, Code: "interrupted",
			Message: fmt.Sprintf("interrupted: %d of %d were delivered", s.taken, s.batch.Len),
		}
	case failed == 0:
		return nil
	}
	e := &Error{Exit: exitFailed, Code: "not_delivered", Hint: receiverHint(s.failure)}
	switch {
	case s.batch.Len == 1:
		e.Message = "the notification was not delivered: " + s.failure.Error
	case failed == s.batch.Len:
		e.Message = fmt.Sprintf("none of %d notifications was delivered; the first: %s", failed, s.failure.Error)
	default:
		e.Exit, e.Code = exitPartial, "partial"
		e.Message = fmt.Sprintf("%d of %d notifications were not delivered; the first: %s", failed, s.batch.Len, s.failure.Error)
	}
	return e
}

// receiverHint says what to look at after an answer, or none.
func receiverHint(a sender.Answer) string {
	switch status := a.Status; {
	case strings.HasPrefix(a.Error, sender.Untrusted):
		return "its certificate must be valid for that name; of a host in the own network 'webhook trigger' and 'replay' take any with --trust-local-certificate"
	case status == 0:
		return "is the receiver running, and is --to its URL?"
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return "a receiver that has another relay secret answers so; 'gobiz webhook verify' finds out why"
	case status == http.StatusNotFound, status == http.StatusMethodNotAllowed, status >= 300 && status < 400:
		return "is --to the very URL that takes the notifications?"
	default:
		return "the receiver's own log says why"
	}
}

// The bounds of --concurrency, and what it is where times decide and not the
// order.
const (
	maxConcurrency     = 1000
	defaultConcurrency = 64
)

// dispatcher sends so many requests at once. Without a word from the user it is
// one, so that they arrive in order, unless they have to leave in time.
func (r receivers) dispatcher(concurrency int, inTime bool) (sender.Dispatcher, error) {
	switch {
	case concurrency < 0 || concurrency > maxConcurrency:
		return sender.Dispatcher{}, usageError("", "--concurrency must be from 1 to %d", maxConcurrency)
	case concurrency == 0 && inTime:
		concurrency = defaultConcurrency
	case concurrency == 0:
		concurrency = 1
	}
	return sender.Dispatcher{Client: r.client(concurrency), Concurrency: concurrency}, nil
}

// checkRate refuses a --rate that is none.
func checkRate(rate float64) error {
	if !(rate >= 0) || math.IsInf(rate, 0) {
		return usageError("such as --rate 50", "--rate must be a number of notifications a second")
	}
	return nil
}

package triage

import (
	"cmp"
	"context"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/gobiz-cli/gobiz/internal/cleantext"
)

// check is one line of the doctor.
type check struct {
	name string
	// needs are checks without which this one makes no sense; after are checks
	// that it waits for, however they end.
	needs, after []string
	// bounded checks talk to a server.
	bounded bool
	// login says what kind of failure it is.
	login bool
	run   func(context.Context) verdict
}

func (s *Setup) fillDefaults() {
	s.Timeout = cmp.Or(s.Timeout, defaultTimeout)
	s.GOOS = cmp.Or(s.GOOS, runtime.GOOS)
	if s.Advice == nil {
		s.Advice = func(error) string { return "" }
	}
	if s.Now == nil {
		s.Now = time.Now
	}
	if s.Getenv == nil {
		s.Getenv = func(string) string { return "" }
	}
	switch shared, ok := http.DefaultTransport.(*http.Transport); {
	case s.Transport != nil:
		s.Transport = s.Transport.Clone()
	case ok:
		s.Transport = shared.Clone()
	default:
		s.Transport = &http.Transport{Proxy: http.ProxyFromEnvironment}
	}
	// Each host is met anew, so that name, connection and certificate are looked at.
	s.Transport.DisableKeepAlives = true
}

// ending is how a check ended, for those that wait for it.
type ending struct {
	done chan struct{}
	// cause is the failed check that makes dependent ones pointless, or empty.
	cause string
}

// run starts every check at once; each waits for those that it builds on.
func run(ctx context.Context, checks []check, timeout time.Duration, now func() time.Time) []Result {
	endings := make(map[string]*ending, len(checks))
	for _, c := range checks {
		endings[c.name] = &ending{done: make(chan struct{})}
	}
	results := make([]Result, len(checks))
	var all sync.WaitGroup
	for i, c := range checks {
		all.Go(func() {
			end := endings[c.name]
			defer close(end.done)
			for _, name := range append(append([]string{}, c.needs...), c.after...) {
				<-endings[name].done
			}
			for _, name := range c.needs {
				if cause := endings[name].cause; cause != "" {
					end.cause = cause
					results[i] = verdict{status: Skipped, message: "not checked, because " + cause + " failed"}.result(c, 0)
					return
				}
			}
			if ctx.Err() != nil {
				end.cause = c.name
				results[i] = verdict{status: Skipped, message: "not checked, because the time was over"}.result(c, 0)
				return
			}
			start := now()
			v := bound(ctx, c, timeout)
			results[i] = v.result(c, now().Sub(start))
			if v.blocks {
				end.cause = c.name
			}
		})
	}
	all.Wait()
	return results
}

func bound(ctx context.Context, c check, timeout time.Duration) verdict {
	if c.bounded {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, timeout)
		defer cancel()
	}
	return c.run(ctx)
}

// Status is the outcome of a check.
type Status string

// The outcomes.
const (
	OK      Status = "ok"
	Warning Status = "warning" // works, and may not for long or not for everything
	Failed  Status = "failed"
	Skipped Status = "skipped" // not needed here, or an earlier check failed
)

// Result is one check of Doctor.
type Result struct {
	// Check is the stable name of the check, such as "api_host".
	Check  string `json:"check"`
	Status Status `json:"status"`
	// Message is one line without secrets and without control characters.
	Message string `json:"message"`
	// Fix is the command to type next. Nil when there is nothing to do, or nothing
	// that can be done from here.
	Fix *string `json:"fix"`
	// DurationMS is how long the check itself took, without waiting for others.
	DurationMS int64 `json:"duration_ms"`
	// Login says that the check is one of the login, as opposed to the machine's.
	Login bool `json:"-"`
}

// FirstFailed returns the first failed check, or nil, and the number of failed ones.
func FirstFailed(results []Result) (first *Result, failed int) {
	for i := range results {
		if results[i].Status != Failed {
			continue
		}
		if failed++; first == nil {
			first = &results[i]
		}
	}
	return first, failed
}

// verdict is what a check concludes.
type verdict struct {
	status  Status
	message string
	fix     string
	blocks  bool // dependent checks make no sense
	login   bool // the login is at fault, whatever the check is about
}

func ok(message string) verdict { return verdict{status: OK, message: message} }
func warning(message, fix string) verdict {
	return verdict{status: Warning, message: message, fix: fix}
}
func failed(message, fix string) verdict {
	return verdict{status: Failed, message: message, fix: fix, blocks: true}
}

// notNeeded is a check that this set-up does without. It blocks nothing.
func notNeeded(message string) verdict { return verdict{status: Skipped, message: message} }

func (v verdict) result(c check, took time.Duration) Result {
	r := Result{Check: c.name, Status: v.status, Message: cleantext.OneLine(v.message, maxMessage), DurationMS: took.Milliseconds(), Login: c.login || v.login}
	if fix := cleantext.OneLine(v.fix, maxMessage); fix != "" {
		r.Fix = &fix
	}
	return r
}

// maxMessage bounds a line: names in a certificate and texts of a server are foreign.
const maxMessage = 600

// failedBy is a check that an error fails. What the error advises becomes the
// fix when it is a command, else a part of the message, with fallback as the fix.
func (d *doctor) failedBy(err error, fallback string) verdict {
	message, fix := d.explain(err, fallback)
	return failed(message, fix)
}

func (d *doctor) explain(err error, fallback string) (message, fix string) {
	text := d.setup.Advice(err)
	if strings.HasPrefix(text, "gobiz ") {
		// "gobiz login, or set …": the rest is another way.
		command, _, _ := strings.Cut(text, ",")
		command, _, _ = strings.Cut(command, " (")
		return err.Error(), command
	}
	if text == "" {
		return err.Error(), fallback
	}
	return err.Error() + " (" + text + ")", fallback
}

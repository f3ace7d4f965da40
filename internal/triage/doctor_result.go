package triage

import (
	"strings"
	"time"

	"github.com/gobiz-cli/gobiz/internal/cleantext"
)

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

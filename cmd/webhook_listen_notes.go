package cmd

import (
	"errors"
	"fmt"
	"strings"
	"syscall"

	"github.com/gobiz-cli/gobiz/internal/lease"
	"github.com/gobiz-cli/gobiz/internal/listener"
	"github.com/gobiz-cli/gobiz/internal/publichost"
	"github.com/gobiz-cli/gobiz/internal/terminal"
)

// noteListening says where the listener is, and what it does.
func (o *webhookListenOptions) noteListening(url string, options listener.Options) {
	if !o.Quiet() {
		fmt.Fprintln(o.Streams().Err, "listening on", o.Streams().ErrStyle().Cyan(url))
	}
	if options.Forward != nil {
		o.Note("forwarding to %s", options.Forward)
	}
	o.Note("recording to %s", options.Record)
	if o.answer != 200 || o.answerDelay > 0 {
		answer := fmt.Sprintf("answering %d", o.answer)
		if o.answerDelay > 0 {
			answer += " after " + terminal.Duration(o.answerDelay)
		}
		o.Note("%s", answer)
	}
	if !publichost.Loopback(o.bind) {
		o.Warn("other machines can reach --bind %s, and nothing is encrypted; a tunnel to 127.0.0.1 is safer", o.bind)
	}
	if o.acceptUnsigned {
		o.Warn("signatures are not checked: anybody who finds the URL can send events")
	}
	if o.subscribe == "" {
		if left := lease.Left(o.leaseDir()); left > 0 {
			o.Warn("a listener that was killed has left %s behind; the next one with --subscribe removes them", counted(left, "subscription"))
		}
	}
	o.Note("Ctrl-C stops it")
}

// notice prints what is not an event.
func (o *webhookListenOptions) notice(n listener.Notice) {
	switch n.Kind {
	case listener.TargetDown:
		o.Warn("target not reachable: %s; what it does not take is kept for 'gobiz webhook replay'", n.Detail)
	case listener.TargetUp:
		o.Note("target reachable again")
	case listener.CaptureFailed:
		o.Warn("nothing can be recorded: %s; requests are answered 503, so that GoBiz sends them again", n.Detail)
	case listener.CaptureRecovered:
		o.Note("recording again")
	case listener.CaptureCut:
		o.Warn("the capture was cut by another program: what it had is gone, and what of it waited for the target is not forwarded")
	case listener.CaptureRestored:
		o.Warn("the capture was deleted, moved or replaced; all that was recorded is written there again")
	case listener.CaptureLost:
		o.Warn("the capture was deleted, moved or replaced, and cannot be written there again: %s; it is tried until it can", n.Detail)
	case listener.QueueFull:
		o.Warn("events are not forwarded or not shown, since too many wait; they are recorded")
	case listener.CameBack:
		o.Warn("what was forwarded comes back: --forward-to leads here again, by another name, a tunnel or another listener; it is answered, and not forwarded again")
	case listener.MissedFailed:
		o.Warn("what the target does not answer cannot be kept in a file of its own: %s; it is in the capture", n.Detail)
	case listener.RefusedPath:
		o.Note("refused a path with segments . or .., which GoBiz does not send")
	case listener.RefusedMethod:
		o.Note("refused a %s request, GoBiz sends POST", n.Detail)
	case listener.RefusedSize:
		o.Note("refused a body of more than %d MB", listener.DefaultMaxBody>>20)
	case listener.RefusedSlow:
		o.Note("refused a request that was sent too slowly")
	}
}

// noteSummary says what was done, and what is left to do. printing is how
// writing the events ended.
func (o *webhookListenOptions) noteSummary(s listener.Summary, options listener.Options, printing error) error {
	o.Note("%s", listenSummary(s, options))
	if s.Missed > 0 {
		from := shellWord(options.Missed)
		if s.Kept < s.Missed { // not all are in it, or it was never made
			from = fmt.Sprintf("%s --range %d-%d", shellWord(options.Record), s.FirstMissed, s.LastMissed)
		}
		replay := fmt.Sprintf("gobiz webhook replay %s --to %s --keep-path", from, shellWord(o.forwardTo))
		if o.acceptUnsigned {
			replay += " --include-invalid"
		}
		if s.Kept < s.Missed && s.LastMissed == 0 {
			o.Warn("%s not answered by the target, and cut from the capture by another program", was(s.Missed, "event"))
		} else {
			o.Warn("%s not answered by the target; send what it missed: %s", was(s.Missed, "event"), replay)
		}
	}
	switch {
	case printing == nil:
	case errors.Is(printing, syscall.EPIPE):
		o.Note("stopped: nobody reads the output any longer")
	case errors.Is(printing, errNobodyReads):
		o.Warn("not all events were shown, since nobody reads the output; they are recorded")
	default:
		return fmt.Errorf("write the events: %w", cause(printing))
	}
	return nil
}

func was(n int, thing string) string {
	if n == 1 {
		return "1 " + thing + " was"
	}
	return counted(n, thing) + " were"
}

func listenSummary(s listener.Summary, options listener.Options) string {
	if s.Received == 0 && s.Refused == 0 {
		return "stopped: nothing was received"
	}
	parts := []string{counted(s.Received, "notification") + " received"}
	add := func(n int, what string) {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, what))
		}
	}
	add(s.Invalid, "invalid")
	add(s.Duplicates, "duplicate")
	if options.Forward != nil {
		parts = append(parts, fmt.Sprintf("%d forwarded", s.Forwarded))
		add(s.Errors, "of them answered with an error")
		add(s.Missed, "not answered")
	}
	add(s.Refused, "refused")
	return "stopped: " + strings.Join(parts, ", ")
}

package listener

import "github.com/gobiz-cli/gobiz/pkg/webhook"

// dispatch reads what the recorded requests say, in their order, and hands them
// to the target or the caller. It waits for neither.
func (l *Listener) dispatch() {
	for batch := range l.recorder.written {
		for _, d := range batch {
			l.route(d)
		}
	}
}

func (l *Listener) route(d *delivery) {
	e := &d.event
	e.Summary = webhook.Summarize(d.Body)
	l.counts.received.Add(1)
	if e.Verdict == Invalid {
		l.counts.invalid.Add(1)
		l.tell(d) // whatever the filter: what it says of itself is not to be believed
		return
	}
	if e.Duplicate = l.repeats(d); e.Duplicate {
		l.counts.duplicates.Add(1)
	}
	switch {
	case !l.options.Filter.Match(e.Summary):
		d.release()
	case l.forward != nil:
		l.forward.put(d)
	default:
		l.tell(d)
	}
}

// repeats tells whether the request, or its event, came before. A delivery is
// repeated with the same idempotency key; an event that is sent to two
// subscriptions has the same id in both.
func (l *Listener) repeats(d *delivery) bool {
	key, id := d.Header.Get(webhook.IdempotencyKeyHeader), d.event.EventID
	again := key != "" && l.seen.add('k', key)
	return id != "" && l.seen.add('e', id) || again
}

// tell gives an event that is not forwarded to the caller.
func (l *Listener) tell(d *delivery) {
	e := d.event
	d.release()
	if err := l.events.put(e); err != nil {
		l.notices.tellOnce(QueueFailed, fileReason(err))
	}
}

package cmd

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/gobiz-cli/gobiz/internal/listener"
	"github.com/gobiz-cli/gobiz/internal/terminal"
)

// listenReady is the first object of ndjson.
type listenReady struct {
	Kind string `json:"kind"`
	URL  string `json:"url"`
}

// listenEvent is a received request as the command prints it.
type listenEvent listener.Event

// listenFields are the keys of an event in JSON, and the columns of csv and tsv.
// An empty value is null in JSON.
var listenFields = []struct {
	name  string
	text  bool // in quotes in JSON
	value func(*listenEvent) string
}{
	{"received_at", true, func(e *listenEvent) string { return e.ReceivedAt.Format(time.RFC3339Nano) }},
	{"event", true, func(e *listenEvent) string { return string(e.Event) }},
	{"event_id", true, func(e *listenEvent) string { return e.EventID }},
	{"outlet_id", true, func(e *listenEvent) string { return e.OutletID }},
	{"order_number", true, func(e *listenEvent) string { return e.OrderNumber }},
	{"status", true, func(e *listenEvent) string { return e.Status }},
	{"valid", false, (*listenEvent).valid},
	{"forward_status", false, (*listenEvent).forwardStatus},
	{"forward_error", true, (*listenEvent).forwardError},
	{"duplicate", false, func(e *listenEvent) string { return strconv.FormatBool(e.Duplicate) }},
}

// valid is empty when it was not checked.
func (e *listenEvent) valid() string {
	if e.Verdict == listener.Unchecked {
		return ""
	}
	return strconv.FormatBool(e.Verdict == listener.Valid)
}

// forwardStatus is empty when it was not forwarded, or there is no answer.
func (e *listenEvent) forwardStatus() string {
	if e.ForwardStatus == 0 {
		return ""
	}
	return strconv.Itoa(e.ForwardStatus)
}

// noAnswerYet is the forward_error of an event that was shown before its answer.
const noAnswerYet = "no answer yet"

func (e *listenEvent) forwardError() string {
	if e.Pending {
		return noAnswerYet
	}
	return e.ForwardError
}

// AppendJSON implements [terminal.JSONAppender]: a listener prints thousands of
// events a second.
func (e *listenEvent) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"kind":"event"`...)
	for _, f := range listenFields {
		dst = append(append(append(dst, `,"`...), f.name...), `":`...)
		switch value := f.value(e); {
		case value == "":
			dst = append(dst, "null"...)
		case f.text:
			dst, _ = jsontext.AppendQuote(dst, value) // the error is about UTF-8, which is mended
		default:
			dst = append(dst, value...)
		}
	}
	return append(dst, '}')
}

func listenColumns() (columns []terminal.Column[any]) {
	for _, f := range listenFields {
		columns = append(columns, terminal.Column[any]{Name: f.name, Value: func(row any) string {
			e, _ := row.(*listenEvent)
			return f.value(e)
		}})
	}
	return columns
}

// listenOutput prints events as they come.
type listenOutput struct {
	*terminal.Printer
	invalid bool // one was, and the user was told how to find out why
}

// output refuses the formats that are one document: they would be complete
// when the listener ends, and scripts wait for events.
func (o *webhookListenOptions) output() (*listenOutput, error) {
	switch o.Format() {
	case terminal.FormatJSON, terminal.FormatYAML:
		return nil, usageError("use -o ndjson: an object on each line, also with --jq", "events come one after the other, and do not fit into one %s document", o.Format())
	}
	return &listenOutput{Printer: o.Printer}, nil
}

// patience is how long an event waits for the target's answer before it is shown.
// An object of ndjson is final, so it waits longer than a line for people.
func (o *listenOutput) patience() time.Duration {
	if o.Format() == terminal.FormatTable {
		return time.Second
	}
	return 5 * time.Second
}

// flushEvery is how long an event waits for others that are written with it, where
// they come faster than this.
const flushEvery = 5 * time.Millisecond

// print writes events until the listener ends, or writing fails.
func (o *listenOutput) print(l *listener.Listener, record string) error {
	streams := o.Streams()
	out := bufio.NewWriterSize(streams.Out, 64<<10)
	streams.Out = out
	var flushed time.Time
	flush := func() error {
		if l.EventsWaiting() > 0 {
			return nil
		}
		time.Sleep(time.Until(flushed.Add(flushEvery)))
		flushed = time.Now()
		return out.Flush()
	}
	events := func(yield func(listener.Event) bool) {
		if out.Flush() != nil { // what comes before the first event
			return
		}
		for e := range l.Events() {
			if !yield(e) {
				return
			}
			o.advise(e, record)
			if flush() != nil {
				return
			}
		}
	}
	if o.Format() == terminal.FormatTable {
		return cmp.Or(o.table(events), out.Flush())
	}
	return cmp.Or(terminal.PrintSeq(o.Printer, func(yield func(any, error) bool) {
		if o.Format() == terminal.FormatNDJSON && !yield(listenReady{"ready", l.URL()}, nil) {
			return
		}
		for e := range events {
			if e.Late { // it was shown before
				o.Note("%s", strings.Join(strings.Fields(fmt.Sprintf("%s %s %s", e.OrderNumber, e.Event, listenResult(e))), " "))
				continue
			}
			if !yield((*listenEvent)(&e), nil) {
				return
			}
		}
	}, listenColumns()), out.Flush())
}

// advise says at the first signature that does not verify how to find out why.
func (o *listenOutput) advise(e listener.Event, record string) {
	if e.Verdict == listener.Invalid && !o.invalid {
		o.invalid = true
		o.Note("see why a signature does not verify: gobiz webhook verify %s --invalid --last 1", shellWord(record))
	}
}

// table writes a line for each event. The width of a column grows with its
// longest value so far, since later ones are not known.
func (o *listenOutput) table(events iter.Seq[listener.Event]) error {
	style := o.Streams().OutStyle()
	header := []string{"time", "event", "outlet_id", "order_number", "status", "signature", "result"}
	widths := []int{8, 30, 10, 12, 17, 9, 0}
	line := make([]string, len(header))
	write := func(cells []string, paint func(column int, cell string) string) error {
		var b strings.Builder
		for i, cell := range cells {
			cell = terminal.Clean(cell)
			space := widths[i] - utf8.RuneCountInString(cell)
			if space < 0 {
				widths[i], space = widths[i]-space, 0
			}
			b.WriteString(paint(i, cell))
			b.WriteString(strings.Repeat(" ", space+2))
		}
		_, err := io.WriteString(o.Streams().Out, strings.TrimRight(b.String(), " ")+"\n")
		return err
	}
	if err := write(header, func(_ int, cell string) string { return cell }); err != nil {
		return err
	}
	for e := range events {
		line[0], line[1], line[2], line[3] = e.ReceivedAt.Local().Format(time.TimeOnly), string(e.Event), e.OutletID, e.OrderNumber
		line[4], line[5], line[6] = e.Status, string(e.Verdict), listenResult(e)
		if e.Late { // the rest was shown
			line[2], line[4], line[5] = "", "", ""
		}
		err := write(line, func(column int, cell string) string {
			switch {
			case column == 0:
				return style.Faint(cell)
			case column == 5 && e.Verdict == listener.Invalid, column == 6 && (e.Verdict == listener.Invalid || e.ForwardError != "" || e.ForwardStatus >= 400):
				return style.Red(cell)
			case column == 5 && e.Verdict == listener.Valid:
				return style.Green(cell)
			case column == 5, column == 6 && e.Duplicate:
				return style.Yellow(cell)
			}
			return cell
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// listenResult says in words what became of a request.
func listenResult(e listener.Event) string {
	var parts []string
	switch {
	case e.Verdict == listener.Invalid:
		parts = append(parts, e.Reason)
	case e.Pending:
		parts = append(parts, noAnswerYet)
	case e.ForwardError != "":
		parts = append(parts, "not forwarded: "+e.ForwardError)
	case e.Forwarded:
		parts = append(parts, fmt.Sprintf("forwarded: %d in %s", e.ForwardStatus, terminal.Duration(e.ForwardTime)))
	}
	if e.Duplicate && !e.Late {
		parts = append(parts, "duplicate")
	}
	return strings.Join(parts, ", ")
}

package terminal

import (
	"context"
	"fmt"
	"io"
)

// Options are what the global flags say about output.
type Options struct {
	Format Format // empty is FormatTable
	// Also are formats that this command alone knows. It writes them itself to
	// [Streams.Out]: the print functions do not know them.
	Also  []Format
	JQ    string // a jq expression; implies FormatJSON
	Quiet bool   // no notes
	// Complete adds to the commands in a note what was typed of them. May be nil.
	Complete func(note string) string
}

// A Printer writes the result of one command, in the format the user asked for.
type Printer struct {
	// Empty is the note on an empty list in table format, "no outlets". It goes
	// to standard error, so that a script that counts lines is not misled.
	Empty string

	ctx     context.Context
	streams *Streams
	format  Format
	quiet   bool
	filter  *filter // nil without --jq

	complete func(string) string
}

// NewPrinter checks the options. A format or jq expression that cannot work
// gives a [*UsageError], before the command does anything. ctx stops a jq
// expression that never ends.
func NewPrinter(ctx context.Context, s *Streams, o Options) (*Printer, error) {
	format, err := ParseFormat(string(o.Format), o.Also...)
	if err != nil {
		return nil, err
	}
	p := &Printer{Empty: "no results", ctx: ctx, streams: s, format: format, quiet: o.Quiet, complete: o.Complete}
	if o.JQ == "" {
		return p, nil
	}
	switch format {
	case FormatTable, FormatJSON:
		p.format = FormatJSON
	case FormatNDJSON:
	default:
		return nil, &UsageError{
			Flag:    "jq",
			Message: "--jq filters JSON and cannot be printed as " + string(format),
			Hint:    "leave out -o, or use -o json or -o ndjson",
		}
	}
	p.filter, err = newFilter(o.JQ)
	return p, err
}

// Until returns a printer that prints on after the end of the command's own context:
// ctx is what stops its jq expression.
func (p *Printer) Until(ctx context.Context) *Printer {
	until := *p
	until.ctx = ctx
	return &until
}

// Format is the format in effect.
func (p *Printer) Format() Format { return p.format }

// Machine reports whether a program reads the output: anything but a table.
func (p *Printer) Machine() bool { return p.format != FormatTable }

// Filtered reports whether --jq picks from the result.
func (p *Printer) Filtered() bool { return p.filter != nil }

// Quiet reports whether notes and progress are unwanted.
func (p *Printer) Quiet() bool { return p.quiet }

// Streams are where the printer writes to.
func (p *Printer) Streams() *Streams { return p.streams }

// Note writes one line to standard error, unless the user wants quiet. Foreign
// text among args is cleaned with the rest of the line.
func (p *Printer) Note(format string, args ...any) {
	if !p.quiet {
		fmt.Fprintln(p.streams.Err, p.line(format, args))
	}
}

// Warn writes one line to standard error, also when quiet.
func (p *Printer) Warn(format string, args ...any) {
	word := p.streams.ErrStyle().Yellow("warning:")
	fmt.Fprintln(p.streams.Err, word, p.line(format, args))
}

func (p *Printer) line(format string, args []any) string {
	text := Clean(fmt.Sprintf(format, args...))
	if p.complete != nil {
		text = p.complete(text)
	}
	return text
}

// Progress returns a progress line; nil, which shows nothing, when notes are
// unwanted or a program reads the output.
func (p *Printer) Progress() *Progress { return NewProgress(p.streams, p.quiet || p.Machine()) }

// Text writes one line to standard output whatever the format is: a token, a
// signature, a path.
func (p *Printer) Text(line string) error {
	_, err := io.WriteString(p.streams.Out, line+"\n")
	return err
}

package cmd

import (
	"context"
	"fmt"

	"github.com/gobiz-cli/gobiz/internal/cleantext"
	"github.com/gobiz-cli/gobiz/internal/terminal"
)

// forEach does the same to several things and prints what became of each. One
// failure does not stop the others; when there is only one thing, its failure
// is the command's own and nothing is printed.
func forEach[In, Out any](ctx context.Context, p *terminal.Printer, things []In, plural string, columns []terminal.Column[Out],
	do func(In) (Out, error), fail func(*Out, string),
) error {
	results := []Out{}
	var failures []error
	for _, thing := range things {
		result, err := do(thing)
		if err != nil {
			if len(things) == 1 {
				return err
			}
			if interrupted(ctx) {
				break // this one was cut off, not refused
			}
			failures = append(failures, err)
			fail(&result, cleantext.OneLine(classify(ctx, err).Message, 0))
		}
		results = append(results, result)
	}
	if len(results) > 0 || !interrupted(ctx) {
		if err := printList(p, results, columns, "nothing to do"); err != nil {
			return err
		}
	}
	if interrupted(ctx) {
		return interruptedAfter(len(results), len(things), plural)
	}
	return someFailed(ctx, failures, len(things), plural)
}

func interruptedAfter(done, all int, plural string) *Error {
	return &Error{Exit: exitInterrupted, Code: "interrupted", Message: fmt.Sprintf("interrupted after %d of %d %s", done, all, plural)}
}

// someFailed is the error of a command that did the same to several things, and
// nil when nothing failed.
func someFailed(ctx context.Context, failures []error, all int, plural string) error {
	switch len(failures) {
	case 0:
		return nil
	case all:
		e := classify(ctx, failures[0])
		e.Message = fmt.Sprintf("all %d %s failed; the first: %s", all, plural, e.Message)
		return e
	}
	return &Error{Exit: exitPartial, Code: "partial", Message: fmt.Sprintf("%d of %d %s failed", len(failures), all, plural)}
}

package cmd

import (
	"context"
	"slices"

	"github.com/gobiz-cli/gobiz/internal/capture"
	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

// maxCapture bounds what is read of a capture, which is read as a whole.
const maxCapture = 256 << 20

// recordChoice says which records of a file are meant; the zero value is all.
type recordChoice struct {
	ids     []string // event ids or idempotency keys
	invalid bool     // did not verify when it was received
	last    int
}

// readRecords reads a body, a capture or notifications, and chooses. There is at
// least one record in what it gives.
func (c *console) readRecords(ctx context.Context, file string, choice recordChoice) (capture.Input, error) {
	if choice.last < 0 {
		return capture.Input{}, usageError("", "--last must be 1 or more")
	}
	data, err := c.readInput(ctx, file, maxCapture)
	if err != nil {
		return capture.Input{}, err
	}
	in, err := capture.LoadFile(data, c.folderOf(file))
	if err != nil {
		return in, invalidInput("", "%s: %v", inputName(file), err)
	}
	for _, broken := range in.Broken {
		c.Note("%s: %v; passed over", inputName(file), broken)
	}
	if in.Kind == capture.Body {
		if len(data) > maxBody {
			return in, invalidInput("", "%s is larger than %d MB", inputName(file), maxBody>>20)
		}
		if choice.last > 0 || len(choice.ids) > 0 || choice.invalid {
			return in, usageError("give a capture, or what 'gobiz notifications list -o json' prints", "--id, --invalid and --last choose among records, and %s is a single body", inputName(file))
		}
		return in, nil
	}
	if len(in.Records) == 0 {
		return in, invalidInput("", "%s has no notification", inputName(file))
	}
	if choice.invalid && in.Kind != capture.Capture {
		return in, usageError("leave it out", "--invalid is for a capture: %s does not say what verified", inputName(file))
	}
	chosen := choose(in, choice)
	if len(chosen.Records) == 0 && len(choice.ids) == 0 {
		return in, invalidInput("", "every record of %s verified when it was received", inputName(file))
	}
	if len(chosen.Records) == 0 {
		return in, invalidInput("see what it has with --jq '.[].event_id'", "%s has no record with that id", inputName(file))
	}
	return chosen, nil
}

func choose(in capture.Input, choice recordChoice) capture.Input {
	out := capture.Input{Kind: in.Kind, Broken: in.Broken}
	for i := range in.Records {
		if choice.wants(&in.Records[i]) {
			out.Records = append(out.Records, in.Records[i])
			out.Places = append(out.Places, in.Places[i])
		}
	}
	if first := len(out.Records) - choice.last; choice.last > 0 && first > 0 {
		out.Records, out.Places = out.Records[first:], out.Places[first:]
	}
	return out
}

// wants reports whether a record is meant, as far as that does not depend on the
// others.
func (c recordChoice) wants(r *capture.Record) bool {
	if c.invalid && r.Valid {
		return false
	}
	return len(c.ids) == 0 || hasID(r, c.ids)
}

func hasID(r *capture.Record, ids []string) bool {
	return slices.Contains(ids, webhook.Summarize(r.Body).EventID) || slices.Contains(ids, r.Header.Get(webhook.IdempotencyKeyHeader))
}

package cmd

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gobiz-cli/gobiz/internal/sender"
	"github.com/gobiz-cli/gobiz/internal/terminal"
)

// printNotifications prints bodies instead of sending them: a single one byte
// for byte, since a newline would need another signature, several on a line
// each. With -v the headers go to stderr in the form that curl reads with -H @.
func (o *webhookTriggerOptions) printNotifications(ctx context.Context, batch sender.Batch) error {
	for n := range batch.Len {
		if err := ctx.Err(); err != nil {
			return err
		}
		d, err := batch.Make(n)
		if err != nil {
			return err
		}
		if o.receivers.flags.verbose > 0 {
			for _, name := range slices.Sorted(maps.Keys(d.Header)) {
				fmt.Fprintln(o.Streams().Err, terminal.Clean(name+": "+strings.Join(d.Header[name], ", ")))
			}
		}
		if batch.Len > 1 || o.Streams().OutTTY {
			d.Body = append(slices.Clip(d.Body), '\n')
		}
		if _, err := o.Streams().Out.Write(d.Body); err != nil {
			return err
		}
	}
	return nil
}

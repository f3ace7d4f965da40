package cmd

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/gobiz-cli/gobiz/internal/sender"
	"github.com/gobiz-cli/gobiz/internal/terminal"
	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

// seededTime is when the orders of a --seed are placed.
var seededTime = time.Date(2026, 1, 5, 12, 30, 0, 0, sender.WIB)

type makeDelivery func(n int) (sender.Delivery, error)

// madeUp makes the notifications of a timetable up. It tries the first one, so
// that what does not fit is told before anything is sent.
func (o *webhookTriggerOptions) madeUp(ctx context.Context, table *sender.Timetable, to, secret string, seed uint64, legacy bool) (makeDelivery, error) {
	m := &sender.Maker{
		URL: to, Secret: secret, Enterprise: legacy, Plain: o.plain, Seed: seed,
		Sample: sender.SampleOptions{OutletID: o.outlet, OrderNumber: o.orderNumber, CreatedAt: o.receivers.now()},
	}
	if o.seed != 0 {
		m.Sample.CreatedAt = seededTime
	}
	if o.orderItems != "" {
		var err error
		if m.Sample.Menu, err = o.menuOf(ctx, o.orderItems, legacy); err != nil {
			return nil, err
		}
	}
	for _, text := range o.set {
		edit, err := sender.ParseEdit(text)
		if err == nil {
			m.Edits = append(m.Edits, edit)
			_, err = m.Make(table, table.Place(0))
		}
		var fault *sender.EditError
		if errors.As(err, &fault) {
			return nil, usageError("such as --set body.order.status=PLACED", "--set %v", fault)
		}
		if err != nil {
			return nil, err
		}
		o.noteAdded(edit, m.Payload(table))
	}
	return func(n int) (sender.Delivery, error) { return m.Make(table, table.Place(n)) }, nil
}

// noteAdded notes a value that the sample does not have, mostly a misspelt
// key.
func (o *webhookTriggerOptions) noteAdded(edit sender.Edit, payload any) {
	added, err := edit.Adds(payload)
	if err != nil || added == nil {
		return
	}
	meant := ""
	if near := nearest(added.Key, added.Beside); added.Key != "" && near != "" {
		meant = "; did you mean " + near + "?"
	}
	o.Note("note: the sample has no %s, so it is added%s", edit, meant)
}

// ownBody sends the user's own bytes. Each repeat has an idempotency key of its
// own; copies share it.
func (o *webhookTriggerOptions) ownBody(ctx context.Context, table *sender.Timetable, to, secret string, seed uint64, legacy bool) (makeDelivery, error) {
	body, err := o.readInput(ctx, strings.TrimPrefix(o.data, "@"), maxBody)
	if err != nil {
		return nil, err
	}
	signed := sender.Signed(to, secret, "", body)
	if named := string(signed.Summary.Event); o.event != "" && named != "" && named != o.event {
		o.Note("note: the body says that it is %s", named)
	}
	if signed.Summary.Event == "" {
		signed.Summary.Event = webhook.EventName(o.event)
	}
	return func(n int) (sender.Delivery, error) {
		d := signed
		d.Header = signed.Header.Clone()
		if !legacy {
			d.Header.Set(webhook.IdempotencyKeyHeader, sender.IdempotencyKey(seed, table.Place(n).Run))
		}
		return d, nil
	}, nil
}

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

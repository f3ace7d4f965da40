package cmd

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/gobiz-cli/gobiz/internal/capture"
	"github.com/gobiz-cli/gobiz/internal/replay"
	"github.com/gobiz-cli/gobiz/internal/sender"
	"github.com/gobiz-cli/gobiz/internal/terminal"
)

// replayedNotification is what became of one that was posted once more.
type replayedNotification struct {
	Status *int    `json:"status"` // of the receiver's answer; null when there was none
	Error  *string `json:"error"`  // null when it was taken
}

var replayColumn = terminal.Column[notification]{Name: "replay", Value: func(n notification) string {
	switch {
	case n.Replay == nil:
		return ""
	case n.Replay.Error != nil:
		return *n.Replay.Error
	}
	return strconv.Itoa(*n.Replay.Status)
}}

// replayNotifications posts each payload with its recorded headers, one after
// the other in the order of the list, until Ctrl-C.
func replayNotifications(ctx context.Context, client *http.Client, rows []notification, to *url.URL) {
	defer client.CloseIdleConnections()
	target := replay.Target{URL: to}
	for i := range rows {
		n := &rows[i]
		record := capture.Record{Method: http.MethodPost, Header: n.header(), Body: []byte(n.Payload)}
		if sent, err := url.Parse(n.Endpoint); err == nil {
			record.Path, record.Query = sent.EscapedPath(), sent.RawQuery
		}
		again, _ := target.Delivery(record) // no path is kept that could be refused
		answer := sender.Post(ctx, client, again.URL, again.Header, again.Body)
		if ctx.Err() != nil && !answer.Delivered() {
			return // cut off, not refused
		}
		n.Replay = &replayedNotification{Error: nonEmpty(answer.Error)}
		if answer.Status != 0 {
			n.Replay.Status = &answer.Status
		}
	}
}

// replayError is the last word when a receiver did not take everything.
func replayError(ctx context.Context, rows []notification) error {
	first, failed, sent := "", 0, 0
	for _, n := range rows {
		if n.Replay == nil {
			continue
		}
		if sent++; n.Replay.Error != nil {
			if failed++; failed == 1 {
				first = *n.Replay.Error
			}
		}
	}
	switch {
	case interrupted(ctx):
		return interruptedAfter(sent, len(rows), "notifications")
	case failed == 0:
		return nil
	}
	e := &Error{
		Exit: exitFailed, Code: "not_taken", Hint: "is the receiver running, and is that its URL? GoBiz counts any 2xx as taken",
		Message: fmt.Sprintf("the receiver took none of %s; the first: %s", counted(len(rows), "notification"), first),
	}
	if strings.HasPrefix(first, sender.Untrusted) {
		e.Hint = receiverHint(sender.Answer{Error: first})
	}
	if failed < sent {
		e.Exit, e.Code = exitPartial, "partial"
		e.Message = fmt.Sprintf("the receiver did not take %d of %d notifications; the first: %s", failed, sent, first)
	}
	return e
}

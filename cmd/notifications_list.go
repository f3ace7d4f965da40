package cmd

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gobiz-cli/gobiz/internal/config"
	"github.com/gobiz-cli/gobiz/internal/terminal"
	"github.com/gobiz-cli/gobiz/pkg/gobiz"
	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

func newNotificationsCommand(f *Factory) *cobra.Command {
	return newGroup("notifications", "Look up what GoBiz tried to deliver", newNotificationsListCommand(f))
}

type notificationsListOptions struct {
	*console
	client    func() (*gobiz.Client, error)
	settings  func() (config.Settings, error)
	secrets   func(context.Context) ([]string, error)
	receivers receivers

	entity, replayTo string
}

// notification is one that GoBiz sent or tried to send: the API's own keys, and
// what was found out here.
type notification struct {
	gobiz.Notification
	History        []deliveryAttempt     `json:"history"`         // in place of the API's, which has no null
	SignatureValid *bool                 `json:"signature_valid"` // null when no relay secret is known
	Replay         *replayedNotification `json:"replay,omitempty"`
}

type deliveryAttempt struct {
	Time             gobiz.Time `json:"time"`
	ExceptionMessage *string    `json:"exception_message"`
	Delivered        bool       `json:"delivered"`
}

// givenUp is the last entry of a dead delivery's history. It is no attempt.
const givenUp = "Failed after automatic attempts."

var notificationColumns = []terminal.Column[notification]{
	{Name: "created_at"},
	{Name: "event", Value: func(n notification) string { return n.EventType }},
	{Name: "status", Value: func(n notification) string { return n.DeliveryStatus }},
	{Name: "attempts", Value: func(n notification) string { return strconv.Itoa(n.attempts()) }, Align: terminal.AlignRight},
	{Name: "cause", Value: notification.cause},
	{Name: "endpoint"},
	{Name: "signature", Value: notification.signature},
}

func newNotificationsListCommand(f *Factory) *cobra.Command {
	o := notificationsListOptions{
		console: f.console, client: f.Client, settings: f.Settings, secrets: f.NotificationSecrets, receivers: f.receivers(),
	}
	c := &cobra.Command{
		Use:   "list",
		Short: "List what GoBiz sent about an order or a payment, and why it did not arrive",
		Long: `List what GoBiz sent, or tried to send, about an order (its number, F-…) or a payment (its transaction id): each
notification with its attempts, the last cause of failure, and whether the recorded signature verifies with the relay
secret (GOBIZ_NOTIFICATION_SECRET, else the profile's).

The API has no way to send them again. --replay-to posts them to a URL of yours, byte for byte and with the recorded
signature: to a receiver on this machine, say. -o json or ndjson keeps them for 'gobiz webhook verify', 'explain' and
'replay'.`,
		Example: example(
			"gobiz notifications list --entity F-100200300",
			"gobiz notifications list --entity F-100200300 --replay-to http://127.0.0.1:3000/gofood",
			"gobiz notifications list --entity F-100200300 -o ndjson > order.jsonl",
			"gobiz notifications list --entity F-100200300 --jq '.[0].payload | fromjson'",
		),
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if strings.TrimSpace(o.entity) == "" {
				return usageError("pass the number of an order (F-…) or the id of a payment's transaction", "missing --entity")
			}
			if c.Flags().Changed("replay-to") && o.replayTo == "" {
				return usageError("", "--replay-to is empty")
			}
			return runNotificationsList(c.Context(), o)
		},
	}
	c.Flags().StringVar(&o.entity, "entity", "", "`number` of an order, or transaction id of a payment (required)")
	c.Flags().StringVar(&o.replayTo, "replay-to", "", "post each of them to this `url`")
	return c
}

func runNotificationsList(ctx context.Context, o notificationsListOptions) error {
	client, err := o.client()
	if err != nil {
		return err
	}
	var target *url.URL
	if o.replayTo != "" {
		if target, err = receiverURL("--replay-to", strings.TrimSpace(o.replayTo)); err != nil {
			return err
		}
	}
	o.entity = strings.TrimSpace(o.entity)
	found, err := client.Notifications(ctx, o.entity)
	if err != nil {
		return err
	}
	secrets := o.secretsToCheck(ctx)
	rows := make([]notification, 0, len(found))
	for _, n := range found {
		rows = append(rows, newNotification(n, secrets))
	}
	columns := notificationColumns
	if target != nil {
		columns = append(columns[:len(columns):len(columns)], replayColumn)
		replayNotifications(ctx, o.receivers.client(1), rows, target)
	}
	o.Empty = "no notifications of " + o.entity
	if err := terminal.Print(o.Printer, rows, columns); err != nil {
		return err
	}
	if len(rows) == 0 {
		return o.explainNoNotifications()
	}
	return replayError(ctx, rows)
}

func newNotification(n gobiz.Notification, secrets []string) notification {
	out := notification{Notification: n, History: []deliveryAttempt{}}
	for _, a := range n.History {
		out.History = append(out.History, deliveryAttempt{a.Time, nonEmpty(a.ExceptionMessage), a.Delivered})
	}
	if len(secrets) > 0 {
		valid := webhook.Verify([]byte(n.Payload), out.header().Get(webhook.SignatureHeader), secrets...) >= 0
		out.SignatureValid = &valid
	}
	return out
}

// header returns the recorded headers whatever the case of their names.
func (n notification) header() http.Header {
	header := http.Header{}
	for name, value := range n.Headers {
		header.Add(name, value)
	}
	return header
}

func (n notification) attempts() int {
	made := 0
	for _, a := range n.History {
		if text(a.ExceptionMessage) != givenUp {
			made++
		}
	}
	return made
}

// cause is why the last attempt failed, empty when it did not.
func (n notification) cause() string {
	cause := ""
	for _, a := range n.History {
		switch message := text(a.ExceptionMessage); {
		case a.Delivered:
			cause = ""
		case message != givenUp:
			cause = message
		}
	}
	return cause
}

func (n notification) signature() string {
	switch {
	case n.SignatureValid == nil:
		return "not checked"
	case *n.SignatureValid:
		return "valid"
	}
	return "invalid"
}

// secretsToCheck are the relay secrets, if any are known without opening a
// store that this call does not need.
func (o *notificationsListOptions) secretsToCheck(ctx context.Context) []string {
	s, err := o.settings()
	if err != nil {
		return nil
	}
	if s.AccessToken() != "" || s.ClientID != "" && s.ClientSecret() != "" {
		return s.NotificationSecrets() // credentials of the environment: the store is not touched
	}
	secrets, err := o.secrets(ctx)
	if err != nil {
		o.Note("signatures are not checked: %v", err)
	}
	return secrets
}

// explainNoNotifications says what may be wrong, since the API does not know
// numbers: one that does not exist has an empty list.
func (o *notificationsListOptions) explainNoNotifications() error {
	s, err := o.settings()
	if err != nil {
		return err
	}
	if o.Machine() {
		o.Note("%s", o.Empty)
	}
	if upper := strings.ToUpper(o.entity); !strings.HasPrefix(o.entity, "F-") && (strings.HasPrefix(upper, "F-") || strings.Trim(o.entity, "0123456789") == "") {
		o.Note("  the number of an order begins with F-: try %s", "F-"+strings.TrimPrefix(upper, "F-"))
	}
	o.Note("  is it of this environment (%s) and of one of your outlets? see 'gobiz status', 'gobiz outlets list'", s.Environment)
	o.Note("  is one of its events subscribed to? see 'gobiz subscriptions list'")
	o.Note("  how long GoBiz keeps notifications is not documented: an old order's may be gone")
	return nil
}

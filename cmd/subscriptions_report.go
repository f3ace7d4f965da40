package cmd

import (
	"bufio"
	"fmt"

	"github.com/gobiz-cli/gobiz/internal/cleantext"
	"github.com/gobiz-cli/gobiz/internal/terminal"
	"github.com/gobiz-cli/gobiz/pkg/subscriptions"
)

// syncReport is the document of `subscriptions sync`.
type syncReport struct {
	Changes []syncChange          `json:"changes"`
	Kept    []syncChange          `json:"kept"`
	Summary subscriptions.Summary `json:"summary"`
}

// syncChange is a line of it.
type syncChange struct {
	Action       subscriptions.Action `json:"action"` // create, update, replace, delete, keep
	Event        string               `json:"event"`
	OutletID     *string              `json:"outlet_id"`
	EnterpriseID *string              `json:"enterprise_id"`
	ID           *string              `json:"id"`
	URL          string               `json:"url"`
	FromURL      *string              `json:"from_url"`
	Active       bool                 `json:"active"`
	Reason       string               `json:"reason"`
	Status       subscriptions.Status `json:"status"` // planned, done, unchanged, failed, skipped, kept
	Error        *string              `json:"error"`
}

var syncColumns = terminal.Fields[syncChange](
	"action", "event", "outlet_id", "enterprise_id", "id", "url", "from_url", "active", "reason", "status", "error",
)

func newSyncChange(c subscriptions.Change) syncChange {
	out := syncChange{
		Action: c.Action, Event: c.Event, OutletID: nonEmpty(c.OutletID), EnterpriseID: nonEmpty(c.EnterpriseID), ID: nonEmpty(c.ID),
		URL: c.URL, FromURL: nonEmpty(c.FromURL), Active: c.Active, Reason: c.Reason, Status: c.Status,
	}
	if c.Err != nil {
		out.Error = nonEmpty(cleantext.OneLine(changeError(c), 0))
	}
	return out
}

// changeError is why a change failed, without the method and path of the call.
func changeError(c subscriptions.Change) string {
	if e := apiError(c.Err); e != nil {
		return e.Message
	}
	return c.Err.Error()
}

func printSync(p *terminal.Printer, plan *subscriptions.Plan) error {
	if p.Format() == terminal.FormatTable {
		out := bufio.NewWriter(p.Streams().Out)
		for _, line := range syncLines(plan, p.Streams().OutStyle()) {
			fmt.Fprintln(out, line)
		}
		return out.Flush()
	}
	report := syncReport{Changes: []syncChange{}, Kept: []syncChange{}, Summary: plan.Summary()}
	for _, c := range plan.Changes {
		report.Changes = append(report.Changes, newSyncChange(c))
	}
	for _, c := range plan.Kept {
		report.Kept = append(report.Kept, newSyncChange(c))
	}
	if err := terminal.PrintDocument(p, report, append(report.Changes, report.Kept...), syncColumns); err != nil {
		return err
	}
	return printSummaryLine(p, report.Summary)
}

// syncLines describes a plan, or what became of it, for people: a line for each
// change and the sum of it.
func syncLines(plan *subscriptions.Plan, style terminal.Style) []string {
	var lines []string
	for _, c := range plan.Changes {
		lines = append(lines, syncLine(c, style)...)
	}
	for _, c := range plan.Kept {
		lines = append(lines, style.Faint("  "+terminal.Clean(fmt.Sprintf("%s  %s%s  kept: %s", c.Event, c.URL, inScope(c), c.Reason))))
	}
	s := plan.Summary()
	planned := len(plan.Changes) > 0 && plan.Changes[0].Status == subscriptions.Planned
	if len(plan.Changes) == 0 {
		lines = append(lines, style.Bold(fmt.Sprintf("no changes: %d as the file says, %d kept", s.Unchanged, s.Kept)))
	} else {
		sum := fmt.Sprintf("%d created, %d updated, %d deleted, %d unchanged, %d kept", s.Created, s.Updated, s.Deleted, s.Unchanged, s.Kept)
		if planned {
			sum = fmt.Sprintf("to do: %d to create, %d to update, %d to delete; %d unchanged, %d kept", s.Created, s.Updated, s.Deleted, s.Unchanged, s.Kept)
		}
		if s.Failed > 0 {
			sum += fmt.Sprintf(", %d failed", s.Failed)
		}
		lines = append(lines, style.Bold(sum))
	}
	if s.Kept > 0 {
		lines = append(lines, style.Faint("--prune deletes what is kept"))
	}
	return lines
}

// syncLine shows a change as a diff does: + ~ -, and the old url below the new.
func syncLine(c subscriptions.Change, style terminal.Style) []string {
	mark := map[subscriptions.Action]string{
		subscriptions.Create: style.Green("+"), subscriptions.Update: style.Yellow("~"), subscriptions.Replace: style.Yellow("~"), subscriptions.Delete: style.Red("-"),
	}[c.Action]
	state := ""
	if !c.Active && c.Action != subscriptions.Delete {
		state = ", inactive"
	}
	line := mark + " " + terminal.Clean(fmt.Sprintf("%s  %s%s%s", c.Event, c.URL, inScope(c), state)) + "  " + style.Faint(terminal.Clean(c.Reason))
	if c.Status == subscriptions.Unchanged {
		line += style.Faint(" (nothing to do)")
	}
	lines := []string{line}
	if c.FromURL != "" {
		lines = append(lines, "    was "+terminal.Clean(c.FromURL))
	}
	if c.Action == subscriptions.Replace && c.Status == subscriptions.Planned {
		lines = append(lines, "    by a new subscription: this API cannot change one")
	}
	if c.Err != nil {
		lines = append(lines, "    "+style.Red(string(c.Status)+":")+" "+cleantext.OneLine(changeError(c), 0))
	}
	return lines
}

func inScope(c subscriptions.Change) string {
	if c.Scope == (subscriptions.Scope{}) {
		return ""
	}
	return "  " + scopeName(c.Scope)
}

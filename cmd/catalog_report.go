package cmd

import (
	"encoding/json"
	"errors"
	"time"

	"github.com/gobiz-cli/gobiz/internal/terminal"
	"github.com/gobiz-cli/gobiz/pkg/rollout"
)

// pushReport is the document of `catalog push` and `catalog rollback`.
type pushReport struct {
	Results []pushResult `json:"results"`
	Summary pushSummary  `json:"summary"`
}

type pushResult struct {
	OutletID   string          `json:"outlet_id"`
	Status     string          `json:"status"` // pushed, unchanged, skipped, refused, failed
	RequestID  *string         `json:"request_id"`
	Snapshot   *string         `json:"snapshot"`
	Changes    *int            `json:"changes"` // null when the API cannot tell
	Attempts   int             `json:"attempts"`
	DurationMS int64           `json:"duration_ms"`
	Error      *string         `json:"error"`
	Payload    json.RawMessage `json:"payload,omitempty"` // of a dry run: what would be sent
}

type pushSummary struct {
	Pushed    int `json:"pushed"`
	Unchanged int `json:"unchanged"`
	Skipped   int `json:"skipped"`
	Refused   int `json:"refused"`
	Failed    int `json:"failed"`
}

var pushColumns = []terminal.Column[pushResult]{
	{Name: "outlet_id"}, {Name: "status"}, {Name: "changes"}, {Name: "attempts"},
	{Name: "duration", Value: func(r pushResult) string {
		return terminal.Duration(time.Duration(r.DurationMS) * time.Millisecond)
	}},
	{Name: "request_id"},
}

func printPush(p *terminal.Printer, result rollout.Result, dryRun bool) error {
	row := pushResult{
		OutletID: result.OutletID, Status: string(result.Status), RequestID: nonEmpty(result.RequestID), Snapshot: nonEmpty(result.Snapshot),
		Attempts: result.Attempts, DurationMS: result.Duration.Milliseconds(),
	}
	if result.Changes >= 0 {
		row.Changes = &result.Changes
	}
	report := pushReport{}
	switch result.Status {
	case rollout.Pushed:
		report.Summary.Pushed = 1
	case rollout.Unchanged:
		report.Summary.Unchanged = 1
	case rollout.Skipped:
		report.Summary.Skipped = 1
	}
	if dryRun {
		row.Payload = result.Body.JSON()
	}
	report.Results = []pushResult{row}
	if dryRun && p.Format() == terminal.FormatTable && result.Diff != nil {
		if err := result.Diff.WriteText(p.Streams().Out, p.Streams().OutStyle()); err != nil {
			return err
		}
	}
	if err := terminal.PrintDocument(p, report, report.Results, pushColumns); err != nil {
		return err
	}
	if err := printSummaryLine(p, report.Summary); err != nil {
		return err
	}
	if result.Refused != nil {
		var refused *rollout.RefusedError
		p.Note("without --dry-run this would be refused: %v", result.Refused)
		if errors.As(result.Refused, &refused) {
			p.Note("what allows it: %s", overrideFlags(refused.Refusals))
		}
	}
	if p.Format() == terminal.FormatTable {
		switch result.Status {
		case rollout.Unchanged:
			if result.Standing.OnItsWay != nil {
				p.Note("already on its way, nothing was written")
				break
			}
			p.Note("nothing to change, nothing was written")
		case rollout.Skipped:
			p.Note("dry run, nothing was written; -o json shows the payload")
		}
	}
	return nil
}

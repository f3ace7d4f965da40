package cmd

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gobiz-cli/gobiz/internal/capture"
	"github.com/gobiz-cli/gobiz/internal/terminal"
	"github.com/gobiz-cli/gobiz/pkg/webhook"
	"github.com/gobiz-cli/gobiz/pkg/webhook/diagnose"
)

// verification is what `webhook verify` finds out about one notification.
type verification struct {
	Valid         bool                 `json:"valid"`
	Algorithm     string               `json:"algorithm"`
	Event         *string              `json:"event"`
	EventID       *string              `json:"event_id"`
	MatchedSecret *int                 `json:"matched_secret"`     // counts from 1; null when invalid
	Diagnosis     []diagnose.Diagnosis `json:"diagnosis"`          // only one that matches says more than its name
	Clues         []string             `json:"clues,omitempty"`    // what is odd, when nothing explains the mismatch
	Line          int                  `json:"line,omitzero"`      // of a file of records
	Entity        string               `json:"entity_id,omitzero"` // of a notification that GoBiz told about

	signature string
	size      int
}

var verificationColumns = []terminal.Column[verification]{
	{Name: "valid"}, {Name: "algorithm"}, {Name: "event"}, {Name: "event_id"}, {Name: "matched_secret"},
	{Name: "diagnosis", Value: verification.matching},
}

// verificationsColumns are those of several.
var verificationsColumns = append([]terminal.Column[verification]{
	{Name: "place", Value: verification.place},
}, verificationColumns...)

func (v verification) place() string {
	if v.Line > 0 {
		return strconv.Itoa(v.Line)
	}
	return v.Entity
}

// matching names the transforms that explain the mismatch.
func (v verification) matching() string {
	var names []string
	for _, d := range v.Diagnosis {
		if d.Matches {
			names = append(names, d.Transform)
		}
	}
	return strings.Join(names, " ")
}

// cause is the likeliest explanation, nil when there is none.
func (v verification) cause() *diagnose.Diagnosis {
	if i := slices.IndexFunc(v.Diagnosis, func(d diagnose.Diagnosis) bool { return d.Matches }); i >= 0 {
		return &v.Diagnosis[i]
	}
	return nil
}

// A verifier checks notifications with the same secrets.
type verifier struct {
	secrets   []string
	others    func() []diagnose.NamedSecret // asked for at the first mismatch
	known     []diagnose.NamedSecret
	diagnosed int
}

// maxDiagnosed is how many mismatches of a capture are looked into: with a wrong
// secret it is all of them, and each costs some milliseconds.
const maxDiagnosed = 20

func (v *verifier) verify(r *capture.Record, place capture.Place) verification {
	summary := webhook.Summarize(r.Body)
	result := verification{
		Algorithm: webhook.Algorithm, Event: nonEmpty(string(summary.Event)), EventID: nonEmpty(summary.EventID), Diagnosis: []diagnose.Diagnosis{},
		Line: place.Line, Entity: place.Entity, signature: r.Signature, size: len(r.Body),
	}
	if match := webhook.Verify(r.Body, r.Signature, v.secrets...); match >= 0 {
		match++
		result.Valid, result.MatchedSecret = true, &match
		return result
	}
	if v.diagnosed++; v.diagnosed > maxDiagnosed || r.Signature == "" {
		return result
	}
	if v.diagnosed == 1 {
		v.known = v.others()
	}
	m := diagnose.Mismatch{Body: r.Body, Signature: r.Signature, Secrets: v.secrets, Others: v.known}
	for _, d := range m.Diagnose() {
		if !d.Matches {
			d.Explanation, d.Advice = "", ""
		}
		result.Diagnosis = append(result.Diagnosis, d)
	}
	if result.cause() == nil {
		result.Clues = m.Clues()
	}
	return result
}

// conclude says in words what is wrong, and gives the exit code. It is nil when
// all of them verify.
func (v *verifier) conclude(p *terminal.Printer, results []verification) error {
	var first *verification
	invalid := 0
	for i := range results {
		if results[i].Valid {
			continue
		}
		invalid++
		if first == nil || first.cause() == nil && results[i].cause() != nil {
			first = &results[i]
		}
	}
	if first == nil {
		return nil
	}
	if invalid > maxDiagnosed {
		p.Note("only the first %d mismatches were looked into; choose others with --id or --last", maxDiagnosed)
	}
	if cause := first.cause(); cause != nil && cause.Reparsed && !p.Machine() {
		p.Note("how to get the body as it arrived:")
		for _, r := range diagnose.RawBodies() {
			p.Note("  %-8s %s", r.Framework, r.Code)
		}
	}
	if cause := first.cause(); cause == nil && !p.Machine() {
		for _, clue := range first.Clues {
			p.Note("note: %s", clue)
		}
	}
	why, hint := v.explain(first)
	message := "the signature does not verify: " + why
	if len(results) > 1 {
		message = fmt.Sprintf("%d of %d signatures do not verify; %s: %s", invalid, len(results), first.where(), why)
	}
	return &Error{Exit: exitSignature, Code: "signature_mismatch", Message: message, Hint: hint}
}

// explain says why the signature does not verify, and what to look at.
func (v *verifier) explain(r *verification) (why, hint string) {
	switch cause := r.cause(); {
	case cause != nil:
		return cause.Explanation, cause.Advice
	case r.signature == "":
		return "the request had no X-Go-Signature header", "GoBiz signs every notification: is something else posting to this URL?"
	}
	signed := "the secret did not sign"
	if n := len(v.secrets); n > 1 {
		signed = fmt.Sprintf("none of %d secrets signed", n)
	}
	return fmt.Sprintf("%s these %d bytes, and no usual mistake explains it", signed, r.size),
		"check that the body is byte for byte what arrived, and that the relay secret belongs to this environment; --all-profiles tries the others'"
}

// where names a record among others.
func (v verification) where() string {
	if v.Line > 0 {
		return "line " + strconv.Itoa(v.Line)
	}
	return "a notification about " + v.Entity
}

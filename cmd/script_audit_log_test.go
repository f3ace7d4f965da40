package cmd_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// auditLine is a line of the audit log, with the keys it has and no others.
type auditLine struct {
	Time          time.Time `json:"time"`
	Profile       string    `json:"profile"`
	Environment   string    `json:"environment"`
	API           string    `json:"api"`
	OAuth         string    `json:"oauth"`
	OutletID      string    `json:"outlet_id"`
	Reason        string    `json:"reason"`
	RequestID     string    `json:"request_id"`
	LiveDigest    string    `json:"live_digest"`
	PayloadDigest string    `json:"payload_digest"`
	Snapshot      string    `json:"snapshot"`
	Items         int       `json:"items"`
	LiveItems     int       `json:"live_items"`
	Added         int       `json:"added"`
	Removed       int       `json:"removed"`
	Changed       int       `json:"changed"`
	Attempts      int       `json:"attempts"`
	Result        string    `json:"result"`
	HTTPStatus    int       `json:"http_status"`
}

// scriptAuditLog holds the audit log to its lines. Each must have an id of its
// own, both digests and the snapshot.
func scriptAuditLog(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: auditlog FILE LINE...")
	}
	lines, err := auditLines(ts.ReadFile(args[0]))
	ts.Check(err)
	var got []string
	for _, line := range lines {
		words := []string{line.Reason, line.Result}
		if line.HTTPStatus != 0 {
			words = append(words, fmt.Sprint(line.HTTPStatus))
		}
		got = append(got, strings.Join(words, " "))
	}
	if !slices.Equal(got, args[1:]) {
		ts.Fatalf("the log has\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(args[1:], "\n  "))
	}
}

// auditLines reads an audit log and checks what holds of every line.
func auditLines(text string) (lines []auditLine, err error) {
	digest := regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)
	id := regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
	known := map[string]bool{}
	for text := range strings.Lines(text) {
		decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
		decoder.DisallowUnknownFields()
		var line auditLine
		if err := decoder.Decode(&line); err != nil {
			return nil, fmt.Errorf("%w: %s", err, text)
		}
		switch {
		case !id.MatchString(line.RequestID) || known[line.RequestID]:
			return nil, fmt.Errorf("no request id of its own: %s", text)
		case !digest.MatchString(line.LiveDigest) || !digest.MatchString(line.PayloadDigest) || line.Snapshot == "":
			return nil, fmt.Errorf("not both digests and the snapshot: %s", text)
		case line.Time.IsZero() || line.Environment == "" || line.API == "" || line.OAuth == "" || line.OutletID == "":
			return nil, fmt.Errorf("it does not say when or where: %s", text)
		}
		known[line.RequestID] = true
		lines = append(lines, line)
	}
	return lines, nil
}

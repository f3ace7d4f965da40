package gobiz

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

const (
	maxProblems     = 100
	maxProblemText  = 2000    // characters of one message
	maxProblemBytes = 1 << 20 // of an error body; a longer one is no error envelope
)

// parseProblems reads what an error body says. Known shapes: the envelope's
// errors array (GoBiz API reference; without success in Enterprise Integration Middleware), the OAuth error (the
// same), a top-level message as gateways send it. Other shapes of the same
// members (an object or a string for the array, a number for the code) are
// read as well; nothing readable gives nil. hide masks the secrets of the call.
func parseProblems(body []byte, hide func(string) string) []Problem {
	if len(body) > maxProblemBytes || len(bytes.TrimSpace(body)) == 0 {
		return nil
	}
	var top map[string]any
	if err := json.Unmarshal(body, &top, tolerant()...); err != nil {
		return nil
	}
	hideAll(top, hide)
	if problems := problemList(top["errors"]); len(problems) > 0 {
		return problems
	}
	if p := problemOf(top); p != (Problem{}) {
		return []Problem{p}
	}
	return problemList(top["error"])
}

func problemList(value any) []Problem {
	entries, many := value.([]any)
	if !many {
		entries = []any{value}
	}
	var problems []Problem
	for _, entry := range entries {
		if len(problems) == maxProblems {
			break
		}
		if p := problemEntry(entry); p != (Problem{}) {
			problems = append(problems, p)
		}
	}
	return problems
}

func problemEntry(value any) Problem {
	if object, ok := value.(map[string]any); ok {
		return problemOf(object)
	}
	return Problem{Message: problemText(value)}
}

func problemOf(object map[string]any) Problem {
	first := func(names ...string) string {
		for _, name := range names {
			if text := problemText(object[name]); text != "" {
				return text
			}
		}
		return ""
	}
	p := Problem{
		Title:    first("message_title", "title"),
		Message:  first("message", "error_description", "detail"),
		Code:     first("code"),
		Severity: first("message_severity", "severity"),
	}
	// {"error": "invalid_client", "error_description": …, "error_hint": …}
	if name, ok := object["error"].(string); ok {
		if p.Code == "" {
			p.Code = cleanText(name, maxProblemText)
		}
		if p.Title == "" {
			p.Title = cleanText(name, maxProblemText)
		}
	}
	if hint := problemText(object["error_hint"]); hint != "" {
		p.Message = strings.TrimPrefix(p.Message+": "+hint, ": ")
	}
	if p.Title == "" && p.Message == "" {
		return Problem{} // a code or a severity alone says nothing
	}
	return p
}

// problemText renders a member that should be a string.
func problemText(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		return cleanText(v, maxProblemText)
	case float64:
		return strings.TrimSuffix(fmt.Sprintf("%.0f", v), ".0")
	case []any, map[string]any:
		if data, err := json.Marshal(v, json.Deterministic(true), jsontext.AllowInvalidUTF8(true)); err == nil && len(data) > 2 {
			return cleanText(string(data), maxProblemText)
		}
	}
	return ""
}

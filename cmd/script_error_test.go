package cmd_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// scriptFails holds a command to what every error promises: the exit code,
// nothing on stdout, and one to three lines on stderr, or one JSON object as its
// last line.
func scriptFails(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: fails CODE COMMAND ARG...")
	}
	scriptExit(ts, false, args)
	if out := ts.ReadFile("stdout"); out != "" {
		ts.Fatalf("an error leaves stdout empty, and this is on it:\n%s", out)
	}
	stderr := ts.ReadFile("stderr")
	if err := checkErrorText(stderr, asksForJSON(args)); err != nil {
		ts.Fatalf("%v:\n%s", err, stderr)
	}
}

func asksForJSON(args []string) bool {
	i := slices.Index(args, "-o")
	return slices.Contains(args, "--jq") || i >= 0 && i+1 < len(args) && slices.Contains([]string{"json", "ndjson"}, args[i+1])
}

// checkErrorText looks at the error at the end of stderr. Notes, which are no
// part of it, may come before.
func checkErrorText(stderr string, asJSON bool) error {
	if strings.Contains(stderr, "Usage:") || strings.Contains(stderr, "goroutine ") {
		return fmt.Errorf("an error is no help page and no stack trace")
	}
	if strings.ContainsFunc(stderr, func(r rune) bool { return r < ' ' && r != '\n' }) {
		return fmt.Errorf("control characters on stderr")
	}
	if !strings.HasSuffix(stderr, "\n") {
		return fmt.Errorf("stderr does not end with a newline")
	}
	if asJSON {
		_, err := lastJSONError(stderr)
		return err
	}
	const first = "gobiz: error: "
	lines := strings.Split(strings.TrimSuffix(stderr, "\n"), "\n")
	start := slices.IndexFunc(lines, func(line string) bool { return strings.HasPrefix(line, first) })
	switch {
	case start < 0:
		return fmt.Errorf("no line begins with %q", first)
	case len(lines)-start > 3:
		return fmt.Errorf("the error has %d lines, three are allowed", len(lines)-start)
	case strings.HasSuffix(lines[start], ".") || strings.HasSuffix(lines[start], ": "):
		return fmt.Errorf("the message ends with a stop or a colon")
	}
	for _, line := range lines[start+1:] {
		if !strings.HasPrefix(line, "       request id ") && !strings.HasPrefix(line, "hint: ") {
			return fmt.Errorf("line %q is neither a request id nor a hint", line)
		}
	}
	return nil
}

// lastJSONError reads the JSON error in the last line of stderr.
func lastJSONError(stderr string) (map[string]any, error) {
	lines := strings.Split(strings.TrimSpace(stderr), "\n")
	var last struct {
		Error map[string]any `json:"error"`
	}
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &last); err != nil || last.Error == nil {
		return nil, fmt.Errorf("the last line of stderr is not a JSON error: %s", lines[len(lines)-1])
	}
	for key, value := range last.Error {
		if !slices.Contains([]string{"code", "message", "status", "request_id", "hint"}, key) {
			return nil, fmt.Errorf("unknown key error.%s", key)
		}
		if value == "" || value == nil {
			return nil, fmt.Errorf("error.%s is empty", key)
		}
	}
	if last.Error["code"] == nil || last.Error["message"] == nil {
		return nil, fmt.Errorf("code or message is missing: %v", last.Error)
	}
	return last.Error, nil
}

func scriptLastJSON(ts *testscript.TestScript, neg bool, args []string) {
	last, err := lastJSONError(ts.ReadFile("stderr"))
	ts.Check(err)
	for _, arg := range args {
		key, want, _ := strings.Cut(arg, "=")
		if got := fmt.Sprint(last[key]); (got == want) == neg {
			ts.Fatalf("error.%s is %q, want %q", key, got, want)
		}
	}
}

func scriptExit(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exit CODE COMMAND ARG...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	if got := exitCode(err); got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

func exitCode(err error) int {
	var exit interface{ ExitCode() int }
	switch {
	case err == nil:
		return 0
	case asExit(err, &exit):
		return exit.ExitCode()
	}
	return -1
}

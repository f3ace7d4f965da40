package cmd_test

import "testing"

// TestErrorText holds the check that scripts lean on to what it is there for.
func TestErrorText(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, stderr string
		asJSON, ok   bool
	}{
		{"one line", "gobiz: error: no such outlet\n", false, true},
		{"three lines", "gobiz: error: 404 Not found\n       request id 1\nhint: gobiz outlets list\n", false, true},
		{"notes before it", "live: 8 items\n  and more\ngobiz: error: not confirmed\n", false, true},
		{"nothing", "", false, false},
		{"no newline", "gobiz: error: x", false, false},
		{"another program's voice", "Error: x\n", false, false},
		{"too long", "gobiz: error: x\nhint: a\nhint: b\nhint: c\n", false, false},
		{"a line that is no part of it", "gobiz: error: x\nUsing config\n", false, false},
		{"usage", "gobiz: error: x\nUsage:\n", false, false},
		{"panic", "gobiz: error: x\ngoroutine 1 [running]:\n", false, false},
		{"full stop", "gobiz: error: It failed.\n", false, false},
		{"escape sequence", "gobiz: error: \x1b[31mred\n", false, false},
		{"JSON", `{"error":{"code":"usage","message":"x"}}` + "\n", true, true},
		{"JSON behind notes", "note\n" + `{"error":{"code":"usage","message":"x","status":404,"request_id":"1","hint":"y"}}` + "\n", true, true},
		{"JSON and more", `{"error":{"code":"usage","message":"x"}}` + "\nbye\n", true, false},
		{"JSON without a code", `{"error":{"message":"x"}}` + "\n", true, false},
		{"JSON with another key", `{"error":{"code":"usage","message":"x","detail":"y"}}` + "\n", true, false},
		{"JSON with an empty hint", `{"error":{"code":"usage","message":"x","hint":""}}` + "\n", true, false},
		{"text for JSON", "gobiz: error: x\n", true, false},
	} {
		if err := checkErrorText(tt.stderr, tt.asJSON); (err == nil) != tt.ok {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

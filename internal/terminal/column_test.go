package terminal

import (
	"context"
	"testing"
	"time"
)

func TestFields(t *testing.T) {
	type place struct {
		Line int `json:"line"`
	}
	type row struct {
		place
		Name   string    `json:"name,omitempty"`
		Note   *string   `json:"note"`
		Active bool      `json:"active"`
		Scopes []string  `json:"scopes"`
		At     time.Time `json:"at"`
	}
	s, _, out, _ := Test()
	p, err := NewPrinter(context.Background(), s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	note := "spicy"
	at := time.Date(2026, 1, 5, 12, 30, 0, 7, time.UTC)
	rows := []*row{{place{7}, "Nasi", &note, true, []string{"a", "b"}, at}, {place: place{1200}}}
	if err := Print(p, rows, Fields[*row]("name", "line", "note", "active", "scopes", "at")); err != nil {
		t.Fatal(err)
	}
	want := "name  line  note   active  scopes  at\n" +
		"Nasi     7  spicy  true    a b     2026-01-05T12:30:00Z\n" +
		"      1200         false           0001-01-01T00:00:00Z\n"
	if out.String() != want {
		t.Errorf("printed\n%s\nwant\n%s", out, want)
	}
	defer func() {
		if recover() == nil {
			t.Error("a field that does not exist was taken")
		}
	}()
	Resolve(Fields[row]("price"))
}

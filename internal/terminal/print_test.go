package terminal

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"
)

type dish struct {
	ID    string   `json:"id"`
	Name  string   `json:"name"`
	Price int64    `json:"price"`
	Note  *string  `json:"note"`
	Tags  []string `json:"tags"`
	Skip  int      `json:"skip,omitempty"`
}

var dishColumns = []Column[dish]{
	{Name: "id", Value: func(d dish) string { return d.ID }},
	{Name: "name", Value: func(d dish) string { return d.Name }},
	{Name: "price", Value: func(d dish) string { return Rupiah(d.Price) }, Align: AlignRight},
}

func dishes() []dish {
	return []dish{
		{ID: "MI-001", Name: "Bakmi <Ayam>", Price: 27000},
		{ID: "K1", Name: "烤鸭 e\u0301 👨‍👩‍👧", Price: 1_250_000, Tags: []string{"new"}},
		{ID: "", Name: "evil\x1b[31m\nline\u202e", Price: 0},
	}
}

func printed(t *testing.T, o Options, write func(*Printer) error) (out, errOut string, err error) {
	t.Helper()
	s, _, outBuf, errBuf := Test()
	p, err := NewPrinter(t.Context(), s, o)
	if err != nil {
		return "", "", err
	}
	p.Empty = "no dishes"
	err = write(p)
	return outBuf.String(), errBuf.String(), err
}

func TestPrintList(t *testing.T) {
	tests := []struct {
		options Options
		want    string
	}{
		{Options{}, "" +
			"id      name                price\n" +
			"MI-001  Bakmi <Ayam>    Rp 27.000\n" +
			"K1      烤鸭 e\u0301 👨‍👩‍👧     Rp 1.250.000\n" +
			"        evil\\nline           Rp 0\n"},
		{Options{Format: FormatCSV}, "" +
			"id,name,price\n" +
			"MI-001,Bakmi <Ayam>,Rp 27.000\n" +
			"K1,烤鸭 e\u0301 👨‍👩‍👧,Rp 1.250.000\n" +
			",\"evil\x1b[31m\nline\u202e\",Rp 0\n"},
		{Options{Format: FormatTSV}, "" +
			"id\tname\tprice\n" +
			"MI-001\tBakmi <Ayam>\tRp 27.000\n" +
			"K1\t烤鸭 e\u0301 👨‍👩‍👧\tRp 1.250.000\n" +
			"\tevil\x1b[31m\\nline\u202e\tRp 0\n"},
		{Options{Format: FormatNDJSON}, "" +
			`{"id":"MI-001","name":"Bakmi <Ayam>","price":27000,"note":null,"tags":[]}` + "\n" +
			`{"id":"K1","name":"烤鸭 ` + "e\u0301" + ` 👨‍👩‍👧","price":1250000,"note":null,"tags":["new"]}` + "\n" +
			`{"id":"","name":"evil\u001b[31m\nline\u202e","price":0,"note":null,"tags":[]}` + "\n"},
		{Options{JQ: ".[0] | .name, .price, ."}, "" +
			"Bakmi <Ayam>\n27000\n" +
			`{"id":"MI-001","name":"Bakmi <Ayam>","note":null,"price":27000,"tags":[]}` + "\n"},
		{Options{Format: FormatNDJSON, JQ: ".id"}, "MI-001\nK1\n\n"},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.options), func(t *testing.T) {
			out, errOut, err := printed(t, tt.options, func(p *Printer) error { return Print(p, dishes(), dishColumns) })
			if err != nil || errOut != "" {
				t.Fatalf("error %v, stderr %q", err, errOut)
			}
			// The table's second column is right-aligned by display width; the
			// gap is measured in the test below, not in bytes.
			if tt.options.Format == "" && tt.options.JQ == "" {
				compareTables(t, out, tt.want)
				return
			}
			if diff := cmp.Diff(tt.want, out); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// compareTables compares cells line by line, blanks folded.
func compareTables(t *testing.T, got, want string) {
	t.Helper()
	fold := func(s string) string {
		lines := strings.Split(s, "\n")
		for i, line := range lines {
			lines[i] = strings.Join(strings.Fields(line), " ")
		}
		return strings.Join(lines, "\n")
	}
	if diff := cmp.Diff(fold(want), fold(got)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestPrintJSONIsOneIndentedDocument(t *testing.T) {
	out, _, err := printed(t, Options{Format: FormatJSON}, func(p *Printer) error { return Print(p, dishes()[:1], dishColumns) })
	if err != nil {
		t.Fatal(err)
	}
	want := `[
  {
    "id": "MI-001",
    "name": "Bakmi <Ayam>",
    "price": 27000,
    "note": null,
    "tags": []
  }
]
`
	if diff := cmp.Diff(want, out); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestMachineFormatsKeepValues(t *testing.T) {
	for _, format := range []Format{FormatJSON, FormatYAML} {
		out, _, err := printed(t, Options{Format: format}, func(p *Printer) error { return Print(p, dishes(), dishColumns) })
		if err != nil {
			t.Fatal(err)
		}
		if strings.ContainsAny(out, "\x1b\u202e") {
			t.Errorf("%s holds characters a terminal acts on: %q", format, out)
		}
		var got []map[string]any
		if format == FormatJSON {
			err = json.Unmarshal([]byte(out), &got)
		} else {
			err = yaml.Load([]byte(out), &got)
		}
		if err != nil {
			t.Fatalf("%s does not parse: %v\n%s", format, err, out)
		}
		if got[2]["name"] != dishes()[2].Name || got[1]["name"] != dishes()[1].Name {
			t.Errorf("%s: values changed: %q", format, got)
		}
	}
}

func TestPrintYAML(t *testing.T) {
	type nested struct {
		Zeta  string         `json:"zeta"`
		Alpha []dish         `json:"alpha"`
		Empty map[string]int `json:"empty"`
		Code  string         `json:"code"`
		Rate  float64        `json:"rate"`
		On    bool           `json:"open"`
	}
	v := nested{Zeta: "yes", Alpha: dishes()[:1], Code: "0123", Rate: 0.5, On: true}
	out, _, err := printed(t, Options{Format: FormatYAML}, func(p *Printer) error { return PrintOne(p, v, []Column[nested]{}) })
	if err != nil {
		t.Fatal(err)
	}
	want := `zeta: "yes"
alpha:
  - id: MI-001
    name: Bakmi <Ayam>
    price: 27000
    note: null
    tags: []
empty: {}
code: "0123"
rate: 0.5
open: true
`
	if diff := cmp.Diff(want, out); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestTableColumnsLineUp(t *testing.T) {
	out, _, err := printed(t, Options{}, func(p *Printer) error {
		return Print(p, dishes(), []Column[dish]{
			{Name: "name", Value: func(d dish) string { return d.Name }},
			{Name: "mark", Value: func(dish) string { return "|" }},
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	// Columns of a terminal: two for each of 烤 and 鸭, none for the combining
	// accent, two for the whole family.
	want := "name          mark\n" +
		"Bakmi <Ayam>  |\n" +
		"烤鸭 e\u0301 👨‍👩‍👧     |\n" +
		"evil\\nline    |\n"
	if diff := cmp.Diff(want, out); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestTableKeepsBlanks(t *testing.T) {
	out, _, err := printed(t, Options{}, func(p *Printer) error { return Print(p, []dish{{ID: "  a b", Name: "c  "}}, dishColumns) })
	if want := "id     name  price\n  a b  c      Rp 0\n"; err != nil || out != want {
		t.Errorf("%v\n%q\nwant\n%q", err, out, want)
	}
}

func TestTableNeverTruncates(t *testing.T) {
	long := strings.Repeat("panjang ", 60) + "selesai"
	out, _, err := printed(t, Options{}, func(p *Printer) error { return Print(p, []dish{{ID: "X", Name: long}}, dishColumns) })
	if err != nil || !strings.Contains(out, long) || strings.Count(out, "\n") != 2 {
		t.Errorf("error %v, output %q", err, out)
	}
}

func TestEmptyList(t *testing.T) {
	tests := []struct {
		options     Options
		out, errOut string
	}{
		{Options{}, "", "no dishes\n"},
		{Options{Quiet: true}, "", ""},
		{Options{Format: FormatJSON}, "[]\n", ""},
		{Options{Format: FormatYAML}, "[]\n", ""},
		{Options{Format: FormatNDJSON}, "", ""},
		{Options{Format: FormatCSV}, "id,name,price\n", ""},
		{Options{Format: FormatTSV}, "id\tname\tprice\n", ""},
		{Options{JQ: "length"}, "0\n", ""},
	}
	for _, tt := range tests {
		for name, write := range map[string]func(*Printer) error{
			"slice":    func(p *Printer) error { return Print(p, []dish(nil), dishColumns) },
			"sequence": func(p *Printer) error { return PrintSeq(p, sequence[dish](nil, nil), dishColumns) },
		} {
			out, errOut, err := printed(t, tt.options, write)
			if err != nil || out != tt.out || errOut != tt.errOut {
				t.Errorf("%v %s: %q, %q, %v; want %q, %q", tt.options, name, out, errOut, err, tt.out, tt.errOut)
			}
		}
	}
}

func TestPrintOne(t *testing.T) {
	d := dishes()[0]
	for format, want := range map[Format]string{
		FormatTable:  "id     MI-001\nname   Bakmi <Ayam>\nprice  Rp 27.000\n",
		FormatCSV:    "id,name,price\nMI-001,Bakmi <Ayam>,Rp 27.000\n",
		FormatNDJSON: `{"id":"MI-001","name":"Bakmi <Ayam>","price":27000,"note":null,"tags":[]}` + "\n",
	} {
		out, _, err := printed(t, Options{Format: format}, func(p *Printer) error { return PrintOne(p, d, dishColumns) })
		if err != nil || out != want {
			t.Errorf("%s: %v\n%q\nwant\n%q", format, err, out, want)
		}
	}
}

func TestPrintDocumentAndItsRows(t *testing.T) {
	doc := map[string]any{"results": dishes()[:1], "summary": map[string]int{"pushed": 1}}
	write := func(p *Printer) error { return PrintDocument(p, doc, dishes()[:1], dishColumns) }
	out, _, err := printed(t, Options{JQ: ".summary.pushed"}, write)
	if err != nil || out != "1\n" {
		t.Errorf("jq: %q, %v", out, err)
	}
	out, _, err = printed(t, Options{Format: FormatCSV}, write)
	if err != nil || out != "id,name,price\nMI-001,Bakmi <Ayam>,Rp 27.000\n" {
		t.Errorf("csv: %q, %v", out, err)
	}
}

func sequence[T any](rows []T, err error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, row := range rows {
			if !yield(row, nil) {
				return
			}
		}
		if err != nil {
			var zero T
			yield(zero, err)
		}
	}
}

func TestSequenceThatFails(t *testing.T) {
	broken := errors.New("connection reset")
	for format, want := range map[Format]string{
		FormatTable:  "",
		FormatJSON:   "",
		FormatYAML:   "",
		FormatNDJSON: `{"id":"MI-001","name":"Bakmi <Ayam>","price":27000,"note":null,"tags":[]}` + "\n",
		FormatCSV:    "id,name,price\nMI-001,Bakmi <Ayam>,Rp 27.000\n",
		FormatTSV:    "id\tname\tprice\nMI-001\tBakmi <Ayam>\tRp 27.000\n",
	} {
		out, _, err := printed(t, Options{Format: format}, func(p *Printer) error {
			return PrintSeq(p, sequence(dishes()[:1], broken), dishColumns)
		})
		if !errors.Is(err, broken) || out != want {
			t.Errorf("%s: %q, %v; want %q", format, out, err, want)
		}
	}
}

func TestRowsLeaveWhenTheyArrive(t *testing.T) {
	for _, format := range []Format{FormatNDJSON, FormatCSV, FormatTSV} {
		s, _, out, _ := Test()
		p, err := NewPrinter(t.Context(), s, Options{Format: format})
		if err != nil {
			t.Fatal(err)
		}
		var before []bool
		err = PrintSeq(p, func(yield func(dish, error) bool) {
			for _, d := range dishes()[:2] {
				if !yield(d, nil) {
					return
				}
				before = append(before, strings.Contains(out.String(), d.ID))
			}
		}, dishColumns)
		if err != nil || !before[0] || !before[1] {
			t.Errorf("%s: %v, rows printed when the next was asked for: %v", format, err, before)
		}
	}
}

type fullDisk struct{}

var errFullDisk = errors.New("no space left on device")

func (fullDisk) Write([]byte) (int, error) { return 0, errFullDisk }

func TestWriteErrorsAreReported(t *testing.T) {
	for _, format := range Formats() {
		s, _, _, _ := Test()
		s.Out = fullDisk{}
		p, err := NewPrinter(t.Context(), s, Options{Format: format})
		if err != nil {
			t.Fatal(err)
		}
		for name, write := range map[string]func() error{
			"list":     func() error { return Print(p, dishes(), dishColumns) },
			"sequence": func() error { return PrintSeq(p, sequence(dishes(), nil), dishColumns) },
			"one":      func() error { return PrintOne(p, dishes()[0], dishColumns) },
		} {
			if err := write(); !errors.Is(err, errFullDisk) {
				t.Errorf("%s %s: %v", format, name, err)
			}
		}
	}
}

func TestUsageErrors(t *testing.T) {
	for name, o := range map[string]Options{
		"unknown format":    {Format: "xml"},
		"jq does not parse": {JQ: ".["},
		"jq unknown name":   {JQ: "nosuch"},
		"jq as csv":         {JQ: ".", Format: FormatCSV},
		"jq at run time":    {JQ: ".id"}, // the document is an array
	} {
		out, _, err := printed(t, o, func(p *Printer) error { return Print(p, dishes(), dishColumns) })
		var usage *UsageError
		if !errors.As(err, &usage) || usage.Hint == "" || out != "" {
			t.Errorf("%s: %v, stdout %q", name, err, out)
		}
	}
}

func TestJQSeesNoEnvironment(t *testing.T) {
	t.Setenv("GOBIZ_CLIENT_SECRET", "s3cret")
	out, _, err := printed(t, Options{JQ: "env, $ENV"}, func(p *Printer) error { return Print(p, dishes(), dishColumns) })
	if err != nil || out != "{}\n{}\n" {
		t.Errorf("%q, %v", out, err)
	}
}

func TestJQKeepsLongNumbers(t *testing.T) {
	long := map[string]any{"n": json.Number("12345678901234567890123")}
	for _, o := range []Options{{JQ: ".n"}, {Format: FormatNDJSON}, {Format: FormatYAML}} {
		out, _, err := printed(t, o, func(p *Printer) error { return PrintOne(p, long, nil) })
		if err != nil || strings.Trim(out, "{}\"n: \n") != "12345678901234567890123" || strings.Contains(out, `"1`) {
			t.Errorf("%v: %q, %v", o, out, err)
		}
	}
}

func TestJQStopsWithTheContext(t *testing.T) {
	s, _, _, _ := Test()
	expired, cancel := contextWithDeadline(t, time.Now().Add(-time.Second))
	defer cancel()
	p, err := NewPrinter(expired, s, Options{JQ: "last(repeat(1))"})
	if err != nil {
		t.Fatal(err)
	}
	if err := Print(p, dishes(), dishColumns); !errors.Is(err, expired.Err()) {
		t.Errorf("got %v", err)
	}
}

func TestTerminalOutputIsClean(t *testing.T) {
	for _, o := range []Options{{}, {Format: FormatJSON}, {Format: FormatYAML}, {Format: FormatNDJSON}, {Format: FormatCSV}, {Format: FormatTSV}, {JQ: ".[].name"}} {
		s, _, out, _ := Test()
		s.OutTTY = true
		p, err := NewPrinter(t.Context(), s, o)
		if err != nil {
			t.Fatal(err)
		}
		if err := Print(p, dishes(), dishColumns); err != nil {
			t.Fatal(err)
		}
		if strings.ContainsAny(out.String(), "\x1b\u202e\u0085") {
			t.Errorf("%v: %q", o, out)
		}
	}
}

func TestCSVReadsBack(t *testing.T) {
	values := []string{`=HYPERLINK("x")`, "a,b", `say "hi"`, "two\nlines", " blanks ", "", "-1"}
	var rows []dish
	for _, v := range values {
		rows = append(rows, dish{ID: "x", Name: v})
	}
	out, _, err := printed(t, Options{Format: FormatCSV}, func(p *Printer) error { return Print(p, rows, dishColumns) })
	if err != nil {
		t.Fatal(err)
	}
	records, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range values {
		if records[i+1][1] != v {
			t.Errorf("%q became %q", v, records[i+1][1])
		}
	}
}

func TestNotesAndWarnings(t *testing.T) {
	s, _, out, errOut := Test()
	p, err := NewPrinter(t.Context(), s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	p.Note("linked %s", "G1\x1b[31m\nG2")
	p.Warn("token expires %s", "soon")
	if err := p.Text("abc"); err != nil {
		t.Fatal(err)
	}
	if got, want := errOut.String(), "linked G1 G2\nwarning: token expires soon\n"; got != want {
		t.Errorf("stderr %q, want %q", got, want)
	}
	if out.String() != "abc\n" {
		t.Errorf("stdout %q", out)
	}
	errOut.Reset()
	if p, err = NewPrinter(t.Context(), s, Options{Quiet: true}); err != nil {
		t.Fatal(err)
	}
	p.Note("hidden")
	p.Warn("shown")
	if errOut.String() != "warning: shown\n" {
		t.Errorf("quiet: stderr %q", errOut)
	}
}

func TestColor(t *testing.T) {
	env := func(pairs ...string) func(string) string {
		return func(key string) string {
			for i := 0; i < len(pairs); i += 2 {
				if pairs[i] == key {
					return pairs[i+1]
				}
			}
			return ""
		}
	}
	for _, tt := range []struct {
		flag   bool
		getenv func(string) string
		want   bool
	}{
		{false, env(), false},
		{true, env(), true},
		{false, env("NO_COLOR", "1"), true},
		{false, env("TERM", "dumb"), true},
		{false, env("TERM", "xterm-256color"), false},
	} {
		if got := NoColor(tt.flag, tt.getenv); got != tt.want {
			t.Errorf("NoColor(%v) = %v", tt.flag, got)
		}
	}
	s, _, _, _ := Test()
	if got := s.OutStyle().Red("x"); got != "x" {
		t.Errorf("colour without a terminal: %q", got)
	}
	s.OutTTY = true
	if got := s.OutStyle().Red("x"); got != "\x1b[31mx\x1b[0m" {
		t.Errorf("no colour on a terminal: %q", got)
	}
	if got := s.ErrStyle().Bold("x"); got != "x" {
		t.Errorf("stderr is no terminal: %q", got)
	}
	s.NoColor = true
	if got := s.OutStyle().Red("x"); got != "x" {
		t.Errorf("NoColor ignored: %q", got)
	}
}

func TestRupiah(t *testing.T) {
	for amount, want := range map[int64]string{
		0: "Rp 0", 5: "Rp 5", 999: "Rp 999", 1000: "Rp 1.000", 25000: "Rp 25.000", 1234567: "Rp 1.234.567",
		-2000: "-Rp 2.000", -100: "-Rp 100", -9223372036854775808: "-Rp 9.223.372.036.854.775.808",
	} {
		if got := Rupiah(amount); got != want {
			t.Errorf("Rupiah(%d) = %q, want %q", amount, got, want)
		}
	}
}

func TestRelative(t *testing.T) {
	now := time.Date(2026, 1, 5, 10, 0, 0, 0, time.UTC)
	for d, want := range map[time.Duration]string{
		58 * time.Minute:                "in 58m",
		59*time.Minute + 59*time.Second: "in 59m",
		time.Hour:                       "in 1h",
		65 * time.Minute:                "in 1h 5m",
		90 * time.Second:                "in 1m 30s",
		-50 * time.Hour:                 "2d 2h ago",
		-3 * time.Second:                "3s ago",
		200 * time.Millisecond:          "now",
	} {
		if got := Relative(now.Add(d), now); got != want {
			t.Errorf("Relative(%v) = %q, want %q", d, got, want)
		}
	}
	if got := Relative(time.Time{}, now); got != "never" {
		t.Errorf("zero time: %q", got)
	}
	if got := Duration(950 * time.Millisecond); got != "950ms" {
		t.Errorf("Duration: %q", got)
	}
}

func TestProgress(t *testing.T) {
	s, _, out, errOut := Test()
	p := NewProgress(s, false)
	p.Update("waiting for %s", "G1\x1b[2J")
	p.Update("waiting for %s", "G1")
	p.Update("waiting for G2")
	p.Done()
	if got, want := errOut.String(), "waiting for G1\nwaiting for G2\n"; got != want || out.Len() > 0 {
		t.Errorf("no terminal: %q, want %q", got, want)
	}

	errOut.Reset()
	s.ErrTTY = true
	s.Width = func() int { return 12 }
	p = NewProgress(s, false)
	p.Update("waiting for the outlet")
	p.Line("G1 done")
	p.Done()
	p.Done()
	if got, want := errOut.String(), "waiting fo…\r\x1b[KG1 done\nwaiting fo…\r\x1b[K"; got != want {
		t.Errorf("terminal: %q, want %q", got, want)
	}

	errOut.Reset()
	p = NewProgress(s, true)
	p.Update("x")
	p.Line("y")
	p.Done()
	if errOut.Len() > 0 {
		t.Errorf("quiet: %q", errOut)
	}
}

func BenchmarkPrint5000Rows(b *testing.B) {
	rows := make([]dish, 5000)
	for i := range rows {
		rows[i] = dish{ID: fmt.Sprintf("MI-%05d", i), Name: "Nasi goreng spesial " + fmt.Sprint(i), Price: int64(i) * 500}
	}
	for _, format := range Formats() {
		b.Run(string(format), func(b *testing.B) {
			s, _, _, _ := Test()
			var out bytes.Buffer
			s.Out = &out
			p, err := NewPrinter(b.Context(), s, Options{Format: format})
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				out.Reset()
				if err := Print(p, rows, dishColumns); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

package gobiz_test

import (
	"math"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"github.com/gobiz-cli/gobiz/pkg/gobiz"
)

func TestRupiah(t *testing.T) {
	good := map[string]gobiz.Rupiah{
		`15000`: 15000, `15000.0`: 15000, `"15000"`: 15000, `"15000.00"`: 15000, `" 15000 "`: 15000, `1.5e4`: 15000, `"1.5E4"`: 15000,
		`0`: 0, `-500`: -500, `null`: 0, `""`: 0, `15000.4`: 15000, `15000.5`: 15001, `-0.6`: -1, `-0.4`: 0, `1e-9`: 0,
		`9007199254740993.0`: 9007199254740993, `9223372036854775807`: math.MaxInt64,
	}
	for text, want := range good {
		var got gobiz.Rupiah = 7
		if err := json.Unmarshal([]byte(text), &got); err != nil || got != want {
			t.Errorf("%s: %d, %v, want %d", text, got, err, want)
		}
	}
	for _, text := range []string{`"25,000"`, `"Rp 25.000"`, `"1.2.3"`, `"--1"`, `"NaN"`, `"Inf"`, `"0x10"`, `"1_000"`, `true`, `[]`, `{}`,
		`1e400`, `1e19`, `-1e19`, `9223372036854775808`, `9223372036854775807.5`, `"` + strings.Repeat("9", 1000) + `"`} {
		var got gobiz.Rupiah
		if err := json.Unmarshal([]byte(text), &got); err == nil {
			t.Errorf("%.40s was read as %d", text, got)
		} else if len(err.Error()) > 400 {
			t.Errorf("%.40s: error of %d bytes", text, len(err.Error()))
		}
	}
	out, err := json.Marshal(struct {
		A gobiz.Rupiah
		B gobiz.Number
	}{27000, 3})
	if string(out) != `{"A":27000,"B":3}` {
		t.Errorf("%s, %v", out, err)
	}
}

func TestTime(t *testing.T) {
	for text, unix := range map[string]int64{
		`"2026-01-05T03:00:00Z"`: 1767582000, `"2026-01-05T03:00:00.000000Z"`: 1767582000, `"2026-01-05T10:00:00+07:00"`: 1767582000, `"2026-01-05T10:00:00+0700"`: 1767582000,
	} {
		var got gobiz.Time
		if err := json.Unmarshal([]byte(text), &got); err != nil || got.Unix() != unix {
			t.Errorf("%s: %v, %v", text, got, err)
		}
		if out, err := json.Marshal(got); string(out) != text {
			t.Errorf("%s was written as %s, %v", text, out, err)
		}
	}
	for text, want := range map[string]string{`null`: `null`, `""`: `null`, `"yesterday"`: `"yesterday"`, `1767582000`: `"1767582000"`} {
		var got gobiz.Time
		if err := json.Unmarshal([]byte(text), &got); err != nil || !got.IsZero() {
			t.Errorf("%s: %v, %v", text, got, err)
		}
		if out, err := json.Marshal(got); string(out) != want {
			t.Errorf("%s was written as %s, %v", text, out, err)
		}
	}
}

func FuzzRupiah(f *testing.F) {
	for _, seed := range []string{`15000`, `15000.5`, `"15000.00"`, `1.5e4`, `-0.5`, `null`, `""`, `1e999999999`, `9223372036854775807.5`, `"\u0031"`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var got gobiz.Rupiah
		if json.Unmarshal(data, &got) != nil {
			return
		}
		out, err := json.Marshal(got)
		if err != nil {
			t.Fatal(err)
		}
		var again gobiz.Rupiah
		if err := json.Unmarshal(out, &again); err != nil || again != got {
			t.Errorf("%q: %d was written as %s and read as %d (%v)", data, got, out, again, err)
		}
		// A number that a float holds exactly must not have moved by more than half.
		var f float64
		if json.Unmarshal(data, &f) == nil && math.Abs(f) < 1<<52 && math.Abs(f-float64(got)) > 0.5 {
			t.Errorf("%q was read as %d", data, got)
		}
	})
}

package catalog

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// ruleNames gives the id of each rule once.
func ruleNames() []string {
	var names []string
	for _, r := range Rules() {
		if !slices.Contains(names, r.ID) {
			names = append(names, r.ID)
		}
	}
	return names
}

// exampleSets are the rule sets that examples are for, and what their files are
// called. A rule whose limits EIM shares needs no second example.
var exampleSets = []struct {
	set       RuleSet
	good, bad string
}{
	{Gofood, "good.yaml", "bad.yaml"},
	{EnterpriseRules, "good.enterprise.yaml", "bad.enterprise.yaml"},
}

// lintExample lints a file under testdata/rules, with made-up images.
func lintExample(t *testing.T, name string, data []byte, rule string, set RuleSet) Findings {
	t.Helper()
	source, findings := Lint(name, data, set)
	if rule == RuleImageFile {
		more, err := CheckImages(t.Context(), source, fakeImages(t))
		if err != nil {
			t.Fatal(err)
		}
		findings = append(findings, more...)
	}
	return findings
}

// wantedFindings are those that an example says it has: line:column, severity
// and path, each in a comment of its own.
func wantedFindings(bad []byte) (want []string) {
	for line := range strings.Lines(string(bad)) {
		if finding, ok := strings.CutPrefix(line, "# want "); ok {
			want = append(want, strings.TrimSpace(finding))
		}
	}
	return want
}

// Each bad.yaml begins with a line for each finding that it must have, at the
// place of the value that is wrong; each good.yaml has none.
func TestRules(t *testing.T) {
	for _, name := range ruleNames() {
		for _, example := range exampleSets {
			dir := filepath.Join("testdata", "rules", name)
			if _, err := os.Stat(filepath.Join(dir, example.bad)); example.set != Gofood && errors.Is(err, fs.ErrNotExist) {
				continue
			}
			t.Run(name+"/"+string(example.set), func(t *testing.T) {
				checkExamples(t, name, example.set, filepath.Join(dir, example.good), filepath.Join(dir, example.bad))
			})
		}
	}
}

func checkExamples(t *testing.T, name string, set RuleSet, goodFile, badFile string) {
	good, err := os.ReadFile(goodFile)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range lintExample(t, "good.yaml", good, name, set) {
		t.Errorf("%s [%s]", f.at("good.yaml"), f.Rule)
	}
	bad, err := os.ReadFile(badFile)
	if err != nil {
		t.Fatal(err)
	}
	want := wantedFindings(bad)
	var got []string
	for _, f := range lintExample(t, "bad.yaml", bad, name, set) {
		if f.Rule != name {
			t.Errorf("another rule: %s [%s]", f.at("bad.yaml"), f.Rule)
			continue
		}
		got = append(got, strings.TrimSpace(fmt.Sprintf("%d:%d %s %s", f.Line, f.Column, f.Severity, f.Path)))
		if rule(f.Rule, f.Severity, set) == nil {
			t.Errorf("the table has no %s %s", f.Rule, f.Severity)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" || len(want) == 0 {
		t.Errorf("-want +got\n%s", diff)
	}
}

// The examples cover every row of the table: each rule, in each severity, with
// the limits of each API.
func TestRulesHaveExamples(t *testing.T) {
	dirs, err := os.ReadDir(filepath.Join("testdata", "rules"))
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range dirs {
		if !slices.Contains(ruleNames(), dir.Name()) {
			t.Errorf("testdata/rules/%s is the example of no rule", dir.Name())
		}
	}
	for _, r := range Rules() {
		if r.Summary == "" || r.Hint == "" || strings.HasSuffix(r.Summary, ".") {
			t.Errorf("%+v", r)
		}
		example := exampleSets[0]
		if r.Set == EnterpriseRules {
			example = exampleSets[1]
		}
		bad, err := os.ReadFile(filepath.Join("testdata", "rules", r.ID, example.bad))
		if err != nil {
			t.Error(err)
		}
		if !slices.ContainsFunc(wantedFindings(bad), func(f string) bool { return strings.Fields(f)[1] == string(r.Severity) }) {
			t.Errorf("%s has no example of a %s in %s", r.ID, r.Severity, example.bad)
		}
	}
}

// fakeImages is what the examples' URLs lead to.
func fakeImages(t *testing.T) FetchImage {
	t.Helper()
	encode := func(w, h int, jpg bool) []byte {
		var b bytes.Buffer
		m := image.NewGray(image.Rect(0, 0, w, h))
		err := png.Encode(&b, m)
		if jpg {
			b.Reset()
			err = jpeg.Encode(&b, m, nil)
		}
		if err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	files := map[string][]byte{
		"square.png": encode(2, 2, false), "square.jpg": encode(2, 2, true), "wide.png": encode(3, 2, false),
		"large.png": append(encode(2, 2, false), make([]byte, MaxImageSize)...), "gif.png": []byte("GIF89a\x01\x00\x01\x00"),
		"damaged.jpg": encode(2, 2, true)[:10],
	}
	return func(_ context.Context, url string) ([]byte, error) {
		if data, ok := files[url[strings.LastIndex(url, "/")+1:]]; ok {
			return data, nil
		}
		return nil, errors.New("404 Not Found\x1b[31m")
	}
}

func TestCheckImagesAsksOnce(t *testing.T) {
	source := mustParse(t, "a.yaml", []byte(`
menus:
  - name: M
    menu_items:
      - {external_id: A, name: A, price: 1, image: "https://img.example.com/a.png"}
      - {external_id: B, name: B, price: 1, image: "https://img.example.com/a.png"}
      - {external_id: C, name: C, price: 1, image: "file:///etc/passwd"}
      - {external_id: D, name: D, price: 1}
      - {external_id: E, name: E, price: 1, image: "http://169.254.169.254/a.png"}
      - {external_id: F, name: F, price: 1, image: "https://img.example.com/a.webp"}
      - {external_id: G, name: G, price: 1, image: "https://img.example.com:22/a.png"}
`), Partner)
	asked := make(chan string, 10)
	findings, err := CheckImages(t.Context(), source, func(_ context.Context, url string) ([]byte, error) {
		asked <- url
		return nil, errors.New("down")
	})
	if err != nil || len(findings) != 2 || len(asked) != 1 || findings[0].Line != 5 || findings[1].Line != 6 {
		t.Errorf("%v, %v, asked %d times", findings, err, len(asked))
	}
	ctx, cancel := context.WithCancel(t.Context())
	_, err = CheckImages(ctx, source, func(context.Context, string) ([]byte, error) {
		cancel()
		return nil, ctx.Err()
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
}

// brief gives findings as place, severity, rule and path.
func brief(findings Findings) (out []string) {
	for _, f := range findings {
		out = append(out, fmt.Sprintf("%d:%d %s %s %s", f.Line, f.Column, f.Severity, f.Rule, f.Path))
	}
	return out
}

// Ids that nobody can tell apart are one id, wherever they stand.
func TestLookAlikeIDs(t *testing.T) {
	_, findings := Lint("menu.yaml", []byte(`menus:
  - name: Minuman
    menu_items:
      - {external_id: "B1", name: Teh, price: 5000, variant_category_external_ids: [VC, "VC "]}
      - {external_id: "B1 ", name: Teh Manis, price: 6000}
      - {external_id: "B1\u00a0", name: Teh Tawar, price: 7000}
  - name: Paket
    menu_items:
      - {external_id: "B\u00ad1", name: Teh Paket, price: 8000}
      - {external_id: b1, name: another in sight, price: 8000}
variant_categories:
  - {external_id: VC, name: A, rules: {selection: {min_quantity: 0, max_quantity: 1}}, variants: [{external_id: "V\u00e8", name: A, price: 0}]}
  - {external_id: "VC ", name: B, rules: {selection: {min_quantity: 0, max_quantity: 1}}, variants: [{external_id: "Ve\u0300", name: A, price: 0}]}
`), Gofood)
	var got []string
	for _, f := range findings {
		if f.Severity == SeverityError {
			got = append(got, fmt.Sprintf("%s %s: %s", f.Rule, f.Path, f.Message))
		}
	}
	want := []string{
		`duplicate-external-id menus[0].menu_items[1].external_id: "B1\u0020" looks like "B1", the external id of another item, on line 4`,
		`duplicate-external-id menus[0].menu_items[2].external_id: "B1\u00a0" looks like "B1", the external id of another item, on line 4`,
		`duplicate-external-id menus[1].menu_items[0].external_id: "B\u00ad1" looks like "B1", the external id of another item, on line 4`,
		`duplicate-external-id variant_categories[1].external_id: "VC\u0020" looks like "VC", the external id of another variant category, on line 12`,
		`duplicate-external-id variant_categories[1].variants[0].external_id: "Ve\u0300" looks like "V\u00e8", the external id of another variant, on line 12`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if _, warnings := findings.Count(); warnings < 5 {
		t.Errorf("%d warnings about what cannot be seen", warnings)
	}
}

func TestEnterpriseRules(t *testing.T) {
	var b strings.Builder
	fmt.Fprintf(&b, "menus:\n  - name: M\n    menu_items:\n")
	for i := range 101 {
		fmt.Fprintf(&b, "      - {external_id: I-%d, name: N%[1]d, price: 13200.5}\n", i)
	}
	fmt.Fprintf(&b, "  - name: L\n    menu_items:\n      - {external_id: A, price: 1, name: %s, description: %s}\n", strings.Repeat("n", 250), strings.Repeat("d", 250))
	fmt.Fprintf(&b, "      - {external_id: B, price: 1, name: %s, description: %s, variant_category_external_ids: [V]}\n", strings.Repeat("n", 251), strings.Repeat("d", 251))
	fmt.Fprintf(&b, "variant_categories:\n  - {external_id: V, name: V, rules: {selection: {min_quantity: 5, max_quantity: 1}}, variants: []}\n")
	_, findings := Lint("a.yaml", []byte(b.String()), EnterpriseRules)
	want := []string{
		"4:7 error items-per-menu menus[0].menu_items",
		"108:42 error item-name-length menus[1].menu_items[1].name",
		"108:308 error description-length menus[1].menu_items[1].description",
		"108:592 error unknown-key menus[1].menu_items[1].variant_category_external_ids",
		"110:5 error unknown-key variant_categories[0]",
	}
	if diff := cmp.Diff(want, brief(findings)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	for _, f := range findings {
		if f.Hint == "" {
			t.Errorf("%v has no hint", f)
		}
	}
}

func TestMoreOfTheRules(t *testing.T) {
	tests := []struct {
		name, yaml string
		want       []string
	}{
		{"no menu", "menus: []\n", []string{"1:8 error empty-catalog menus"}},
		{"null menus", "menus:\n", []string{"1:7 error required menus"}},
		{"a price that cannot be read is one mistake", "menus:\n  - name: M\n    menu_items:\n      - {external_id: A, name: N, price: x}\n", []string{"4:42 error type menus[0].menu_items[0].price"}},
		{"duplicates among variants and categories", `
menus: [{name: M, menu_items: [{external_id: A, name: N, price: 1, variant_category_external_ids: [C, C]}]}]
variant_categories:
  - &c {external_id: C, name: C, rules: {selection: {min_quantity: 0, max_quantity: 1}}, variants: [{external_id: V, name: V, price: 0}]}
  - {external_id: C, name: C, rules: {selection: {min_quantity: 0, max_quantity: 1}}, variants: [{external_id: V, name: V, price: 0}]}
`, []string{
			"2:103 error duplicate-external-id menus[0].menu_items[0].variant_category_external_ids[1]",
			"5:19 error duplicate-external-id variant_categories[1].external_id",
			"5:112 error duplicate-external-id variant_categories[1].variants[0].external_id",
		}},
		{"an alias is told once", `
defaults:
  operational_hours: &h
    monday: ["10:00-12:00", "11:00-13:00"]
menus:
  - name: M
    menu_items:
      - {external_id: A, name: A, price: 1, operational_hours: *h}
      - {external_id: B, name: B, price: 1, operational_hours: *h}
`, []string{"4:29 error hours-overlap defaults.operational_hours.monday[1]"}},
		{"the night's early hours overlap the day's own", `
menus:
  - name: M
    menu_items:
      - external_id: A
        name: A
        price: 1
        operational_hours:
          saturday: "17:00-02:00"
          sunday: ["01:00-09:00", "10:00-12:00"]
`, []string{"10:20 error hours-overlap menus[0].menu_items[0].operational_hours.sunday[1]"}},
		{"a window of no length", "menus: [{name: M, menu_items: [{external_id: A, name: A, price: 1, operational_hours: {monday: \"10:00-10:00\"}}]}]\n",
			[]string{"1:96 error hours-order menus[0].menu_items[0].operational_hours.monday[0]"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, findings := Lint("a.yaml", []byte(tt.yaml), Gofood)
			if diff := cmp.Diff(tt.want, brief(findings)); diff != "" {
				t.Errorf("-want +got\n%s\n%v", diff, findings)
			}
		})
	}
}

func TestImageHosts(t *testing.T) {
	for raw, public := range map[string]bool{
		"https://img.example.test/mi.png": true, "HTTPS://IMG.EXAMPLE.COM/MI.JPEG": true, "http://8.8.8.8/a": true, "https://[2606:4700::1111]/a.png": true,
		"https://storage/a.png": false, "https://a.internal/a.png": false, "http://127.0.0.1/a.png": false, "http://[::1]/a.png": false, "http://10.0.0.1/a": false,
		"http://169.254.169.254/a": false, "http://100.64.0.1/a": false, "http://[::ffff:10.0.0.1]/a": false, "http://0x7f.1/a": false, "http://127.1/a": false,
		"https://u:p@img.example.com/a.png": false, "//img.example.com/a.png": false, "img.png": false, "https://": false, "http://a.example.com:8080/a": false,
		"data:image/png;base64,AAAA": false, "https://img.example.com/a.svg": false, "https://img.example.com/é%20ß.png": true, "https://img.example.com/a b.png": false,
	} {
		if err := CheckImageURL(raw); (err == nil) != public {
			t.Errorf("%s: %v", raw, err)
		}
	}
}

// What a fetcher refuses or drops is found, with the URL that it takes.
func TestImageURLEscapes(t *testing.T) {
	for raw, hint := range map[string]string{
		"https://img.example.com/mi goreng.jpg":           "write https://img.example.com/mi%20goreng.jpg",
		" https://img.example.com/a.png\t":                "write https://img.example.com/a.png",
		"https://img.example.com/a\u00a0\u200bb.png?x=\n": "write https://img.example.com/a%C2%A0%E2%80%8Bb.png?x=",
		"HTTPS://img.example.com/\u00ad\ufe0f.png":        "write HTTPS://img.example.com/%C2%AD%EF%B8%8F.png",
		"https://img.exa\u200bmple.com/a.png":             "delete it",
		"https://img.exa mple.com/a.png":                  "delete it",
	} {
		file := mustParse(t, "a.yaml", []byte(item("        price: 1\n        image: "+strconv.Quote(raw)+"\n")), Partner)
		findings := Check(file, Gofood)
		if len(findings) != 1 || findings[0].Rule != RuleImageURL || findings[0].Hint != hint || findings[0].Line != 7 {
			t.Errorf("%q: %+v", raw, findings)
		}
		if to, ok := strings.CutPrefix(hint, "write "); ok && CheckImageURL(to) != nil {
			t.Errorf("%q: the hint does not help: %v", raw, CheckImageURL(to))
		}
	}
}

// A file may be wrong everywhere: all of it is told, up to a bound.
func TestTenThousandProblems(t *testing.T) {
	const problems = 10_000
	var b strings.Builder
	b.WriteString("menus:\n  - name: M\n    menu_items:\n")
	for i := range problems / 2 {
		fmt.Fprintf(&b, "      - {external_id: I-%d, name: N, price: -1, image: \"ftp://x\"}\n", i)
	}
	_, findings := Lint("a.yaml", []byte(b.String()), Gofood)
	errors, _ := findings.Count()
	if errors != problems {
		t.Errorf("%d errors, want %d", errors, problems)
	}
	// Ten times as many: the list ends, and so does what it costs.
	file := func(line string) []byte { return []byte("menus:\n" + strings.Repeat(line, 10*problems)) }
	good, bad := file("  - {name: M  }\n"), file("  - {nam: M, x}\n")
	without := allocations(func() { Parse("a.yaml", good, Partner) })
	with := allocations(func() { _, findings = Lint("a.yaml", bad, Gofood) })
	if len(findings) < MaxFindings || len(findings) > 2*MaxFindings {
		t.Errorf("%d findings", len(findings))
	}
	if with > 3*without {
		t.Errorf("%d bytes were allocated with problems, %d without", with, without)
	}
}

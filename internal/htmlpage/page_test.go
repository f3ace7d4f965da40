package htmlpage

import (
	"strings"
	"testing"
)

func TestTextIsEscaped(t *testing.T) {
	var p Page
	p.Add(`<p title="{}">{}</p>`, `" onclick="alert(1)`, `<script>alert('1')</script> & more`)
	var b strings.Builder
	if _, err := p.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	want := `<p title="&#34; onclick=&#34;alert(1)">&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &amp; more</p>`
	if b.String() != want {
		t.Errorf("wrote %s, want %s", b.String(), want)
	}
}

func TestTextHasNoPlace(t *testing.T) {
	for _, m := range []markup{
		`<a href="{}">x</a>`,
		`<a href="/{}">x</a>`,
		`<form action="{}">`,
		`<p onclick="{}">`,
		`<p style="color: {}">`,
		`<p {}>`,
		`<{}>`,
		`</{}>`,
		`<p title={}>`,
		`<p title='{}'>`,
		`<p title="x" {}>`,
		`<p title="x"{}>`,
		`<style>{}</style>`,
		`<SCRIPT>{}</SCRIPT>`,
		`<!-- {} -->`,
	} {
		if !panics(func() { new(Page).Add(m, "text") }) {
			t.Errorf("text was taken into %s", m)
		}
	}
	for _, m := range []markup{`<p title="`, `<p`, `<!--`, `<style>`} {
		if !panics(func() { new(Page).Add(m) }) {
			t.Errorf("%s was taken", m)
		}
	}
	if !panics(func() { new(Page).Add(`<p>{}</p>`) }) || !panics(func() { new(Page).Add(`<p></p>`, "text") }) {
		t.Error("a wrong number of texts was taken")
	}
}

func panics(do func()) (failed bool) {
	defer func() { failed = recover() != nil }()
	do()
	return false
}

package cleantext

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestText(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"plain", "Nasi Goreng", "Nasi Goreng"},
		{"accents and scripts stay", "é ß 日本語 नमस्ते", "é ß 日本語 नमस्ते"},
		{"emoji family keeps its joiners", "👨‍👩‍👧 ❤️", "👨‍👩‍👧 ❤️"},
		{"colour", "\x1b[31mred\x1b[0m", "red"},
		{"cursor and erase", "a\x1b[2K\x1b[1;1Hb", "ab"},
		{"window title, BEL", "a\x1b]0;evil\x07b", "ab"},
		{"hyperlink, ST", "\x1b]8;;http://evil.test\x1b\\text\x1b]8;;\x1b\\", "text"},
		{"unterminated OSC hides nothing", "a\x1b]0;rest of the text", "a0;rest of the text"},
		{"OSC does not run into the next line", "a\x1b]0;x\nb\x07c", "a0;x bc"},
		{"character set", "a\x1b(Bb", "ab"},
		{"eight-bit CSI", "a\u009b31mb", "ab"},
		{"lone escape at the end", "a\x1b", "a"},
		{"carriage return overwrites nothing", "real\rfake", "real fake"},
		{"line breaks and tabs", "a\r\nb\nc\td", "a b c d"},
		{"bell, backspace, NUL, DEL", "a\a\b\x00\x7fb", "ab"},
		{"bidi override", "a\u202egpj.exe\u202c\u2066b\u2069", "agpj.exeb"},
		{"zero width", "a\u200bb\ufeffc\u2060d", "abcd"},
		{"invalid UTF-8", "a\xff\xc3b", "a\ufffd\ufffdb"},
		{"tag characters", "a\U000e0041b", "ab"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Text(tt.in); got != tt.want {
				t.Errorf("Text(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func TestCleanLinesKeepsLineFeeds(t *testing.T) {
	if got, want := Lines("a\r\nb\x1b[1m\nc\u2028d\te"), "a\nb\nc\nd e"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestCleanCellShowsLineBreaks(t *testing.T) {
	if got, want := Cell("a\nb\tc"), `a\nb\tc`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func FuzzClean(f *testing.F) {
	for _, s := range []string{"", "a\x1b[31mb", "\x1b]0;t\x07", "\x1bP q\x1b\\", "\u009b1m", "\xff\x1b", "\x1b\x1b[[mm", "👨‍👩‍👧\u202e"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Text(s)
		for _, r := range got {
			if unicode.IsControl(r) || Unsafe(r) {
				t.Fatalf("Text(%q) = %q holds %U", s, got, r)
			}
		}
		if !utf8.ValidString(got) {
			t.Fatalf("Text(%q) = %q is not valid UTF-8", s, got)
		}
		if again := Text(got); again != got {
			t.Fatalf("not idempotent: %q, then %q", got, again)
		}
		if strings.ContainsFunc(Lines(s), func(r rune) bool { return r != '\n' && unicode.IsControl(r) }) {
			t.Fatalf("Lines(%q) = %q", s, Lines(s))
		}
	})
}

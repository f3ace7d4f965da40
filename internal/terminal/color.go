package terminal

// NoColor reports whether colour is unwanted on every stream: by the flag
// --no-color, by a NO_COLOR that is not empty (https://no-color.org), or
// because the terminal cannot (TERM=dumb). getenv is usually os.Getenv.
func NoColor(flag bool, getenv func(string) string) bool {
	return flag || getenv("NO_COLOR") != "" || getenv("TERM") == "dumb"
}

// A Style marks text on one stream, and leaves it alone where colour is off.
// Pass foreign text through [Clean] first: an escape sequence inside would end
// the style early.
type Style struct{ on bool }

// OutStyle is the style for standard output.
func (s *Streams) OutStyle() Style { return Style{on: s.OutTTY && !s.NoColor} }

// ErrStyle is the style for standard error.
func (s *Streams) ErrStyle() Style { return Style{on: s.ErrTTY && !s.NoColor} }

// Bold sets text in bold.
func (st Style) Bold(text string) string { return st.sgr("1", text) }

// Faint sets text in a weaker shade.
func (st Style) Faint(text string) string { return st.sgr("2", text) }

// Red marks an error.
func (st Style) Red(text string) string { return st.sgr("31", text) }

// Green marks success.
func (st Style) Green(text string) string { return st.sgr("32", text) }

// Yellow marks a warning.
func (st Style) Yellow(text string) string { return st.sgr("33", text) }

// Cyan marks what can be typed or followed.
func (st Style) Cyan(text string) string { return st.sgr("36", text) }

func (st Style) sgr(code, text string) string {
	if !st.on || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

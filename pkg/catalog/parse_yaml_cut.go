package catalog

import "bytes"

// cutKeys begin the long lists of a catalog, each on a line of its own.
var cutKeys = [...]string{"menu_items:", "variant_categories:"}

// A yamlCut is a YAML file whose long lists are cut into runs of elements. What
// is left has a placeholder, "- ~", for each run, and as many lines as the file.
//
// The cut is a guess by lines: the library decides whether a placeholder stands
// where an element may stand, and whether a run is whole elements.
type yamlCut struct {
	rest  []byte
	marks int // of rest, see yamlMarks
	runs  []yamlRun
}

// A yamlRun is the lines of one or more elements of a list in block style.
type yamlRun struct {
	text   []byte
	line   int // its first, in the file
	indent int // of its dashes, in bytes
	count  int // of elements, by their dashes
}

// placeholder is the place of the ~ that stands for the run.
func (run *yamlRun) placeholder() Position { return Position{run.line, run.indent + 3} }

// cutYAML cuts a file into runs of about size bytes. It gives nil for a file that
// has no list to cut, or that has something that would count lines and columns
// otherwise, or that changes how the text behind it is read.
func cutYAML(data []byte, size int) *yamlCut {
	// Line breaks that only YAML knows, a mark that it skips.
	for _, s := range []string{"\u0085", "\u2028", "\u2029", "\ufeff"} {
		if bytes.Contains(data, []byte(s)) {
			return nil
		}
	}
	if bytes.Count(data, []byte("\r")) != bytes.Count(data, []byte("\r\n")) {
		return nil
	}
	c := yamlCutter{size: size, cut: &yamlCut{}}
	for start, line := 0, 1; start < len(data); line++ {
		end := len(data)
		if i := bytes.IndexByte(data[start:], '\n'); i >= 0 {
			end = start + i + 1
		}
		if !c.line(data[:end], start, line) {
			return nil
		}
		start = end
	}
	c.close(data)
	if len(c.cut.runs) == 0 {
		return nil
	}
	return c.cut
}

// yamlCutter goes through a file by lines.
type yamlCutter struct {
	size    int
	cut     *yamlCut
	promise bool // the last line but comments was the key of a list
	inside  bool // of a list; run is the run that the line before belongs to
	run     yamlRun
	start   int // of the run, in the file
}

// line takes the line that begins at start and is the last one of text.
func (c *yamlCutter) line(text []byte, start, number int) bool {
	content := bytes.TrimLeft(text[start:], " ")
	indent := len(text) - start - len(content)
	switch {
	case len(content) == 0, content[0] == '\n', content[0] == '\r', content[0] == '#':
		if !c.inside {
			c.keep(text[start:])
		}
		return true
	case content[0] == '\t', content[0] == '%' && indent == 0: // a directive
		return false
	}
	if c.inside && indent > c.run.indent {
		return true
	}
	element := startsElement(content)
	switch {
	case c.inside && element && indent == c.run.indent:
		if start-c.start < c.size {
			c.run.count++
			return true
		}
		c.close(text[:start])
	case c.promise && element:
	default:
		c.close(text[:start])
		c.promise = startsList(content)
		c.keep(text[start:])
		return true
	}
	c.inside, c.promise = true, false
	c.run, c.start = yamlRun{line: number, indent: indent, count: 1}, start
	return true
}

// keep leaves a line as it is.
func (c *yamlCutter) keep(line []byte) {
	c.cut.rest = append(c.cut.rest, line...)
	c.cut.marks += yamlMarks(line)
}

// close ends the run where the text ends, and puts its placeholder down.
func (c *yamlCutter) close(text []byte) {
	if !c.inside {
		return
	}
	c.inside = false
	c.run.text = text[c.start:]
	c.cut.runs = append(c.cut.runs, c.run)
	c.cut.rest = append(c.cut.rest, bytes.Repeat([]byte(" "), c.run.indent)...)
	c.cut.rest = append(c.cut.rest, "- ~"...)
	c.cut.rest = append(c.cut.rest, bytes.Repeat([]byte("\n"), bytes.Count(c.run.text, []byte("\n")))...)
}

// startsElement finds the dash of a block sequence.
func startsElement(content []byte) bool {
	return content[0] == '-' && (len(content) == 1 || content[1] == ' ' || content[1] == '\n' || content[1] == '\r')
}

// startsList finds a line that has nothing but the key of a long list, perhaps
// as the first key of its menu.
func startsList(content []byte) bool {
	for startsElement(content) {
		if content = bytes.TrimLeft(content[1:], " "); len(content) == 0 {
			return false
		}
	}
	for _, key := range cutKeys {
		if rest, found := bytes.CutPrefix(content, []byte(key)); found {
			rest = bytes.TrimLeft(rest, " ")
			return len(rest) == 0 || rest[0] == '\n' || rest[0] == '\r' || rest[0] == '#'
		}
	}
	return false
}

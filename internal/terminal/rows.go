package terminal

import (
	"encoding/csv"
	"io"
	"strings"

	"github.com/gobiz-cli/gobiz/internal/cleantext"
)

// rowWriter streams rows in one of the formats made of lines.
type rowWriter[T any] interface {
	write(T) error
	flush() error // what has been written so far reaches the writer below
	end() error   // writes the header when no row has, and flushes
}

func newRowWriter[T any](p *Printer, out io.Writer, columns []Column[T]) rowWriter[T] {
	clean := func(s string) string { return s }
	if p.streams.OutTTY {
		clean = cleantext.Cell
	}
	if p.format != FormatNDJSON {
		columns = Resolve(columns)
	}
	switch p.format {
	case FormatCSV:
		w := csv.NewWriter(out)
		w.UseCRLF = false // RFC 4180 readers take both; line tools on Unix only this
		return &cellRows[T]{columns: columns, clean: clean, line: w.Write, flushed: func() error { w.Flush(); return w.Error() }}
	case FormatTSV:
		return &cellRows[T]{columns: columns, clean: clean, line: func(cells []string) error { return writeTSV(out, cells) }}
	}
	return &jsonRows[T]{p: p, out: out}
}

// cellRows writes a header and then cells. Values are data and stay as they
// are: a cell that begins with "=" is not changed here, since a program that
// reads the output would get something else than the API said. On a terminal
// control characters are cleaned.
type cellRows[T any] struct {
	columns []Column[T]
	clean   func(string) string
	line    func([]string) error
	flushed func() error
	header  bool
	cells   []string
}

func (c *cellRows[T]) write(row T) error {
	if err := c.writeHeader(); err != nil {
		return err
	}
	c.cells = c.cells[:0]
	for _, column := range c.columns {
		c.cells = append(c.cells, c.clean(column.Value(row)))
	}
	return c.line(c.cells)
}

func (c *cellRows[T]) writeHeader() error {
	if c.header {
		return nil
	}
	c.header = true
	for _, column := range c.columns {
		c.cells = append(c.cells, column.Name)
	}
	return c.line(c.cells)
}

func (c *cellRows[T]) flush() error {
	if c.flushed == nil {
		return nil
	}
	return c.flushed()
}

func (c *cellRows[T]) end() error { return firstError(c.writeHeader(), c.flush()) }

// tsvEscapes are those of jq's @tsv, so that a row is always one line.
var tsvEscapes = strings.NewReplacer(`\`, `\\`, "\t", `\t`, "\n", `\n`, "\r", `\r`)

// writeTSV writes a line, and escapes the cells in place.
func writeTSV(w io.Writer, cells []string) error {
	for i, cell := range cells {
		cells[i] = tsvEscapes.Replace(cell)
	}
	_, err := io.WriteString(w, strings.Join(cells, "\t")+"\n")
	return err
}

// jsonRows writes one JSON value a line, or what the jq filter makes of it.
type jsonRows[T any] struct {
	p   *Printer
	out io.Writer
}

func (j *jsonRows[T]) write(row T) error {
	data, err := marshal(row, false)
	if err != nil {
		return err
	}
	if j.p.filter != nil {
		return j.p.filter.run(j.p.ctx, j.out, data, j.p.streams.OutTTY)
	}
	_, err = j.out.Write(append(data, '\n'))
	return err
}

func (j *jsonRows[T]) flush() error { return nil }
func (j *jsonRows[T]) end() error   { return nil }

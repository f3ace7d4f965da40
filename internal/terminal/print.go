package terminal

import (
	"bufio"
	"iter"

	"github.com/gobiz-cli/gobiz/internal/cleantext"
)

// Print writes a list. In json and yaml it is one array, never null; an empty
// list is a note alone in table format.
func Print[T any](p *Printer, rows []T, columns []Column[T]) error {
	return PrintDocument(p, rows, rows, columns)
}

// PrintDocument writes a result whose document is more than its rows, such as
// {results, summary}: json and yaml take document, the formats made of lines
// (table, ndjson, csv, tsv) take rows.
func PrintDocument[T any](p *Printer, document any, rows []T, columns []Column[T]) error {
	switch p.format {
	case FormatJSON, FormatYAML:
		return p.document(document)
	case FormatTable:
		return printTable(p, rows, columns)
	}
	out := bufio.NewWriter(p.streams.Out)
	w := newRowWriter(p, out, columns)
	for _, row := range rows {
		if err := w.write(row); err != nil {
			return firstError(err, out.Flush())
		}
	}
	return firstError(w.end(), out.Flush())
}

// PrintSeq writes a list whose rows arrive one after the other. ndjson, csv and
// tsv print each row as it comes and hold nothing; the other formats need all
// of them first, and print nothing when the sequence ends with an error. That
// error is returned as it is.
func PrintSeq[T any](p *Printer, rows iter.Seq2[T, error], columns []Column[T]) error {
	switch p.format {
	case FormatNDJSON, FormatCSV, FormatTSV:
	default:
		var all []T
		for row, err := range rows {
			if err != nil {
				return err
			}
			all = append(all, row)
		}
		return Print(p, all, columns)
	}
	out := bufio.NewWriter(p.streams.Out)
	w := newRowWriter(p, out, columns)
	for row, err := range rows {
		if err == nil {
			err = w.write(row)
		}
		// A reader behind a pipe sees the row now, not 4 KB later.
		if err = firstError(err, w.flush(), out.Flush()); err != nil {
			return err
		}
	}
	return firstError(w.end(), out.Flush())
}

// PrintOne writes a single object: in table format a line for each column, its
// name and its value.
func PrintOne[T any](p *Printer, value T, columns []Column[T]) error {
	if p.format == FormatTable {
		return printFields(p, value, columns)
	}
	return PrintDocument(p, value, []T{value}, columns)
}

func printTable[T any](p *Printer, rows []T, columns []Column[T]) error {
	if len(rows) == 0 {
		p.Note("%s", p.Empty)
		return nil
	}
	columns = Resolve(columns)
	header := make([]string, len(columns))
	aligns := make([]Align, len(columns))
	for i, c := range columns {
		header[i], aligns[i] = c.Name, c.Align
	}
	cells := make([][]string, len(rows))
	// One backing array: thousands of small slices would be most of the work.
	backing := make([]string, len(rows)*len(columns))
	for r, row := range rows {
		cells[r], backing = backing[:len(columns):len(columns)], backing[len(columns):]
		for i, c := range columns {
			cells[r][i] = cleantext.Cell(c.Value(row))
		}
	}
	return writeTable(p.streams.Out, header, cells, aligns)
}

func printFields[T any](p *Printer, value T, columns []Column[T]) error {
	cells := make([][]string, len(columns))
	for i, c := range Resolve(columns) {
		cells[i] = []string{c.Name, cleantext.Cell(c.Value(value))}
	}
	return writeTable(p.streams.Out, nil, cells, nil)
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

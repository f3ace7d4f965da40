package terminal

import (
	"io"
	"strings"

	"github.com/clipperhouse/displaywidth"
	"github.com/olekukonko/ll"
	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/tw"
)

// gutter stands between two columns.
const gutter = 2

// writeTable renders cells that are clean already. It never cuts, wraps or
// rewrites a cell, draws no lines, and leaves no blanks at the end of a line.
func writeTable(w io.Writer, header []string, rows [][]string, aligns []Align) error {
	asIs := tw.CellConfig{
		Formatting: tw.CellFormatting{AutoWrap: tw.WrapNone, AutoFormat: tw.Off},
		Padding:    tw.CellPadding{Global: tw.PaddingNone},
	}
	renderer := &columnRenderer{widths: columnWidths(header, rows), aligns: aligns}
	table := tablewriter.NewTable(w,
		tablewriter.WithRenderer(renderer),
		tablewriter.WithConfig(tablewriter.Config{
			Header:   asIs,
			Row:      asIs,
			Behavior: tw.Behavior{TrimSpace: tw.Off, TrimTab: tw.Off, TrimLine: tw.Off, AutoHide: tw.Off},
		}),
	)
	if header != nil {
		table.Header(header)
	}
	if err := table.Bulk(rows); err != nil {
		return err
	}
	err := table.Render()
	return firstError(renderer.err, err) // without what the library adds to it
}

// columnWidths measures in terminal columns: a CJK character or an emoji takes
// two, a combining mark none.
func columnWidths(header []string, rows [][]string) []int {
	var widths []int
	measure := func(row []string) {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], displaywidth.String(cell))
		}
	}
	measure(header)
	for _, row := range rows {
		measure(row)
	}
	return widths
}

// columnRenderer writes rows at widths that are known beforehand. The renderers
// that come with tablewriter measure by rune, which breaks emoji sequences, and
// measure each cell several times, which made a menu of 5,000 items slow.
type columnRenderer struct {
	w      io.Writer
	widths []int
	aligns []Align
	line   []byte
	err    error
}

var _ tw.Renderer = (*columnRenderer)(nil)

func (r *columnRenderer) Start(w io.Writer) error { r.w = w; return nil }

func (r *columnRenderer) Header(headers [][]string, _ tw.Formatting) {
	for _, header := range headers {
		r.writeLine(header)
	}
}

func (r *columnRenderer) Row(row []string, _ tw.Formatting) { r.writeLine(row) }

func (r *columnRenderer) Footer([][]string, tw.Formatting) {}
func (r *columnRenderer) Line(tw.Formatting)               {}
func (r *columnRenderer) Config() tw.Rendition             { return tw.Rendition{Borders: tw.BorderNone} }
func (r *columnRenderer) Logger(*ll.Logger)                {}
func (r *columnRenderer) Close() error                     { return r.err }

func (r *columnRenderer) writeLine(cells []string) {
	if r.err != nil {
		return
	}
	r.line = r.line[:0]
	blanks := 0
	for i, cell := range cells {
		space := r.widths[i] - displaywidth.String(cell)
		if r.align(i) == AlignRight {
			blanks, space = blanks+space, 0
		}
		if cell != "" {
			r.line = append(r.line, strings.Repeat(" ", blanks)...)
			r.line = append(r.line, cell...)
			blanks = 0
		}
		blanks += space + gutter
	}
	r.line = append(r.line, '\n')
	_, r.err = r.w.Write(r.line)
}

func (r *columnRenderer) align(column int) Align {
	if column < len(r.aligns) {
		return r.aligns[column]
	}
	return AlignLeft
}

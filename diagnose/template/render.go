package template

import (
	"strings"

	"github.com/whytls/whytls/parsers/shape"
)

// render writes the template with the text of its leading member.
func (r *row) render(sample shape.Sample) string {
	t := new(shape.Tokens)
	t.ReadSample(sample)
	var out []byte
	segment, at, position := -1, uint32(0), 0
	finish := func() {
		if segment >= 0 {
			out = shape.AppendConstant(out, t.Segments[segment].Text[at:])
		}
	}
	eachCell(t, func(c cell, from, to int, end uint32) {
		mine := &r.cells[position]
		position++
		if c.id&0xff == isName {
			return
		}
		for int(t.List[from].Segment) != segment {
			finish()
			segment++
			at = 0
			if name := t.Segments[segment].Name; name != nil {
				out = append(append(append(out, ' '), name...), '=')
			}
		}
		text := t.Segments[segment].Text
		out = shape.AppendConstant(out, text[at:t.List[from].Start])
		at = end
		switch {
		case mine.id != value && (c.id&0xff == isWord || c.kind == uint8(shape.Host)):
			out = append(out, text[t.List[from].Start:at]...)
		case mine.id != c.id || mine.form == mixed:
			out = append(append(append(out, '<'), mine.name()...), '>')
		default:
			defer func() {
				if n := t.List[to-1].End; n < end {
					out = shape.AppendConstant(out, text[n:end])
				}
			}()
			for i := from; i < to; i++ {
				tok := t.List[i]
				if i+1 < to && isSize(text[t.List[i+1].Start:t.List[i+1].End]) && t.List[i+1].Kind == shape.Word && tok.Values == 1 {
					if i > from {
						out = shape.AppendConstant(out, text[t.List[i-1].End:tok.Start])
					}
					out = append(out, "<size>"...)
					i++
					continue
				}
				if tok.Kind == shape.Word {
					out = shape.AppendConstant(out, text[t.List[i-1].End:tok.End])
					continue
				}
				if i > from {
					out = shape.AppendConstant(out, text[t.List[i-1].End:tok.Start])
				}
				out = shape.AppendPlaceholder(out, text[tok.Start:tok.End], tok)
			}
		}
	})
	for finish(); segment+1 < len(t.Segments); finish() {
		segment++
		at = 0
		if name := t.Segments[segment].Name; name != nil {
			out = append(append(append(out, ' '), name...), '=')
		}
	}
	return strings.TrimSpace(string(out))
}

// name is what the placeholder of the cell is called.
func (c *cell) name() string {
	switch {
	case c.kind == anyKind:
		return "value"
	case c.kind == uint8(shape.Word):
		return "word"
	}
	return shape.Kind(c.kind).String()
}

// isSize recognises the units of sizes that programs scale: the unit belongs to the value.
func isSize(word []byte) bool {
	switch string(word) {
	case "B", "KB", "MB", "GB", "TB", "kB", "KiB", "MiB", "GiB", "TiB":
		return true
	}
	return false
}

package terminal

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"

	"github.com/itchyny/gojq"
)

// filter is a compiled jq expression. It sees the value only: no environment,
// no files, no modules.
type filter struct{ code *gojq.Code }

func newFilter(expression string) (*filter, error) {
	query, err := gojq.Parse(expression)
	if err != nil {
		return nil, jqError("the jq expression does not parse", err)
	}
	code, err := gojq.Compile(query)
	if err != nil {
		return nil, jqError("the jq expression does not compile", err)
	}
	return &filter{code: code}, nil
}

// run prints each result on a line: a string without quotes, as gh does, any
// other value as compact JSON. Strings lose what a terminal would act on only
// when out is a terminal.
func (f *filter) run(ctx context.Context, out io.Writer, data []byte, tty bool) error {
	var input any
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber() // long ids keep all their digits
	if err := dec.Decode(&input); err != nil {
		return err
	}
	results := f.code.RunWithContext(ctx, input)
	for {
		v, ok := results.Next()
		if !ok {
			return nil
		}
		switch v := v.(type) {
		case error:
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if halt := (*gojq.HaltError)(nil); errors.As(v, &halt) && halt.Value() == nil {
				return nil
			}
			return jqError("the jq expression does not fit the data", v)
		case string:
			if tty {
				v = CleanLines(v)
			}
			if _, err := io.WriteString(out, v+"\n"); err != nil {
				return err
			}
		default:
			line, err := gojq.Marshal(v)
			if err != nil {
				return err
			}
			if _, err := out.Write(append(escapeUnsafe(line), '\n')); err != nil {
				return err
			}
		}
	}
}

func jqError(message string, err error) error {
	return &UsageError{
		Flag:    "jq",
		Message: message + ": " + Clean(err.Error()),
		Hint:    "run the command with -o json to see what the expression works on",
		Err:     err,
	}
}

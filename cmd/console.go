package cmd

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/gobiz-cli/gobiz/internal/terminal"
)

// console is what every command has: it prints results and notes, asks the user,
// and reads the files and the standard input that the arguments name.
type console struct {
	*terminal.Printer // of this command, in the format of its flags
	prompt            *terminal.Prompter
	workDir           func() (string, error)
}

// path places a path that a user typed: relative ones belong to the working
// directory of this run.
func (c *console) path(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	dir, err := c.workDir()
	if err != nil {
		return name
	}
	return filepath.Join(dir, name)
}

// readInput reads a file, or stdin for "-", as bytes and not beyond limit. Ctrl-C
// ends it, also while it waits for somebody to write.
func (c *console) readInput(ctx context.Context, path string, limit int64) ([]byte, error) {
	if path == "-" && c.Streams().InTTY {
		c.Note("reading from the terminal; end with Ctrl-D")
	}
	place := c.path(path)
	return unlessInterrupted(ctx, func() ([]byte, error) {
		if path == "-" {
			return readAll(c.Streams().In, path, limit)
		}
		file, err := os.Open(place)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", path, cause(err))
		}
		defer file.Close()
		if info, err := file.Stat(); err != nil {
			return nil, err
		} else if info.IsDir() {
			return nil, fmt.Errorf("read %s: it is a directory, a file is needed", path)
		}
		return readAll(file, path, limit)
	})
}

// unlessInterrupted returns what read gives, or the reason why ctx ended before.
// Opening a pipe that nobody writes to and reading from it cannot be broken off:
// read is left behind then, and ends with the process.
func unlessInterrupted[T any](ctx context.Context, read func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		value, err := read()
		done <- result{value, err}
	}()
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
		var none T
		return none, context.Cause(ctx)
	}
}

// readAll reads as much as limit; name is the path that messages have.
func readAll(in io.Reader, name string, limit int64) ([]byte, error) {
	size := sizeOf(in)
	var data bytes.Buffer
	if size <= limit {
		data.Grow(int(size) + bytes.MinRead) // once, where the size is known
		if _, err := data.ReadFrom(io.LimitReader(in, limit+1)); err != nil {
			return nil, fmt.Errorf("read %s: %w", inputName(name), cmp.Or(errors.Unwrap(err), err))
		}
	}
	if max(size, int64(data.Len())) > limit {
		return nil, &Error{Exit: exitInvalid, Code: "invalid_input", Message: fmt.Sprintf("%s is larger than %d MB", inputName(name), limit>>20), Err: errTooLarge}
	}
	return data.Bytes(), nil
}

// errTooLarge is an input beyond its limit.
var errTooLarge = errors.New("too large")

// sizeOf returns the size of a file, and 0 for what has none, such as a pipe.
func sizeOf(in io.Reader) int64 {
	if file, ok := in.(*os.File); ok {
		if info, err := file.Stat(); err == nil && info.Mode().IsRegular() {
			return info.Size()
		}
	}
	return 0
}

func inputName(path string) string {
	if path == "-" {
		return "stdin"
	}
	return path
}

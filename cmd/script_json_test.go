package cmd_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"
)

// scriptKeys holds the keys of an object in the JSON on stdout to a list, in its
// order.
func scriptKeys(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: keys PATH KEY...")
	}
	value, err := jsonAt([]byte(ts.ReadFile("stdout")), args[0])
	ts.Check(err)
	keys, err := keysOf(value)
	if err != nil {
		ts.Fatalf("%s: %v", args[0], err)
	}
	if !slices.Equal(keys, args[1:]) {
		ts.Fatalf("the keys of %s are\n  %s\nwant\n  %s", args[0], strings.Join(keys, " "), strings.Join(args[1:], " "))
	}
}

// scriptEqual holds the JSON on stdout to the value at a path of a file: the
// same values, whatever the order of their keys.
func scriptEqual(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: equal FILE PATH")
	}
	want, err := jsonAt([]byte(ts.ReadFile(args[0])), args[1])
	ts.Check(err)
	got, err := jsonAt([]byte(ts.ReadFile("stdout")), ".")
	ts.Check(err)
	var gotValue, wantValue any
	ts.Check(json.Unmarshal(got, &gotValue))
	ts.Check(json.Unmarshal(want, &wantValue))
	if diff := cmp.Diff(wantValue, gotValue); diff != "" {
		ts.Fatalf("stdout is not %s of %s (-want +got):\n%s", args[1], args[0], diff)
	}
}

// jsonAt follows a path such as .outlets.0 through a document, which must be
// the only one.
func jsonAt(document []byte, path string) (json.RawMessage, error) {
	decoder := json.NewDecoder(bytes.NewReader(document))
	var value json.RawMessage
	if err := decoder.Decode(&value); err != nil {
		return nil, fmt.Errorf("not JSON: %w", err)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, fmt.Errorf("more than one JSON document")
	}
	for step := range strings.SplitSeq(strings.Trim(path, "."), ".") {
		if step == "" {
			continue
		}
		if i, err := strconv.Atoi(step); err == nil {
			var list []json.RawMessage
			if err := json.Unmarshal(value, &list); err != nil || i >= len(list) {
				return nil, fmt.Errorf("%s: no element %d in %s", path, i, value)
			}
			value = list[i]
			continue
		}
		var object map[string]json.RawMessage
		if err := json.Unmarshal(value, &object); err != nil || object[step] == nil {
			return nil, fmt.Errorf("%s: no key %s in %s", path, step, value)
		}
		value = object[step]
	}
	return value, nil
}

// keysOf lists the keys of an object in their order.
func keysOf(object json.RawMessage) ([]string, error) {
	decoder := json.NewDecoder(bytes.NewReader(object))
	if open, err := decoder.Token(); err != nil || open != json.Delim('{') {
		return nil, fmt.Errorf("%s is not an object", object)
	}
	var keys []string
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		keys = append(keys, key.(string))
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return nil, err
		}
	}
	return keys, nil
}

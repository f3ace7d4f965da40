package catalog

import "iter"

// longList tells whether the list of a key is read one element at a time.
func longList(key string) bool { return key == "menu_items" || key == "variant_categories" }

// run checks a list and gives a node that reads it when its turn has come, one
// element at a time.
func (j *jsonNodes) run(depth int) (*node, error) {
	if _, err := j.dec.ReadToken(); err != nil {
		return nil, err
	}
	start := j.dec.Offset() - 1
	n := &node{kind: kindList, at: j.position(start)}
	if depth >= maxDepth {
		return nil, &limitError{n.at, tooDeep()}
	}
	left, count := j.values, 0
	for {
		if kind := j.dec.PeekKind(); kind == '}' || kind == ']' {
			if _, err := j.dec.ReadToken(); err != nil {
				return nil, err
			}
			break
		}
		j.values = left // one element is held at a time
		if err := j.skip(depth + 1); err != nil {
			return nil, err
		}
		count++
	}
	j.values = left
	n.items = []*node{{at: n.at, count: count, run: j.elements(start, j.dec.Offset(), n.at, depth)}}
	return n, nil
}

// skip finds the errors that node finds.
func (j *jsonNodes) skip(depth int) error {
	if err := j.count(); err != nil {
		return err
	}
	kind := j.dec.PeekKind()
	if kind != '{' && kind != '[' {
		_, err := j.dec.ReadValue()
		return err
	}
	if _, err := j.dec.ReadToken(); err != nil {
		return err
	}
	if depth >= maxDepth {
		return &limitError{j.position(j.dec.Offset() - 1), tooDeep()}
	}
	for {
		switch j.dec.PeekKind() {
		case '}', ']':
			_, err := j.dec.ReadToken()
			return err
		}
		if kind == '{' { // the name
			if err := j.skip(depth + 1); err != nil {
				return err
			}
		}
		if err := j.skip(depth + 1); err != nil {
			return err
		}
	}
}

// elements reads the elements of a list, from one byte to another.
func (j *jsonNodes) elements(start, end int, at Position, depth int) iter.Seq[*node] {
	values := j.values
	return func(yield func(*node) bool) {
		list := newJSONNodes(j.data[:end], start, at, values)
		_, err := list.dec.ReadToken()
		for err == nil && list.dec.PeekKind() != ']' {
			list.values = values
			var n *node
			if n, err = list.node(depth + 1); err == nil && !yield(n) {
				return
			}
		}
		if err != nil { // run has read the same without one
			j.failure = err
		}
	}
}

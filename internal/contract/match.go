package contract

import (
	"net/url"
	"slices"
	"strings"
)

// find returns the operation of a method and an escaped URL path with its path parameters, unescaped. When only the
// method is wrong it returns the methods that the path has.
func (d *document) find(method, escapedPath string) (op *operation, params map[string]string, allowed []string) {
	segments := strings.Split(escapedPath, "/")
	best := -1
	for _, candidate := range d.operations {
		values, fixed, ok := match(candidate.segments, segments)
		if !ok {
			continue
		}
		if candidate.Method != method {
			allowed = append(allowed, candidate.Method)
			continue
		}
		// "/orders/new" is closer than "/orders/{id}".
		if fixed > best {
			op, params, best = candidate, values, fixed
		}
	}
	slices.Sort(allowed)
	return op, params, slices.Compact(allowed)
}

// match compares a path with a template and counts the segments that are equal to the letter.
func match(template, path []string) (params map[string]string, fixed int, ok bool) {
	if len(template) != len(path) {
		return nil, 0, false
	}
	params = map[string]string{}
	for i, segment := range template {
		value, err := url.PathUnescape(path[i])
		if err != nil {
			return nil, 0, false
		}
		if strings.HasPrefix(segment, "{") && strings.HasSuffix(segment, "}") {
			if value == "" {
				return nil, 0, false
			}
			params[segment[1:len(segment)-1]] = value
			continue
		}
		if segment != value {
			return nil, 0, false
		}
		fixed++
	}
	return params, fixed, true
}

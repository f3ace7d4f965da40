package contract

import (
	"net/http"
	"strconv"
	"strings"
)

// CheckResponse judges the answer to req: the status must be documented for the operation, the headers and the body
// must follow it. It returns nil or one or several *Violation, joined. The operation counts as seen.
func (c *Contract) CheckResponse(req *http.Request, status int, header http.Header, body []byte) error {
	v := &verdict{base: Violation{Side: SideResponse, Call: req.Method + " " + req.URL.EscapedPath(), Status: status}}
	op, _, _ := c.doc.find(req.Method, req.URL.EscapedPath())
	if op == nil {
		if !c.responsesOnly {
			v.add("", "", "path or method is not documented", nil)
		} else if status != http.StatusNotFound && status != http.StatusMethodNotAllowed {
			v.add("", "", "an undocumented path or method must be answered with 404 or 405", nil)
		}
		return v.err()
	}
	v.base.Operation = op.ID
	c.seen.add(op.ID, status)
	r, ok := op.response(status)
	if !ok {
		v.add("", "", "status is not documented, documented: "+strings.Join(op.Statuses, ", "), nil)
		return v.err()
	}
	c.checkResponseHeaders(v, r, header)
	content, _ := r.node["content"].(node)
	switch {
	case len(body) > 0 && len(content) == 0:
		v.add("body", "", "no body is documented", string(body))
	case len(body) > 0:
		c.checkBody(v, r.node, r.at, header, body)
	case !c.emptyAllowed(content):
		v.add("body", "", "is empty", nil)
	}
	return v.err()
}

// response finds the documented response of a status: the exact one, its range (5XX), or the default.
func (op *operation) response(status int) (response, bool) {
	exact := strconv.Itoa(status)
	for _, key := range []string{exact, exact[:1] + "XX", "default"} {
		if r, ok := op.responses[key]; ok {
			return r, true
		}
	}
	return response{}, false
}

func (c *Contract) checkResponseHeaders(v *verdict, r response, header http.Header) {
	documented, _ := r.node["headers"].(node)
	for name, value := range documented {
		h, at, err := c.doc.resolve(value, join(r.at, "headers", name))
		if err != nil {
			v.add("header "+name, "", "the contract itself is broken: "+err.Error(), nil)
			continue
		}
		values := header.Values(name)
		required, _ := h["required"].(bool)
		switch {
		case len(values) == 0 && required:
			v.add("header "+name, "", "is required", nil)
		case len(values) > 1:
			v.add("header "+name, "", "stands more than once", values)
		case len(values) == 1:
			v.judge(c.doc, "header "+name, join(at, "schema"), values[0])
		}
	}
}

// emptyAllowed tells whether an answer may have no body: when none is documented, or one of no particular shape.
func (c *Contract) emptyAllowed(content node) bool {
	if len(content) == 0 {
		return true
	}
	for key, value := range content {
		media, _, err := c.doc.resolve(value, key)
		if err == nil && media["schema"] == nil {
			return true
		}
	}
	return false
}

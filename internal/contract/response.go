package contract

import (
	"cmp"
	"net/http"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
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
	response := cmp.Or(op.spec.Responses.Status(status), op.spec.Responses.Default())
	if response == nil {
		v.add("", "", "status is not documented, documented: "+strings.Join(op.Statuses, ", "), nil)
		return v.err()
	}
	c.checkResponseHeaders(v, response.Value.Headers, header)
	content := response.Value.Content
	switch {
	case len(body) > 0 && len(content) == 0:
		v.add("body", "", "no body is documented", string(body))
	case len(body) > 0:
		c.checkBody(v, content, header, body)
	case !emptyAllowed(content):
		v.add("body", "", "is empty", nil)
	}
	return v.err()
}

func (c *Contract) checkResponseHeaders(v *verdict, documented openapi3.Headers, header http.Header) {
	for name, h := range documented {
		values := header.Values(name)
		switch {
		case len(values) == 0 && h.Value.Required:
			v.add("header "+name, "", "is required", nil)
		case len(values) > 1:
			v.add("header "+name, "", "stands more than once", values)
		case len(values) == 1:
			v.judge(c.doc, "header "+name, h.Value.Schema, values[0])
		}
	}
}

// emptyAllowed reports whether an answer may have no body: when none is documented, or one of no particular shape.
func emptyAllowed(content openapi3.Content) bool {
	for _, media := range content {
		if media.Schema == nil {
			return true
		}
	}
	return len(content) == 0
}

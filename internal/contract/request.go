package contract

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// CheckRequest judges a request against the contract: path, method, host (when it is one of the documented ones), path, query and
// header parameters, credentials, Accept, content type and body. body holds the request's bytes; req.Body is not read.
// It returns nil or one or several *Violation, joined.
func (c *Contract) CheckRequest(req *http.Request, body []byte) error {
	if c.responsesOnly {
		return nil
	}
	v := &verdict{base: Violation{Side: SideRequest, Call: req.Method + " " + req.URL.EscapedPath()}}
	op, path, allowed := c.doc.find(req.Method, req.URL.EscapedPath())
	if op == nil {
		reason := "path is not documented"
		if allowed != nil {
			reason = "method is not documented, documented: " + strings.Join(allowed, ", ")
		}
		v.add("", "", reason, nil)
		return v.err()
	}
	v.base.Operation = op.ID
	c.checkHost(v, op, req)
	c.checkParameters(v, op, req, path)
	checkCredentials(v, op, req, body)
	checkAccept(v, op, req)
	c.checkRequestBody(v, op, req, body)
	return v.err()
}

func (c *Contract) checkHost(v *verdict, op *operation, req *http.Request) {
	host := req.URL.Host
	if host == "" {
		host = req.Host
	}
	if !c.doc.hosts[host] {
		return // a test server
	}
	if !op.hosts[host] {
		v.add("host", "", "this operation lives on another host", host)
	}
	if req.URL.Scheme != "" && req.URL.Scheme != "https" {
		v.add("host", "", "the documented hosts speak https only", req.URL.Scheme)
	}
}

func (c *Contract) checkParameters(v *verdict, op *operation, req *http.Request, path map[string]string) {
	query, err := url.ParseQuery(req.URL.RawQuery)
	if err != nil {
		v.add("query", "", "cannot be parsed: "+err.Error(), nil)
	}
	for _, ref := range op.parameters {
		p := ref.Value
		var values []string
		where := p.In + " " + p.Name
		switch p.In {
		case "path":
			values = []string{path[p.Name]}
		case "query":
			values = query[p.Name]
			delete(query, p.Name)
		case "header":
			values = req.Header.Values(p.Name)
		}
		switch {
		case len(values) == 0 && p.Required:
			v.add(where, "", "is required", nil)
		case len(values) > 1:
			v.add(where, "", "stands more than once", values)
		case len(values) == 1:
			v.judge(c.doc, where, p.Schema, textValue(values[0], p.Schema.Value.Type.Is("integer")))
		}
	}
	for name := range query {
		v.add("query "+name, "", "is not documented", nil)
	}
}

// textValue reads a parameter's text. An integer that is none stays text, so that the schema refuses it.
func textValue(text string, integer bool) any {
	if integer {
		if _, err := strconv.ParseInt(text, 10, 64); err == nil {
			return json.Number(text)
		}
	}
	return text
}

func checkCredentials(v *verdict, op *operation, req *http.Request, body []byte) {
	authorization := req.Header.Values("Authorization")
	if len(authorization) > 1 {
		v.add("header Authorization", "", "stands more than once", nil)
		return
	}
	value := strings.Join(authorization, "")
	switch {
	case len(op.Grants) > 0:
		token, ok := strings.CutPrefix(value, "Bearer ")
		if !ok || token == "" || strings.ContainsAny(token, " \t") {
			v.add("header Authorization", "", "must be Bearer and an access token", nil)
		}
	case op.ID == "createToken":
		// RFC 6749, 2.3: a client must not use more than one way to authenticate in one request.
		id, secret, basic := req.BasicAuth()
		form, _ := url.ParseQuery(string(body))
		inBody := form.Has("client_id") && form.Has("client_secret")
		switch {
		case value != "" && (!basic || id == "" || secret == ""):
			v.add("header Authorization", "", "must be Basic with client id and secret", nil)
		case value == "" && !inBody:
			v.add("body", "", "no client authentication: neither Basic nor client_id and client_secret", nil)
		case value != "" && (form.Has("client_id") || form.Has("client_secret")):
			v.add("body", "", "two client authentications: Basic and form fields", nil)
		}
	case value != "":
		v.add("header Authorization", "", "this operation takes no credentials", nil)
	}
}

// checkAccept wants the versioning media type where one is documented, and elsewhere a header that allows the
// documented answer, if there is a header at all.
func checkAccept(v *verdict, op *operation, req *http.Request) {
	accepted := strings.Join(req.Header.Values("Accept"), ",")
	if op.accept != "" {
		if !slices.ContainsFunc(strings.Split(accepted, ","), func(one string) bool { return mediaType(one) == op.accept }) {
			v.add("header Accept", "", "must name "+op.accept, accepted)
		}
		return
	}
	if accepted == "" {
		return
	}
	for status, response := range op.spec.Responses.Map() {
		if status[0] != '2' && status[0] != '3' {
			continue
		}
		for have := range response.Value.Content {
			for want := range strings.SplitSeq(accepted, ",") {
				if mediaTypeMatches(mediaType(want), have) {
					return
				}
			}
		}
	}
	v.add("header Accept", "", "excludes every documented answer", accepted)
}

func (c *Contract) checkRequestBody(v *verdict, op *operation, req *http.Request, body []byte) {
	if op.spec.RequestBody == nil {
		if len(body) > 0 {
			v.add("body", "", "no body is documented", string(body))
		}
		return
	}
	documented := op.spec.RequestBody.Value
	switch {
	case len(body) > 0:
		c.checkBody(v, documented.Content, req.Header, body)
	case documented.Required:
		v.add("body", "", "is required", nil)
	}
}

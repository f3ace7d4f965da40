package contract

import (
	"bytes"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// checkBody judges a body with the schema that content has for its media type.
func (c *Contract) checkBody(v *verdict, content openapi3.Content, header http.Header, body []byte) {
	contentType := header.Get("Content-Type")
	media := content.Get(mediaType(contentType))
	if media == nil {
		v.add("header Content-Type", "", "is not documented here", contentType)
		return
	}
	if media.Schema == nil {
		return
	}
	instance, err := decodeBody(mediaType(contentType), body)
	if err != nil {
		v.add("body", "", err.Error(), string(body))
		return
	}
	v.judge(c.doc, "body", media.Schema, instance)
}

// decodeBody reads a body into plain values. JSON with duplicate keys, broken UTF-8 or trailing text is refused: such
// a body means different things to different readers.
func decodeBody(contentType string, body []byte) (any, error) {
	switch contentType {
	case "application/json":
		return decodeJSON(body)
	case "application/x-www-form-urlencoded":
		values, err := url.ParseQuery(string(body))
		if err != nil {
			return nil, fmt.Errorf("is no form: %w", err)
		}
		form := map[string]any{}
		for name, list := range values {
			if len(list) > 1 {
				return nil, fmt.Errorf("form field %s stands more than once", name)
			}
			form[name] = list[0]
		}
		return form, nil
	default:
		return string(body), nil
	}
}

func decodeJSON(body []byte) (any, error) {
	decoder := jsontext.NewDecoder(bytes.NewReader(body)) // refuses duplicate names and broken UTF-8
	if err := decoder.SkipValue(); err != nil {
		return nil, fmt.Errorf("is not strict JSON: %w", err)
	}
	if rest := bytes.TrimSpace(body[decoder.InputOffset():]); len(rest) > 0 {
		return nil, fmt.Errorf("has text after the JSON value: %.20q", rest)
	}
	return jsonschema.UnmarshalJSON(bytes.NewReader(body))
}

// mediaType is a media type without its parameters, lower case.
func mediaType(value string) string {
	if parsed, _, err := mime.ParseMediaType(value); err == nil {
		return parsed
	}
	head, _, _ := strings.Cut(value, ";")
	return strings.ToLower(strings.TrimSpace(head))
}

// mediaTypeMatches tells whether a media range of an Accept header takes a media type.
func mediaTypeMatches(mediaRange, have string) bool {
	if mediaRange == have || mediaRange == "*/*" {
		return true
	}
	kind, ok := strings.CutSuffix(mediaRange, "/*")
	return ok && strings.HasPrefix(have, kind+"/")
}

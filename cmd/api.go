package cmd

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/gobiz-cli/gobiz/internal/config"
	"github.com/gobiz-cli/gobiz/internal/terminal"
	"github.com/gobiz-cli/gobiz/pkg/gobiz"
)

type apiOptions struct {
	*console
	settings func() (config.Settings, error)
	api      func(config.Settings) (*gobiz.Client, error)

	method, path      string
	fields, headers   []string
	input             string
	include, paginate bool
	yes               bool
}

func newAPICommand(f *Factory) *cobra.Command {
	o := apiOptions{console: f.console, settings: f.Settings, api: f.api}
	c := &cobra.Command{
		Use:   "api METHOD PATH",
		Short: "Call any endpoint, with the profile's token, retries and masking",
		Long: `Call any endpoint with the profile's token, retries and masking, and print the answer's body.

-F adds a field: to the query of a GET or HEAD, else to a JSON body. true, false, null and numbers are sent as such, @FILE
is the file's text, a[b]=c nests, a[]=b appends. --input sends a file as it is.

The placeholder {enterprise_id} in the path is the profile's.`,
		Example: example(
			"gobiz api GET /integrations/partner/v1/linked-outlets --paginate --jq '.data.outlets[].id'",
			"gobiz api PATCH /integrations/gofood/outlets/G100000001/v2/menu_item_stocks --input stock.json",
			"gobiz api POST /integrations/partner/v1/notification-subscriptions -F event=gofood.order.placed -F url=https://pos.example.com/gofood",
		),
		Args: exactArgs("METHOD", "PATH"),
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) == 0 {
				return apiMethods, cobra.ShellCompDirectiveNoFileComp
			}
			var paths []string
			for _, e := range gobiz.Endpoints() {
				if strings.EqualFold(e.Method, args[0]) {
					paths = append(paths, e.Path+"\t"+e.Operation)
				}
			}
			return paths, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(c *cobra.Command, args []string) error {
			o.method, o.path = strings.ToUpper(args[0]), args[1]
			return runAPI(c.Context(), o)
		},
	}
	flags := c.Flags()
	flags.StringArrayVarP(&o.fields, "field", "F", nil, "add `key=value` to the query of a GET or HEAD, or to the JSON body")
	flags.StringVar(&o.input, "input", "", "body from a `file`, - is stdin")
	flags.StringArrayVarP(&o.headers, "header", "H", nil, "add a header, `'Name: value'`")
	flags.BoolVarP(&o.include, "include", "i", false, "print the answer's status and headers as well")
	flags.BoolVar(&o.paginate, "paginate", false, "read all pages of a list and join them")
	flags.BoolVarP(&o.yes, "yes", "y", false, "do not ask before a write on production")
	return c
}

var apiMethods = []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodHead}

func runAPI(ctx context.Context, o apiOptions) error {
	request, err := o.request(ctx)
	if err != nil {
		return err
	}
	s, err := o.settings()
	if err != nil {
		return err
	}
	request.Path = strings.ReplaceAll(request.Path, "{"+config.KeyEnterpriseID+"}", url.PathEscape(s.EnterpriseID))
	if !o.reads() {
		if err := o.productionConsent(ctx, o.settings, o.method+" "+o.path, o.yes); err != nil {
			return err
		}
	}
	client, err := o.api(s)
	if err != nil {
		return err
	}
	if o.paginate {
		document, err := allPagesOf(ctx, client, request)
		if err != nil {
			return err
		}
		return o.writeAnswer(document)
	}
	body, response, err := roundTrip(ctx, client, request)
	if response != nil && o.include {
		writeHead(o.Streams().Out, response)
	}
	if err != nil {
		return err
	}
	return o.writeAnswer(body)
}

// reads reports whether the method changes nothing.
func (o apiOptions) reads() bool { return o.method == http.MethodGet || o.method == http.MethodHead }

// request puts the flags together.
func (o apiOptions) request(ctx context.Context) (gobiz.Request, error) {
	r := gobiz.Request{Method: o.method, Path: o.path, Header: http.Header{}}
	switch {
	case !slices.Contains(apiMethods, o.method):
		return r, usageError("one of "+strings.Join(apiMethods, ", "), "unknown method %q", o.method)
	case !strings.HasPrefix(o.path, "/") && !strings.Contains(o.path, "://"):
		return r, usageError("such as /integrations/partner/v1/linked-outlets", "the path must begin with a slash")
	case o.input != "" && len(o.fields) > 0:
		return r, usageError("", "--input and -F cannot be combined")
	case o.paginate && o.method != http.MethodGet:
		return r, usageError("", "--paginate is for GET")
	case o.include && o.Machine():
		return r, usageError("leave out -o and --jq, or --include", "--include prints headers, which have no other format")
	case o.paginate && o.include:
		return r, usageError("", "--paginate and --include cannot be combined")
	}
	for _, header := range o.headers {
		name, value, ok := strings.Cut(header, ":")
		if strings.ContainsFunc(header, unicode.IsControl) {
			return r, usageError("", "a header holds a line break or another control character")
		}
		if !ok || strings.TrimSpace(name) == "" || strings.ContainsAny(strings.TrimSpace(name), " ()<>@,;\\\"/[]?={}\t") {
			return r, usageError("such as -H 'Accept: image/png'", "header %q has no name", header)
		}
		if strings.EqualFold(strings.TrimSpace(name), "Authorization") {
			return r, usageError("choose a profile, or set GOBIZ_ACCESS_TOKEN", "a token cannot be given as an argument, where others can read it")
		}
		r.Header.Add(strings.TrimSpace(name), strings.TrimSpace(value))
	}
	var err error
	switch {
	case o.input != "":
		r.Body, err = o.readInput(ctx, o.input, maxBody)
	case len(o.fields) > 0 && o.reads():
		r.Path, err = addQuery(o.path, o.fields)
	case len(o.fields) > 0:
		r.Body, err = o.fieldsBody(ctx)
	}
	return r, err
}

func addQuery(path string, fields []string) (string, error) {
	query := url.Values{}
	for _, field := range fields {
		key, value, ok := strings.Cut(field, "=")
		if !ok {
			return "", usageError("such as -F page=2", "field %q has no value", field)
		}
		query.Add(key, value)
	}
	separator := "?"
	if strings.Contains(path, "?") {
		separator = "&"
	}
	return path + separator + query.Encode(), nil
}

// fieldsBody makes a JSON object of key=value fields.
func (o apiOptions) fieldsBody(ctx context.Context) ([]byte, error) {
	root := map[string]any{}
	for _, field := range o.fields {
		key, text, ok := strings.Cut(field, "=")
		if !ok {
			return nil, usageError("such as -F event=gofood.order.placed", "field %q has no value", field)
		}
		value, err := o.fieldValue(ctx, text)
		if err != nil {
			return nil, err
		}
		if err := setField(root, key, value); err != nil {
			return nil, err
		}
	}
	return json.Marshal(root)
}

// fieldValue returns a field its JSON type.
func (o apiOptions) fieldValue(ctx context.Context, text string) (any, error) {
	switch text {
	case "true", "false":
		return text == "true", nil
	case "null":
		return nil, nil
	}
	if path, ok := strings.CutPrefix(text, "@"); ok {
		data, err := o.readInput(ctx, path, maxBody)
		return string(data), err
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && strconv.FormatInt(n, 10) == text {
		return n, nil
	}
	return text, nil
}

// setField follows a key such as promo_detail[selling_price] or days[].
func setField(root map[string]any, key string, value any) error {
	name, rest, nested := strings.Cut(key, "[")
	if !nested {
		root[name] = value
		return nil
	}
	inner, tail, ok := strings.Cut(rest, "]")
	if !ok || name == "" {
		return usageError("such as a[b]=c or a[]=b", "field key %q is not complete", key)
	}
	if inner == "" {
		list, isList := root[name].([]any)
		if root[name] != nil && !isList || tail != "" {
			return usageError("", "field key %q does not fit the fields before it", key)
		}
		root[name] = append(list, value)
		return nil
	}
	child, isObject := root[name].(map[string]any)
	if !isObject {
		if root[name] != nil {
			return usageError("", "field key %q does not fit the fields before it", key)
		}
		child = map[string]any{}
		root[name] = child
	}
	return setField(child, inner+tail, value)
}

// roundTrip reads the whole answer. A status other than 2xx is an error, and
// the response is there all the same.
func roundTrip(ctx context.Context, client *gobiz.Client, request gobiz.Request) ([]byte, *gobiz.Response, error) {
	response, err := client.Do(ctx, request)
	if err != nil {
		return nil, nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, response, err
	}
	return body, response, response.Failure(body)
}

// maxPages ends a list that a server would make endless.
const maxPages = 10_000

// allPagesOf reads pages until one brings nothing new, and joins the list that
// is below "data".
func allPagesOf(ctx context.Context, client *gobiz.Client, request gobiz.Request) ([]byte, error) {
	joined := []any{}
	var (
		name string
		last []byte
	)
	for page := 1; page <= maxPages; page++ {
		paged := request
		var err error
		if paged.Path, err = addQuery(request.Path, []string{"page=" + strconv.Itoa(page)}); err != nil {
			return nil, err
		}
		body, _, err := roundTrip(ctx, client, paged)
		if err != nil {
			return nil, err
		}
		if page == 1 && len(bytes.TrimSpace(body)) == 0 {
			return nil, nil // a success that has nothing to say
		}
		if bytes.Equal(body, last) {
			break // a server that does not know pages gives the same list for ever
		}
		last = body
		var answer struct {
			Data map[string]any `json:"data"`
		}
		if err := decodeAnswer(body, &answer); err != nil {
			return nil, fmt.Errorf("page %d of %s is not a JSON object: %w", page, request.Path, err)
		}
		var list []any
		for key, value := range answer.Data {
			if found, ok := value.([]any); ok && (name == "" || key == name) {
				name, list = key, found
			}
		}
		if name == "" {
			return nil, usageError("leave out --paginate", "%s has no list under data", request.Path)
		}
		if len(list) == 0 {
			break
		}
		joined = append(joined, list...)
	}
	return json.Marshal(map[string]any{"success": true, "data": map[string]any{name: joined}})
}

func writeHead(w io.Writer, r *gobiz.Response) {
	fmt.Fprintf(w, "HTTP %d %s\n", r.Status, http.StatusText(r.Status))
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		for _, value := range r.Header[name] {
			fmt.Fprintf(w, "%s: %s\n", name, terminal.Clean(value))
		}
	}
	fmt.Fprintln(w)
}

// writeAnswer prints a body: as it came, unless the user asked for a format.
// What a terminal would act on is cleaned for a terminal only.
func (c *console) writeAnswer(body []byte) error {
	out := c.Streams()
	if len(bytes.TrimSpace(body)) == 0 {
		return nil // a success that has nothing to say, in any format
	}
	if c.Format() == terminal.FormatTable {
		if out.OutTTY {
			body = []byte(terminal.CleanLines(string(body)))
		}
		if len(body) > 0 && !bytes.HasSuffix(body, []byte("\n")) && (out.OutTTY || json.Valid(body)) {
			body = append(body, '\n')
		}
		_, err := out.Out.Write(body)
		return err
	}
	var document any
	if err := decodeAnswer(body, &document); err != nil {
		return &Error{Exit: exitFailed, Code: "malformed_answer", Message: "the answer is not JSON, so it has no other format: " + err.Error(), Hint: "leave out -o and --jq", Err: err}
	}
	return terminal.PrintOne(c.Printer, document, []terminal.Column[any]{{Name: "body", Value: func(any) string { return string(body) }}})
}

// decodeAnswer reads a body that is one JSON value, whose numbers keep their digits.
func decodeAnswer(body []byte, into any) error {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	if err := dec.Decode(into); err != nil {
		return err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something stands behind the JSON value")
	}
	return nil
}

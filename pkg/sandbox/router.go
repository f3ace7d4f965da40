package sandbox

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"log/slog"
	"mime"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Operations of the OAuth server.
const (
	opCreateToken = "createToken"
	opAuthorize   = "authorize"
)

// maxBody bounds a request body. No limit is documented; a menu of 10,000
// items is a tenth of this.
const maxBody = 32 << 20

// newRouter serves everything on one origin, or the OAuth server and the rest on
// an origin each.
func (s *Sandbox) newRouter() http.Handler {
	if s.origin == s.oauthOrigin {
		return s.guarded(s.routes(true, true))
	}
	api, oauth := s.routes(true, false), s.routes(false, true)
	return s.guarded(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if at, ok := localAddress(r); ok && at.Port() == s.own[1].Port() {
			oauth.ServeHTTP(w, r)
			return
		}
		api.ServeHTTP(w, r)
	}))
}

// routes serves the API with its control API and page, the OAuth server, or
// both. The order around an API call is: record, fault, route, Accept,
// Content-Type, token, grant, scope, outlet.
func (s *Sandbox) routes(api, oauth bool) http.Handler {
	mux := http.NewServeMux()
	names := map[string]string{
		"POST /oauth2/token": opCreateToken,
		"GET /oauth2/auth":   opAuthorize,
	}
	if api {
		for _, op := range operations() {
			pattern := op.method + " " + op.path
			names[pattern] = op.id
			mux.HandleFunc(pattern, s.serve(op))
		}
	}
	if oauth {
		s.oauthRoutes(mux)
	}
	unknown := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { writeError(w, false, errInvalidURL()) })
	mux.Handle("/", unknown)
	observed := s.observe(mux, func(r *http.Request) string {
		_, pattern := mux.Handler(r)
		return names[pattern]
	})
	unclean := s.observe(unknown, func(*http.Request) string { return "" })

	root := http.NewServeMux()
	root.Handle("/", observed)
	root.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, map[string]string{"status": "ok"})
	})
	if api {
		root.HandleFunc("GET /{$}", s.indexPage)
		s.controlRoutes(root)
	} else {
		root.Handle("GET /{$}", http.RedirectHandler(s.origin+"/", http.StatusFound)) // from the login pages
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// ServeMux redirects //a to /a; the platform knows no such path.
		control := strings.HasPrefix(r.URL.Path, controlPath+"/")
		switch {
		case control && strings.Contains(r.URL.EscapedPath(), "//"):
			writeControlError(w, errNotFound("the control API has no %s %s: an id is empty", r.Method, r.URL.Path))
		case !control && strings.Contains(r.URL.Path, "//"):
			unclean.ServeHTTP(w, r)
		default:
			root.ServeHTTP(w, r)
		}
	})
}

// observe records each request by its operation, and applies the first fault that
// matches it.
func (s *Sandbox) observe(next http.Handler, name func(*http.Request) string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.Header.Get("X-Request-Id")
		if !validRequestID(id) {
			id = s.newUUID()
		}
		w.Header().Set("X-Request-Id", id)
		operation := name(r)
		record := Request{
			Time: s.now(), Operation: operation, Method: r.Method, Path: r.URL.Path,
			RequestID: id, UserAgent: r.UserAgent(),
		}
		watched := &statusRecorder{ResponseWriter: w}
		defer func() {
			record.Status = watched.status
			s.requests.add(record)
			s.log.LogAttrs(r.Context(), slog.LevelDebug, "request", slog.String("operation", operation),
				slog.String("method", r.Method), slog.String("path", r.URL.Path), slog.Int("status", record.Status),
				slog.String("request_id", id), slog.String("fault", record.Fault))
		}()
		fault, hit := s.faults.pick(r.Method, r.URL.Path, operation, func() float64 { return float64(s.randomN(1<<30)) / (1 << 30) })
		if hit {
			record.Fault = fault.String()
			s.applyFault(fault, watched, r, next)
			return
		}
		next.ServeHTTP(watched, r)
	})
}

// validRequestID reports whether a client's request id is echoed; others are
// replaced, never refused (developer documentation, "Promotions": at most 128
// characters).
func validRequestID(id string) bool {
	return id != "" && len(id) <= 128 && strings.IndexFunc(id, func(r rune) bool { return r <= ' ' || r > '~' }) < 0
}

// statusRecorder remembers the status of an answer.
type statusRecorder struct {
	http.ResponseWriter
	status int
}

func (w *statusRecorder) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusRecorder) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

func (w *statusRecorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// serve answers one operation.
func (s *Sandbox) serve(op operation) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		answer, err := s.answer(op, w, r)
		if err != nil {
			var known *apiError
			if !errors.As(err, &known) {
				s.log.LogAttrs(r.Context(), slog.LevelError, "operation failed", slog.String("operation", op.id), slog.Any("error", err))
			}
			writeError(w, op.eim, err)
			return
		}
		writeReply(w, answer)
	}
}

func (s *Sandbox) answer(op operation, w http.ResponseWriter, r *http.Request) (reply, error) {
	if err := checkAccept(op, r.Header.Values("Accept")); err != nil {
		return reply{}, err
	}
	body, err := readBody(w, r)
	if err != nil {
		return reply{}, err
	}
	if err := checkContentType(op, r.Header.Get("Content-Type"), body); err != nil {
		return reply{}, err
	}
	c := &call{Request: r, body: body}
	s.store.view(func() { err = s.authorizeCall(op, c) })
	if err != nil {
		return reply{}, err
	}
	return op.handle(s, c)
}

// readBody reads a request body of at most maxBody.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	var body bytes.Buffer
	body.Grow(int(min(max(0, r.ContentLength), maxBody)) + bytes.MinRead)
	_, err := body.ReadFrom(http.MaxBytesReader(w, r.Body, maxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, errBadRequest("request body is larger than %d MiB", maxBody>>20)
	case err != nil:
		return nil, errBadRequest("request body cannot be read: %v", err)
	}
	return body.Bytes(), nil
}

// authorizeCall finds out who calls and whether the operation and the outlet
// are open to them. It runs in a view of the store.
func (s *Sandbox) authorizeCall(op operation, c *call) error {
	scheme, token, _ := strings.Cut(c.Header.Get("Authorization"), " ")
	info, ok := s.store.tokens.get(token)
	if !strings.EqualFold(scheme, "bearer") || !ok || !s.valid(info) {
		return errUnauthorized()
	}
	c.token = info
	if !slices.Contains(op.grants, info.Grant) || s.refusedGrant(op, info) {
		return errInvalidURL()
	}
	if len(op.scopes) > 0 && !slices.ContainsFunc(op.scopes, func(scope string) bool { return slices.Contains(info.Scopes, scope) }) {
		return errForbidden("The access token lacks the scope " + strings.Join(op.scopes, " or "))
	}
	if op.outlet == anyOutlet {
		return nil
	}
	return s.findOutlet(op, c)
}

// refusedGrant is the stricter reading of outlet properties.
func (s *Sandbox) refusedGrant(op operation, info tokenInfo) bool {
	return op.id == "updateOutletProperties" && info.Grant == grantClientCredentials && s.switches().PropertiesNeedMerchant
}

var outletUUID = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)
})

func (s *Sandbox) findOutlet(op operation, c *call) error {
	id := c.PathValue("outlet_id")
	o, ok := s.store.outlets.get(id)
	switch {
	case !ok && (op.id == "getOutlet" || strings.HasPrefix(op.path, "/integrations/partner/") && outletUUID().MatchString(id)):
		return errNotFound("Outlet with id: %s is not found", id)
	case !ok && !op.eim && outletUUID().MatchString(id):
		return errForbiddenOutlet() // seen live at the catalog
	case !ok:
		return errUnregisteredOutlet()
	}
	c.outlet = o
	if !s.reaches(c.token, id) {
		return errForbiddenOutlet()
	}
	if op.outlet == usersOutlet {
		return nil
	}
	p, _ := s.store.partners.get(c.token.Partner)
	product := string(op.outlet)
	if op.outlet == linkedOutlet {
		product = ""
	}
	err := mayUse(p, o, product)
	if err != nil && op.eim { // which knows no 403
		return errUnregisteredOutlet()
	}
	return err
}

// checkAccept judges the Accept header (GoBiz API reference, "Error Glossary"):
// it must take what the operation answers with, the legacy API must be asked for
// its version, and no path knows another version.
func checkAccept(op operation, header []string) error {
	const family, v1 = "application/vnd.eim.", "application/vnd.eim.v1+json"
	given := strings.Join(header, ", ")
	taken, version := strings.TrimSpace(given) == "", false
	for entry := range strings.SplitSeq(given, ",") {
		media, parameters, err := mime.ParseMediaType(entry)
		if quality, _ := strconv.ParseFloat(cmp.Or(parameters["q"], "1"), 64); err != nil || quality == 0 {
			continue
		}
		if strings.HasPrefix(media, family) && media != v1 {
			return errUnsupportedAccept(given)
		}
		version = version || media == v1
		kind, _, _ := strings.Cut(op.produces(), "/")
		taken = taken || media == op.produces() || media == kind+"/*" || media == "*/*" || media == v1 && op.produces() == contentJSON
	}
	if !taken || op.acceptVersion && !version {
		return errUnsupportedAccept(given)
	}
	return nil
}

func errUnsupportedAccept(value string) error {
	return &apiError{status: http.StatusNotAcceptable, title: "UnsupportedAcceptType", message: "Invalid Accept header: " + value}
}

// checkContentType refuses a body that is not called JSON. The legacy API knows
// no 415.
func checkContentType(op operation, value string, body []byte) error {
	if len(bytes.TrimSpace(body)) == 0 {
		return nil
	}
	if media, _, err := mime.ParseMediaType(value); err == nil && media == contentJSON {
		return nil
	}
	const message = "Content-Type must be application/json"
	if op.eim {
		return errBadRequest(message)
	}
	return &apiError{status: http.StatusUnsupportedMediaType, title: "Unsupported Media Type", message: message}
}

func errUnauthorized() error {
	return &apiError{
		status: http.StatusUnauthorized, title: "Session Expired", message: "Your session is expired. Please login again.",
		code: "HTTP_401", severity: "error",
	}
}

// errInvalidURL is the answer to an unknown path, and to a token of the wrong
// grant (seen live at outlet-link).
func errInvalidURL() error { return errNotFound("Invalid URL") }

func writeReply(w http.ResponseWriter, r reply) {
	status := cmp.Or(r.status, http.StatusOK)
	switch {
	case r.raw != nil:
		writeBody(w, status, cmp.Or(r.contentType, contentJSON), r.raw)
	case r.noData:
		writeJSON(w, status, map[string]bool{"success": true})
	default:
		data := r.data
		if data == nil {
			data = struct{}{}
		}
		writeJSON(w, status, success{true, data})
	}
}

// errorBody is one entry of the envelope's errors (GoBiz API reference, "Error Response").
type errorBody struct {
	Code     string `json:"code,omitempty"`
	Title    string `json:"message_title"`
	Message  string `json:"message"`
	Severity string `json:"message_severity,omitempty"`
}

// writeError sends the failure envelope. The legacy API differs in its 401,
// which has no success field, and in the title of its 404 (Enterprise Integration Middleware).
func writeError(w http.ResponseWriter, eim bool, err error) {
	var e *apiError
	if !errors.As(err, &e) {
		e = &apiError{status: http.StatusInternalServerError, title: "Internal Server Error", message: "the sandbox failed; see its log"}
	}
	body := errorBody{Code: e.code, Title: e.title, Message: e.message, Severity: e.severity}
	if eim && e.status == http.StatusNotFound {
		body.Title = "Requested resource not found!"
	}
	if eim && e.status == http.StatusUnauthorized {
		writeJSON(w, e.status, map[string]any{"errors": []errorBody{body}})
		return
	}
	writeJSON(w, e.status, struct {
		Success bool        `json:"success"`
		Errors  []errorBody `json:"errors"`
	}{false, []errorBody{body}})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	body, err := encodeJSON(v)
	if err != nil {
		http.Error(w, "the sandbox cannot encode its answer", http.StatusInternalServerError)
		return
	}
	writeBody(w, status, contentJSON, body)
}

const contentJSON = "application/json"

func writeBody(w http.ResponseWriter, status int, contentType string, body []byte) {
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// encodeJSON is json.Marshal without the escapes for HTML: "Es & Roti" stays
// readable.
func encodeJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

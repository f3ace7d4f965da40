package gobiz_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gobiz-cli/gobiz/pkg/gobiz"
)

const (
	echoToken  = "canary-token/with+signs=="
	echoSecret = "canary-client-secret"
)

// echoSource has a client secret besides its token.
type echoSource struct{}

func (echoSource) Token(context.Context, string) (string, error) { return echoToken, nil }
func (echoSource) Reject(context.Context, string)                {}
func (echoSource) Redact(text string) string                     { return strings.ReplaceAll(text, echoSecret, "***") }

// A server that repeats what it was sent must not bring it into an error or the log.
func TestEchoedSecretsAreMasked(t *testing.T) {
	long := strings.Repeat("x", 770)
	for name, tt := range map[string]struct {
		status      int
		ctype, body string
	}{
		"message":           {400, "application/json", `{"errors":[{"message_title":"no TOKEN","message":"wrong TOKEN for SECRET","code":"TOKEN","message_severity":"SECRET"},{"message":"TOKEN"}]}`},
		"oauth description": {401, "application/json", `{"error":"invalid_token","error_description":"TOKEN","error_hint":"SECRET"}`},
		"odd members":       {400, "application/json", `{"errors":{"message":{"TOKEN":["SECRET"]}}}`},
		"escaped":           {400, "application/json", `{"message":"canary\u002dtoken\/with+signs== SECRET"}`},
		"plain 502":         {502, "text/plain", "upstream refused 'Authorization: Bearer TOKEN' SECRET"},
		"in a URL":          {502, "text/html", "<a href=?t=" + url.QueryEscape(echoToken) + ">"},
		"cut by the limit":  {502, "text/plain", long + " TOKEN SECRET"},
		"cut by the server": {502, "text/plain", "upstream refused " + echoToken[:15]},
		"control character": {400, "application/json", `{"message":"canary-token\u0007/with+signs=="}`},
		"long message":      {400, "application/json", `{"message":"` + strings.Repeat("y", 1990) + ` TOKEN SECRET"}`},
		"free text":         {200, "application/json", `{"success":true,"data":{"outlet":{"id":["TOKEN"],"name":"SECRET"}}}`},
		"no outlet":         {200, "application/json", `{"success":true,"data":{"about":"TOKEN SECRET"}}`},
		"success false":     {200, "application/json", `{"success":false,"errors":[{"message":"TOKEN SECRET"}]}`},
		"content type":      {200, "TOKEN/SECRET", "TOKEN"},
		"redirect":          {302, "text/plain", "TOKEN"},
	} {
		t.Run(name, func(t *testing.T) {
			fill := strings.NewReplacer("TOKEN", echoToken, "SECRET", echoSecret).Replace
			s := serve(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("X-Request-Id", fill("TOKEN"))
				w.Header().Set("Server", fill("SECRET"))
				if tt.status == 302 {
					w.Header().Set("Location", fill("http://SECRET.example.com/TOKEN"))
				}
				answer(tt.status, fill(tt.ctype), fill(tt.body))(w, r)
			})
			var log bytes.Buffer
			client := newClient(t, s.URL, func(o *gobiz.Options) {
				o.Tokens = echoSource{}
				o.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
			})
			_, err := client.Outlet(t.Context(), "G1")
			var failure *gobiz.Error
			if !errors.As(err, &failure) {
				t.Fatal(err)
			}
			for where, text := range map[string]string{
				"the error": err.Error(), "its fields": fmt.Sprintf("%q %q %q %q %q %q %q", failure.Title, failure.Message, failure.Code, failure.Severity, failure.RequestID, failure.Body, failure.More),
				"its cause": fmt.Sprintf("%v %+v", failure.Err, failure.Err), "the log": log.String(),
			} {
				for _, part := range []string{"canary-t", "canary-c", "with+signs", "with%2Bsigns"} {
					if strings.Contains(text, part) {
						t.Errorf("%s shows %q: %s", where, part, text)
					}
				}
			}
		})
	}
}

func TestShortTokenStaysInsideWords(t *testing.T) {
	s := serve(t, answer(400, "application/json", `{"message":"the word is orderly, the token is order"}`))
	client := newClient(t, s.URL, func(o *gobiz.Options) {
		o.Tokens = tokenFunc(func() (string, error) { return "order", nil })
	})
	_, err := client.Outlet(t.Context(), "G1")
	var failure *gobiz.Error
	if !errors.As(err, &failure) || failure.Message != "the word is orderly, the token is ***" {
		t.Error(err)
	}
}

func TestRefusedPromotionIsMasked(t *testing.T) {
	s := serve(t, json200(`{"success":true,"data":{"success":[],"failure":[{"external_menu_id":"A","errors":"`+echoToken+`"},{"external_menu_id":"B","errors":"`+echoSecret+`"}]}}`))
	client := newClient(t, s.URL, func(o *gobiz.Options) { o.Tokens = echoSource{} })
	result, err := client.CreatePromo(t.Context(), "G1", gobiz.PromoRequest{})
	if text := fmt.Sprintf("%+v %v", result, err); err == nil || strings.Contains(text, "canary") {
		t.Error(text)
	}
}

func TestReasonCountsFurtherErrors(t *testing.T) {
	s := serve(t, answer(422, "application/json", `{"errors":[{"message_title":"Bad","message":"one."},{"message":"two"},{"message":"three"}]}`))
	_, err := newClient(t, s.URL).Outlet(t.Context(), "G1")
	var failure *gobiz.Error
	if !errors.As(err, &failure) || failure.Reason() != "422 Bad: one (and 2 more)" || strings.Count(err.Error(), "more") != 1 {
		t.Error(err)
	}
}

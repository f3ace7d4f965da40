package cmd_test

import (
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/gobiz-cli/gobiz/cmd"
	"github.com/gobiz-cli/gobiz/internal/terminal"
)

// TestReceiverLog reads what -vv tells of an exchange: no signature, no query and
// nothing of the body.
func TestReceiverLog(t *testing.T) {
	t.Parallel()
	h := newHook(t, nil)
	env := map[string]string{"HOME": t.TempDir(), "GOBIZ_ENV": "local", "GOBIZ_NOTIFICATION_SECRET": testRelaySecret}
	args := []string{"webhook", "trigger", "gofood.order.placed", "--plain", "--order-number", "F-777", "--to", h.url + "?key=hidden", "-o", "json"}
	if o := run(env, append(args, "-v")...); o.code != 0 || strings.Contains(o.stderr, "http exchange") {
		t.Errorf("-v: exit code %d: %s", o.code, o.stderr)
	}
	o := run(env, append(args, "-vv")...)
	if o.code != 0 {
		t.Fatalf("exit code %d: %s", o.code, o.stderr)
	}
	for _, want := range []string{
		`level=DEBUG msg="http exchange" method=POST url=` + h.url + `?*** duration=`, "Content-Type: application/json; ",
		"X-Go-Signature: ***", "X-Go-Idempotency-Key: ", "request_bytes=", "status=204", `response_headers="`,
	} {
		if !strings.Contains(o.stderr, want) {
			t.Errorf("no %q in: %s", want, o.stderr)
		}
	}
	signature := h.received()[0].header.Get("X-Go-Signature")
	for _, secret := range []string{signature, testRelaySecret, "hidden", "Budi", "Pak Contoh", "F-777"} {
		if secret == "" || strings.Contains(o.stderr, secret) {
			t.Errorf("%q in: %s", secret, o.stderr)
		}
	}
}

// TestSendProgress runs on a clock that steps at each look: a short run tells
// nothing where lines stay, a long one how far it is.
func TestSendProgress(t *testing.T) {
	t.Parallel()
	h := newHook(t, nil)
	for step, want := range map[time.Duration]int{time.Millisecond: 0, time.Minute: 10} {
		streams, _, _, stderr := terminal.Test()
		sys := testSystem(streams, map[string]string{"HOME": t.TempDir(), "GOBIZ_ENV": "local", "GOBIZ_NOTIFICATION_SECRET": testRelaySecret})
		now := make(chan time.Time, 1)
		now <- time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)
		sys.Now = func() time.Time {
			at := <-now
			now <- at.Add(step)
			return at
		}
		code := cmd.Main([]string{"webhook", "trigger", "gofood.order.placed", "--to", h.url, "--repeat", "50"}, sys)
		if got := strings.Count(stderr.String(), " of 50 sent"); code != 0 || got != want {
			t.Errorf("a step of %v: exit code %d, %d lines, want %d: %s", step, code, got, want, stderr)
		}
	}
}

// TestNoHTTPAnswer posts to receivers that speak something else.
func TestNoHTTPAnswer(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]string{
		"220 mail.example.test ESMTP\r\n":                                                 "the receiver's answer is no HTTP",
		"HTTP/1.1 204 No Content\r\nX-Long: " + strings.Repeat("x", 100<<10) + "\r\n\r\n": "the receiver's answer has more than 64 KB of headers",
	} {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			for {
				conn, err := listener.Accept()
				if err != nil {
					return
				}
				_, _ = conn.Read(make([]byte, 64<<10)) // a request, or most of it
				_, _ = fmt.Fprint(conn, answer)
				_ = conn.(*net.TCPConn).CloseWrite()
			}
		}()
		o := run(map[string]string{"HOME": t.TempDir(), "GOBIZ_ENV": "local", "GOBIZ_NOTIFICATION_SECRET": testRelaySecret},
			"webhook", "trigger", "gofood.order.placed", "--to", "http://"+listener.Addr().String()+"/")
		if o.code != 1 || !strings.Contains(o.stderr, "the notification was not delivered: "+want+"\n") {
			t.Errorf("exit code %d: %s", o.code, o.stderr)
		}
		listener.Close()
	}
}

// TestReceiverWithoutScheme takes the address of a receiver of one's own as curl
// does. Elsewhere it is a question whether https is meant.
func TestReceiverWithoutScheme(t *testing.T) {
	t.Parallel()
	h := newHook(t, nil)
	address := strings.TrimPrefix(h.url, "http://")
	for _, to := range []string{address, strings.Replace(address, "127.0.0.1", "localhost", 1)} {
		if o := trigger(t, "gofood.order.placed", "--to", to); o.code != 0 {
			t.Errorf("%s: %+v", to, o)
		}
	}
	if came := h.received(); len(came) != 2 || came[0].uri != "/gofood" {
		t.Errorf("arrived: %+v", came)
	}
	for _, to := range []string{"pos.example.com:3000/x", "8.8.8.8/x", "mailto:x", "3000", ":3000", "localhost:x"} {
		if o := trigger(t, "gofood.order.placed", "--to", to); o.code != 2 || !strings.Contains(o.stderr, "such as --to http://127.0.0.1:3000/gofood") {
			t.Errorf("%s: %+v", to, o)
		}
	}
}

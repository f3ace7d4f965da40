package sandbox

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// Pages of other sites must neither control the sandbox of somebody who has them
// open, nor read what it answers.
func TestForeignCallersAreRefused(t *testing.T) {
	d := newHarness(t, Options{Hosts: []string{"host.docker.internal"}})
	send := func(host, origin, path string) int {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Host = host
		if origin != "" {
			r.Header.Set("Origin", origin)
		}
		w := httptest.NewRecorder()
		d.s.Handler().ServeHTTP(w, r)
		return w.Code
	}
	for path, answer := range map[string]int{
		"/_sandbox/info": 200, "/": 200, "/health": 200, "/oauth2/auth": 400, "/oauth2/token": 405, pullPath: 401, "/made-up": 404, "//made-up": 404,
	} {
		for _, c := range []struct {
			host, origin string
			refused      bool
		}{
			{"127.0.0.1:8765", "", false},
			{"localhost:8765", "", false},
			{"[::1]:8765", "", false},
			{"host.docker.internal:8765", "", false},
			{"127.0.0.1:8765", "http://127.0.0.1:8765", false},
			{"evil.example.test", "", true},
			{"127.0.0.1.evil.example.test:8765", "", true},
			{"docker.internal:8765", "", true},
			{"127.0.0.1:8765", "https://evil.example.test", true},
			{"127.0.0.1:8765", "http://127.0.0.1:9999", true},
			{"127.0.0.1:8765", "null", true},
		} {
			want := answer
			if c.refused {
				want = 403
			}
			if got := send(c.host, c.origin, path); got != want {
				t.Errorf("%s for host %s, origin %q: %d, want %d", path, c.host, c.origin, got, want)
			}
		}
	}
}

func TestWebhookURLs(t *testing.T) {
	const (
		anywhere = "anywhere"
		private  = "where private receivers are allowed"
		nowhere  = "nowhere"
	)
	d := newHarness(t, Options{})
	own := strings.TrimPrefix(d.s.origin, "http://127.0.0.1:")
	for raw, want := range map[string]string{
		"https://pos.example.test/gofood": anywhere, "https://pos.example.test:443/gofood?x=1": anywhere, "http://pos.example.test:80/": anywhere,
		"http://127.0.0.1:4321/hook": anywhere, "http://localhost:9/hook": anywhere, "https://[::1]:8443/": anywhere, "http://8.8.8.8/": anywhere,
		"http://192.168.1.2:3000/": private, "http://10.0.0.7/": private, "http://[fd00::1]:3000/": private, "http://pos:3000/": private,
		"http://host.docker.internal:3000/": private, "http://[::ffff:10.0.0.7]/": private,
		"": nowhere, "pos.example.test/gofood": nowhere, "ftp://pos.example.test/": nowhere, "https://": nowhere, "https://:443/": nowhere, "://": nowhere,
		"https://pos.example.test:8443/": nowhere, "http://pos.example.test:443x/": nowhere, "https://user:secret@pos.example.test/": nowhere,
		"http://127.0.0.1.example.test:8080/": nowhere, "http://8.8.8.8:8765": nowhere,
		"http://169.254.169.254/latest/meta-data": nowhere, "http://[fe80::1]/": nowhere, "http://[::ffff:169.254.169.254]/": nowhere,
		"http://[fe80::1%25eth0]:3000/": nowhere, "http://0.0.0.0:" + own + "/": nowhere, "http://[::]:3000/": nowhere, "http://224.0.0.1/": nowhere,
		"http://127.0.0.1:" + own + "/_sandbox/reset": nowhere, "http://localhost:" + own + "/": nowhere, "http://[::1]:" + own + "/": nowhere,
	} {
		for allowed, fit := range map[bool]bool{false: want == anywhere, true: want != nowhere} {
			d.s.o.PrivateReceivers = allowed
			if reason := d.s.webhookURLProblem(raw); (reason == "") != fit {
				t.Errorf("%q, private receivers %v: %q, want it to be fit %s", raw, allowed, reason, want)
			}
		}
	}
}

// What a name leads to is known when it is connected to, not before.
func TestDialsAreHeldAgainstTheSameRules(t *testing.T) {
	d := newHarness(t, Options{OAuthAddr: "127.0.0.1:0"})
	own := strings.TrimPrefix(d.s.origin, "http://127.0.0.1:")
	for address, want := range map[string]string{
		"8.8.8.8:443": "", "127.0.0.1:3000": "", "[::1]:3000": "",
		"169.254.169.254:80": "link-local", "[fe80::1%eth0]:80": "link-local", "[::ffff:169.254.169.254]:80": "link-local", "0.0.0.0:" + own: "unspecified",
		"127.0.0.1:" + own: "the sandbox itself", "[::ffff:127.0.0.1]:" + own: "the sandbox itself",
		strings.TrimPrefix(d.s.oauthOrigin, "http://"): "the sandbox itself",
		"10.0.0.7:80": "private", "[fd00::1]:80": "private", "100.64.0.1:80": "private",
	} {
		err := d.s.checkDial("tcp", address, nil)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", address, err, want)
		}
	}
	d.s.o.PrivateReceivers = true
	if err := d.s.checkDial("tcp", "10.0.0.7:80", nil); err != nil {
		t.Errorf("private receivers are allowed: %v", err)
	}
	client := d.s.newReceiverClient(1)
	defer client.CloseIdleConnections()
	for _, to := range []string{d.s.origin, "http://localhost:" + own} { // by its address, and by a name
		if resp, err := client.Get(to + "/health"); err == nil {
			resp.Body.Close()
			t.Errorf("the client of receivers reaches the sandbox itself at %s", to)
		}
	}
	if problem := d.s.imageProblem(t.Context(), "http://169.254.169.254/x.png"); problem != "cannot be downloaded" {
		t.Errorf("an image of a metadata service: %q", problem)
	}
}

// A receiver must not lead a notification to the control API, not even that of
// another sandbox or through a tunnel.
func TestWebhooksDoNotControl(t *testing.T) {
	d := newHarness(t, Options{})
	hook := newReceiver(t)
	hook.answers(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, d.s.origin+"/_sandbox/reset", http.StatusTemporaryRedirect)
	})
	client := d.as(facilitatorID)
	client.subscribe(hook, eventOrderAccepted)
	o := d.order(nil)
	if n := d.delivery(client, o.Number, 1); n.History[0].Delivered || !strings.Contains(*n.History[0].ExceptionMessage, "must not be the sandbox itself") {
		t.Errorf("history %+v", n.History)
	}
	a := d.request(http.MethodPost, controlPath+"/reset", nil, "X-Go-Signature", strings.Repeat("0", 64))
	if a.status != http.StatusForbidden || !strings.Contains(string(a.body), "takes no notifications") {
		t.Errorf("a notification at the control API: %d %s", a.status, a.body)
	}
	d.refused(client.call(http.MethodPost, generalSubscriptions, map[string]any{"event": eventOrderPlaced, "url": d.s.origin + "/_sandbox/reset"}), 400, "must not be the sandbox itself")
}

// A client that sends its body byte by byte, or not at all, is not waited for,
// whether the body is of interest or not.
func TestSlowBodiesEnd(t *testing.T) {
	d := newHarness(t, Options{bodyTimeout: 50 * time.Millisecond})
	client := d.as(facilitatorID)
	for name, head := range map[string]string{
		"catalog": "PUT " + pushPath + " HTTP/1.1\r\nContent-Type: application/json\r\nAuthorization: Bearer " + client.token,
		"token":   "POST /oauth2/token HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded",
		"login":   "POST /oauth2/login HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded",
		"control": "POST /_sandbox/orders HTTP/1.1\r\nContent-Type: application/json",
		"unknown": "POST /made-up HTTP/1.1\r\nContent-Type: application/json",
	} {
		t.Run(name, func(t *testing.T) {
			conn, err := net.Dial("tcp", strings.TrimPrefix(d.s.origin, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			_ = conn.SetDeadline(time.Now().Add(20 * time.Second)) // for a sandbox that waits for ever
			if _, err := io.WriteString(conn, head+"\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{"); err != nil {
				t.Fatal(err)
			}
			if _, err := io.Copy(io.Discard, bufio.NewReader(conn)); err != nil {
				t.Errorf("the sandbox waits: %v", err)
			}
		})
	}
	// A body that has come, and an answer that takes longer than a body may.
	fault, err := ParseFault("* delay=200ms")
	if err != nil {
		t.Fatal(err)
	}
	d.s.faults.set([]Fault{fault})
	d.done(client.call(http.MethodPut, pushPath, goodMenu))
}

func TestOAuthOnAPortOfItsOwn(t *testing.T) {
	d := newHarness(t, Options{OAuthAddr: "127.0.0.1:0"})
	info := d.s.Info()
	if info.APIURL == info.OAuthURL || info.ControlURL != info.APIURL+"/_sandbox" {
		t.Fatalf("api %s, oauth %s, control %s", info.APIURL, info.OAuthURL, info.ControlURL)
	}
	get := func(to string) (int, string) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, to, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		return resp.StatusCode, resp.Header.Get("Location")
	}
	defer http.DefaultClient.CloseIdleConnections()
	for path, want := range map[string]struct{ api, oauth int }{
		"/oauth2/auth":   {404, 400},
		"/oauth2/token":  {404, 405},
		pullPath:         {401, 404},
		"/_sandbox/info": {200, 404},
		"/health":        {200, 200},
		"/":              {200, 302},
	} {
		api, _ := get(info.APIURL + path)
		oauth, location := get(info.OAuthURL + path)
		if api != want.api || oauth != want.oauth || oauth == 302 && location != info.PageURL {
			t.Errorf("%s: %d at the API, %d at OAuth, to %s; want %+v", path, api, oauth, location, want)
		}
	}
	// A login from the page to a call of the API.
	form := url.Values{"grant_type": {"client_credentials"}, "scope": {"partner:outlet:read"}, "client_id": {facilitatorID}, "client_secret": {"sandbox-facilitator-secret"}}
	if a := d.token(form); a.status != http.StatusOK {
		t.Errorf("token: %d %s", a.status, a.body)
	}
	if info := d.loggedIn(owner(t)).call(http.MethodGet, "/integrations/partner/v1/token-info", nil); info.status != http.StatusOK {
		t.Errorf("token info: %d %s", info.status, info.body)
	}
	if _, err := Start(t.Context(), Options{OAuthAddr: fmt.Sprint(d.s.own[0])}); err == nil || !strings.Contains(err.Error(), "another program does") {
		t.Errorf("a taken port: %v", err)
	}
}

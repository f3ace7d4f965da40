package triage_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gobiz-cli/gobiz/internal/config"
	"github.com/gobiz-cli/gobiz/internal/triage"
)

// unreachable is a transport that asks nobody.
func unreachable() *http.Transport {
	return &http.Transport{DialContext: func(_ context.Context, _, addr string) (net.Conn, error) {
		host, _, _ := net.SplitHostPort(addr)
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}}
	}}
}

// gobizLike answers as GoBiz does to a call without credentials.
func gobizLike(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/oauth2/token" {
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	w.WriteHeader(http.StatusUnauthorized)
}

func serve(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

// closedPort is an address where nothing listens any more.
func closedPort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

func TestProbesCarryNoCredentials(t *testing.T) {
	t.Parallel()
	var withoutToken atomic.Int32
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || r.URL.RawQuery != "" && r.Header.Get("Authorization") == "" || r.ContentLength > 0 {
			t.Errorf("%s %s", r.Method, r.URL)
		}
		if r.Header.Get("Authorization") == "" && r.Header.Get("User-Agent") == "gobiz/test" {
			withoutToken.Add(1)
		}
		gobizLike(w, r)
	})
	s := setup(t, base, base)
	s.UserAgent = "gobiz/test"
	got := examine(t, s)
	want(t, got, "login_host", triage.OK, "answers (405)", "")
	want(t, got, "api_host", triage.OK, "answers (401)", "")
	if n := withoutToken.Load(); n != 2 {
		t.Errorf("%d requests without a token, want one for each host", n)
	}
	// The list of outlets is the first call with a token, which this server refuses.
	want(t, got, "outlets", triage.Failed, "the API does not take the token: 401", "export GOBIZ_CLIENT_ID=ID GOBIZ_CLIENT_SECRET=SECRET")
	if !got["outlets"].Login {
		t.Error("a refused token is a matter of the login")
	}
}

// TestHostsTogether has each host answer only when the other one was asked too.
func TestHostsTogether(t *testing.T) {
	t.Parallel()
	asked := map[string]chan struct{}{"/oauth2/token": make(chan struct{}), "/integrations/partner/v1/linked-outlets": make(chan struct{})}
	handler := func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "" {
			close(asked[r.URL.Path])
			for _, other := range asked {
				select {
				case <-other:
				case <-r.Context().Done():
				}
			}
		}
		gobizLike(w, r)
	}
	got := examine(t, setup(t, serve(t, handler), serve(t, handler)))
	want(t, got, "login_host", triage.OK, "405", "")
	want(t, got, "api_host", triage.OK, "401", "")
}

func TestClosedPort(t *testing.T) {
	t.Parallel()
	addr := closedPort(t)
	s := setup(t, "http://"+addr, serve(t, gobizLike))
	_, port, _ := net.SplitHostPort(addr)
	got := examine(t, s)
	want(t, got, "login_host", triage.Failed, "TCP: nothing listens at "+addr, "gobiz sandbox start --port "+port)
	want(t, got, "token", triage.Skipped, "not checked, because login_host failed", "")
	want(t, got, "outlets", triage.Skipped, "not checked, because login_host failed", "")
	want(t, got, "api_host", triage.OK, "401", "")
	want(t, got, "clock", triage.OK, "agrees with 127.0.0.1", "")
	if got["login_host"].Login {
		t.Error("a closed port is no failed login")
	}
	s.Settings.Environment = config.Custom
	want(t, examine(t, s), "login_host", triage.Failed, addr+" refused the connection", "curl -v --max-time 10 http://"+addr+"/oauth2/token")
}

func TestUnknownHost(t *testing.T) {
	t.Parallel()
	s := setup(t, "https://login.example", "https://api.example")
	s.Settings.Environment = config.Custom
	s.Transport = unreachable()
	got := examine(t, s)
	want(t, got, "login_host", triage.Failed, "DNS: no host named login.example", "nslookup login.example")
	want(t, got, "clock", triage.Skipped, "no host told the time", "")
}

func TestCertificates(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.HandlerFunc(gobizLike))
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // handshakes are meant to fail
	server.StartTLS()
	defer server.Close()
	trusting := func() *http.Transport { return server.Client().Transport.(*http.Transport).Clone() }

	t.Run("valid", func(t *testing.T) {
		s := setup(t, server.URL, server.URL)
		s.Transport = trusting()
		want(t, examine(t, s), "login_host", triage.OK, "answers (405)", "")
		if message := examine(t, s)["api_host"].Message; !strings.Contains(message, "certificate valid until 20") {
			t.Errorf("the message does not tell the end of the certificate: %s", message)
		}
	})
	t.Run("of nobody known", func(t *testing.T) {
		s := setup(t, server.URL, server.URL)
		s.Transport = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: nil}}
		want(t, examine(t, s), "login_host", triage.Failed, "TLS: nobody known signed the certificate",
			"export SSL_CERT_FILE=CA.pem # with the certificate authority of your network")
	})
	t.Run("of another host", func(t *testing.T) {
		s := setup(t, "https://login.gobiz.test:443", "https://login.gobiz.test:443")
		s.Transport = trusting()
		s.Transport.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, server.Listener.Addr().String())
		}
		want(t, examine(t, s), "login_host", triage.Failed, "TLS: the certificate is not for login.gobiz.test but for example.com",
			"curl -v --max-time 10 https://login.gobiz.test:443/oauth2/token")
	})
	t.Run("ended", func(t *testing.T) {
		s := setup(t, server.URL, server.URL)
		s.Transport = trusting()
		s.Transport.TLSClientConfig.Time = func() time.Time { return server.Certificate().NotAfter.Add(time.Hour) }
		want(t, examine(t, s), "login_host", triage.Failed, "is not valid today", "date")
	})
	t.Run("ends soon", func(t *testing.T) {
		s := setup(t, server.URL, server.URL)
		s.Transport = trusting()
		now := server.Certificate().NotAfter.Add(-72 * time.Hour)
		s.Now = func() time.Time { return now }
		want(t, examine(t, s), "login_host", triage.Warning, "its certificate ends in 3 days", "")
	})
	t.Run("not TLS", func(t *testing.T) {
		base := strings.Replace(serve(t, gobizLike), "http://", "https://", 1)
		s := setup(t, base, base)
		want(t, examine(t, s), "login_host", triage.Failed, "does not speak TLS", "curl -v --max-time 10 "+base+"/oauth2/token")
	})
}

// TestSilence meets servers that say nothing, at each step.
func TestSilence(t *testing.T) {
	t.Parallel()
	silent := serve(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	// Takes connections (the system does, without Accept) and never speaks.
	deaf, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer deaf.Close()
	s := setup(t, silent, "https://"+deaf.Addr().String())
	s.Timeout = 500 * time.Millisecond
	got := examine(t, s)
	want(t, got, "login_host", triage.Failed, "no answer within 500ms, connected, but the server is silent", "curl -v --max-time 10 "+silent+"/oauth2/token")
	want(t, got, "api_host", triage.Failed, "no answer within 500ms, connected, but TLS did not begin",
		"curl -v --max-time 10 https://"+deaf.Addr().String()+"/integrations/partner/v1/linked-outlets")

	s.Transport = unreachable()
	s.Transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) { <-ctx.Done(); return nil, ctx.Err() }
	if message := examine(t, s)["login_host"].Message; !strings.Contains(message, "no answer within 500ms") {
		t.Errorf("a name that is never resolved: %s", message)
	}
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		status  int
		want    triage.Status
		message string
	}{
		{400, triage.OK, "answers (400)"},
		{404, triage.OK, "answers (404)"},
		{429, triage.OK, "answers (429)"},
		{200, triage.Warning, "another server or a login page of the network"},
		{302, triage.Warning, "another server or a login page of the network"},
		{407, triage.Failed, "the proxy wants a login"},
		{503, triage.Failed, "it answers 503"},
	} {
		t.Run(http.StatusText(test.status), func(t *testing.T) {
			t.Parallel()
			base := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/portal" {
					t.Error("a redirect was followed")
				}
				if r.URL.Path == "/oauth2/token" {
					w.Header().Set("Location", "/portal")
					w.WriteHeader(test.status)
					return
				}
				gobizLike(w, r)
			})
			r := examine(t, setup(t, base, base))["login_host"]
			if r.Status != test.want || !strings.Contains(r.Message, test.message) {
				t.Errorf("%s: %s", r.Status, r.Message)
			}
		})
	}
}

func TestClock(t *testing.T) {
	t.Parallel()
	dated := func(t *testing.T, ahead time.Duration) string {
		return serve(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Date", time.Now().Add(ahead).UTC().Format(http.TimeFormat))
			gobizLike(w, r)
		})
	}
	for _, test := range []struct {
		name       string
		login, api time.Duration // how far the servers are ahead
		status     triage.Status
		message    string
		fix        string
	}{
		{"right", 0, 0, triage.OK, "agrees with", ""},
		{"a little off", time.Minute, -time.Minute, triage.OK, "agrees with", ""},
		{"behind", 10 * time.Minute, 10 * time.Minute, triage.Warning, "10 minutes behind 127.0.0.1", "sudo timedatectl set-ntp true"},
		{"ahead", -10 * time.Minute, -10 * time.Minute, triage.Warning, "10 minutes ahead of 127.0.0.1", "sudo timedatectl set-ntp true"},
		{"a host is wrong", 0, 10 * time.Minute, triage.Warning, "and agrees with 127.0.0.1", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := setup(t, dated(t, test.login), dated(t, test.api))
			want(t, examine(t, s), "clock", test.status, test.message, test.fix)
		})
	}
	for goos, fix := range map[string]string{"windows": "w32tm /resync", "darwin": "sudo sntp -sS time.apple.com"} {
		base := dated(t, time.Hour)
		s := setup(t, base, base)
		s.GOOS = goos
		want(t, examine(t, s), "clock", triage.Warning, "60 minutes behind", fix)
	}
	t.Run("nobody tells", func(t *testing.T) {
		base := serve(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header()["Date"] = nil
			gobizLike(w, r)
		})
		want(t, examine(t, setup(t, base, base)), "clock", triage.Skipped, "no host told the time", "")
	})
}

func TestProxy(t *testing.T) {
	t.Parallel()
	base := serve(t, gobizLike)
	t.Run("in use", func(t *testing.T) {
		var seen atomic.Int32
		proxy, err := url.Parse(serve(t, func(w http.ResponseWriter, r *http.Request) {
			seen.Add(1)
			gobizLike(w, r)
		}))
		if err != nil {
			t.Fatal(err)
		}
		proxy.User = url.UserPassword("canary-user", "canary-password")
		s := setup(t, base, base)
		s.Transport = &http.Transport{Proxy: http.ProxyURL(proxy)}
		got := examine(t, s)
		want(t, got, "proxy", triage.OK, "by http://"+proxy.Host, "")
		want(t, got, "login_host", triage.OK, "405", "")
		if seen.Load() == 0 {
			t.Error("the hosts were not asked through the proxy")
		}
	})
	t.Run("closed", func(t *testing.T) {
		s := setup(t, base, base)
		s.Transport = &http.Transport{Proxy: http.ProxyURL(&url.URL{Scheme: "http", Host: closedPort(t), User: url.UserPassword("canary", "canary")})}
		want(t, examine(t, s), "login_host", triage.Failed, "the proxy cannot be reached: ", "env | grep -i proxy")
	})
	t.Run("refuses", func(t *testing.T) {
		proxy, err := url.Parse(serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusProxyAuthRequired) }))
		if err != nil {
			t.Fatal(err)
		}
		s := setup(t, "https://login.gobiz.test", "https://login.gobiz.test")
		s.Transport = &http.Transport{Proxy: http.ProxyURL(proxy)}
		want(t, examine(t, s), "login_host", triage.Failed, "the proxy wants a login (407)", "export HTTPS_PROXY=http://USER:PASSWORD@PROXY:PORT")
	})
	t.Run("no URL", func(t *testing.T) {
		s := setup(t, base, base)
		s.Transport = &http.Transport{Proxy: func(*http.Request) (*url.URL, error) {
			return nil, errors.New(`invalid proxy address "http://canary:canary@": no host`)
		}}
		got := examine(t, s)
		want(t, got, "proxy", triage.Failed, "is not a URL that can be used", "export HTTPS_PROXY=http://PROXY:PORT")
		want(t, got, "login_host", triage.Skipped, "not checked, because proxy failed", "")
	})
	t.Run("set and not used", func(t *testing.T) {
		s := setup(t, base, base)
		s.Getenv = func(name string) string { return map[string]string{"https_proxy": "http://canary@x"}[name] }
		want(t, examine(t, s), "proxy", triage.OK, "none for these hosts, although https_proxy is set", "")
	})
}

func TestLegacyHost(t *testing.T) {
	t.Parallel()
	s := setup(t, serve(t, gobizLike), "")
	s.Settings.API = config.Enterprise
	s.Profile = triage.Profile{Name: "chain", Origin: "--profile"}
	got := examine(t, s)
	want(t, got, "api_host", triage.Failed, "no published host, and none is set (set api_url in the profile", "gobiz profile set chain api_url=https://HOST")
	want(t, got, "outlets", triage.Skipped, "not checked, because api_host failed", "")
	s.Settings.APIURL = s.Settings.OAuthURL
	got = examine(t, s)
	want(t, got, "api_host", triage.OK, "401", "")
	want(t, got, "outlets", triage.Skipped, "the legacy API", "")
}

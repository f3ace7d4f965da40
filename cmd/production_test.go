//go:build linux

package cmd_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gobiz-cli/gobiz/pkg/sandbox"
)

// aProduction plays GoBiz's production hosts: a proxy on loopback that leads
// every connection to a sandbox with a certificate for their names. A command
// with this environment does what it would do to a real shop.
func aProduction(t *testing.T) (*sandbox.Sandbox, map[string]string) {
	t.Helper()
	server, env := aSandbox(t)
	info := server.Info()
	target, err := url.Parse(info.APIURL)
	if err != nil {
		t.Fatal(err)
	}
	certificate := certify(t, productionHosts)
	backend := httptest.NewUnstartedServer(httputil.NewSingleHostReverseProxy(target))
	backend.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
	backend.StartTLS()
	t.Cleanup(backend.Close)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		connect(w, r, backend.Listener.Addr().String())
	}))
	t.Cleanup(proxy.Close)

	trusted := filepath.Join(t.TempDir(), "trusted.pem")
	if err := os.WriteFile(trusted, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Certificate[0]}), 0o600); err != nil {
		t.Fatal(err)
	}
	return server, map[string]string{
		"HOME": env["HOME"], "TERM": "xterm", "GOBIZ_ENV": "production", "GOBIZ_CLIENT_ID": info.ClientID, "GOBIZ_CLIENT_SECRET": info.ClientSecret,
		"HTTPS_PROXY": proxy.URL, "SSL_CERT_FILE": trusted, "SSL_CERT_DIR": t.TempDir(),
	}
}

// connect serves one connection of a proxy, to a server of ours whatever the
// client asks for.
func connect(w http.ResponseWriter, r *http.Request, addr string) {
	there, err := net.Dial("tcp", addr)
	if err != nil || r.Method != http.MethodConnect {
		http.Error(w, "no such way", http.StatusBadGateway)
		return
	}
	defer there.Close()
	here, buffered, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	defer here.Close()
	if _, err := io.WriteString(here, "HTTP/1.1 200 OK\r\n\r\n"); err != nil {
		return
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = io.Copy(there, buffered) // until either side hangs up
		there.Close()
	}()
	_, _ = io.Copy(here, there)
	here.Close()
	<-done
}

// certify makes a certificate for hosts that vouches for itself.
func certify(t *testing.T, hosts []string) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: hosts, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// TestProductionPrompt: only the outlet's id, typed in full, replaces a menu on
// production.
func TestProductionPrompt(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, keys string
		args       []string
		env        string
		code       int
		puts       int
		says       string
	}{
		{name: "the outlet's id", keys: "G100000001\r", puts: 1},
		{name: "another id", keys: "G100000002\r", code: 6, says: "was not confirmed"},
		{name: "half of it", keys: "G10000000\r", code: 6, says: "was not confirmed"},
		{name: "yes", keys: "yes\r", code: 6, says: "was not confirmed"},
		{name: "just enter", keys: "\r", code: 6, says: "was not confirmed"},
		{name: "end of input", keys: "\x04", code: 6, says: "was not confirmed"},
		{name: "Ctrl-C", keys: "G100000001\x03", code: 130, says: "interrupted"},
		{name: "consent given", args: []string{"--yes"}, puts: 1},
		{name: "no input", args: []string{"--no-input"}, code: 6, says: "pass --yes"},
		{name: "in CI", env: "CI", code: 6, says: "pass --yes"},
		{name: "dry run", args: []string{"--dry-run"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server, env := aProduction(t)
			if tt.env != "" {
				env[tt.env] = "1"
			}
			if err := os.WriteFile(filepath.Join(env["HOME"], "menu.yaml"), []byte(killedMenu), 0o600); err != nil {
				t.Fatal(err)
			}
			s := inTerminal(t, env, append([]string{"catalog", "push", "G100000001", "-f", "menu.yaml", "--allow-deletes", "7", "--allow-variant-deletes", "8"}, tt.args...)...)
			if tt.keys != "" {
				s.expect("items: 8 live, 1 in the file")
				s.expect(`[PRODUCTION] replace the menu of G100000001 "`)
				s.expect(`" on production (`)
				s.expect(" removed, ")
				s.expect("type G100000001 to go on: ")
				s.typed(tt.keys)
			}
			code, screen := s.end()
			if code != tt.code || !strings.Contains(screen, tt.says) {
				t.Errorf("exit code %d, want %d and %q:\n%s", code, tt.code, tt.says, screen)
			}
			if asked := strings.Contains(screen, "[PRODUCTION]"); asked != (tt.keys != "") {
				t.Errorf("asked: %v:\n%s", asked, screen)
			}
			if tt.code != 0 && s.stdout.Len() > 0 {
				t.Errorf("stdout: %s", &s.stdout)
			}
			checkPuts(t, server, tt.puts)
		})
	}
}

// TestProductionWithoutTerminal: nobody can be asked, so only --yes is consent.
func TestProductionWithoutTerminal(t *testing.T) {
	t.Parallel()
	server, env := aProduction(t)
	menu := filepath.Join(env["HOME"], "menu.yaml")
	if err := os.WriteFile(menu, []byte(killedMenu), 0o600); err != nil {
		t.Fatal(err)
	}
	o := runProcess(t, env, "catalog", "push", "G100000001", "-f", menu, "--allow-deletes", "7", "--allow-variant-deletes", "8")
	if o.code != 6 || o.stdout != "" || !strings.Contains(o.stderr, "hint: pass --yes\n") {
		t.Errorf("%+v", o)
	}
	if err := checkErrorText(o.stderr, false); err != nil {
		t.Errorf("%v: %s", err, o.stderr)
	}
	checkPuts(t, server, 0)
	if o := runProcess(t, env, "catalog", "push", "G100000001", "-f", menu, "--allow-deletes", "7", "--allow-variant-deletes", "8", "--yes"); o.code != 0 || !strings.Contains(o.stdout, " pushed ") {
		t.Errorf("with --yes: %+v", o)
	}
	checkPuts(t, server, 1)
	if o := runProcess(t, env, "catalog", "rollback", "G100000001"); o.code != 6 || o.stdout != "" {
		t.Errorf("rollback: %+v", o)
	}
	checkPuts(t, server, 1)
}

// checkPuts counts the menus that a sandbox was sent.
func checkPuts(t *testing.T, server *sandbox.Sandbox, want int) {
	t.Helper()
	requests, err := sandbox.NewControl(server.Info().ControlURL, nil).Requests(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if n := requests.Counts["putCatalog"]; n != want {
		t.Errorf("%d requests of putCatalog, want %d", n, want)
	}
}

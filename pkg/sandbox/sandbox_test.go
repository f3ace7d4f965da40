package sandbox

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// serveState makes the test binary a sandbox of its own, which a test can kill.
const serveState = "GOBIZ_SANDBOX_TEST_STATE"

func TestMain(m *testing.M) {
	if path := os.Getenv(serveState); path != "" {
		serve(path)
		return
	}
	goleak.VerifyTestMain(m)
}

func serve(path string) {
	s, err := Start(context.Background(), Options{StateFile: path, CatalogDelay: 30 * time.Minute})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	_ = json.NewEncoder(os.Stdout).Encode(s.Info())
	_, _ = io.Copy(io.Discard, os.Stdin) // until the parent is gone
}

func TestStartServesAndCloseLeavesNothing(t *testing.T) {
	before := goleak.IgnoreCurrent()
	s, err := Start(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{}}
	resp, err := client.Get(s.Info().APIURL + "/health")
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(resp.Body)
	resp.Body.Close()
	if string(body) != `{"status":"ok"}` {
		t.Errorf("health: %s", body)
	}
	s.after(time.Hour, func() { t.Error("a timer ran after Close") })
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("second Close: %v", err)
	}
	client.CloseIdleConnections()
	goleak.VerifyNone(t, before)
	if _, err := client.Get(s.Info().APIURL + "/health"); err == nil {
		t.Error("the sandbox serves after Close")
	}
}

func TestContextEndsTheSandbox(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s, err := Start(ctx, Options{})
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	s.served.Wait()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestBadOptions(t *testing.T) {
	held := filepath.Join(t.TempDir(), "state")
	s, err := Start(t.Context(), Options{StateFile: held})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for want, o := range map[string]Options{
		"is not a loopback address; use 127.0.0.1": {Addr: "0.0.0.0:0"},
		"is not a loopback address":                {Addr: "192.0.2.1:80"},
		"missing port":                             {Addr: "127.0.0.1"},
		"another program does":                     {Addr: strings.TrimPrefix(s.origin, "http://")},
		"time scale -1 is negative":                {TimeScale: -1},
		"time scale NaN is not a finite number":    {TimeScale: math.NaN()},
		"time scale +Inf is not a finite number":   {TimeScale: math.Inf(1)},
		"time scale -Inf is not a finite number":   {TimeScale: math.Inf(-1)},
		"share=NaN is not a share":                 {Faults: []Fault{{Target: "*", Status: 503, Share: math.NaN()}}},
		"times=-1 is not a number":                 {Faults: []Fault{{Target: "*", Status: 503, Times: -1}}},
		"delay=-1s is not a duration":              {Faults: []Fault{{Target: "*", Delay: -time.Second}}},
		"is in use by another sandbox":             {StateFile: held},
	} {
		other, err := Start(t.Context(), o)
		if err == nil {
			other.Close()
		}
		if err == nil || !strings.Contains(err.Error(), strings.TrimSpace(want)) {
			t.Errorf("%+v: error %v, want %q", o, err, want)
		}
	}
}

func TestSlowTimeScaleIsNoTimeInThePast(t *testing.T) {
	s := &Sandbox{o: Options{TimeScale: 1e-300}}
	if d := s.scaled(time.Minute); d != math.MaxInt64 {
		t.Errorf("a minute takes %s", d)
	}
}

func TestListenErrorsAreReadable(t *testing.T) {
	bind := func(reason syscall.Errno) error {
		return &net.OpError{Op: "listen", Net: "tcp", Err: os.NewSyscallError("bind", reason)}
	}
	for reason, want := range map[syscall.Errno]string{
		syscall.EACCES:        "no permission to listen on 127.0.0.1:80; use a port from 1024",
		syscall.EADDRINUSE:    "cannot listen on 127.0.0.1:80, another program does; use another port",
		syscall.EADDRNOTAVAIL: "cannot listen on 127.0.0.1:80: ",
	} {
		if err := listenError("127.0.0.1:80", bind(reason)); !strings.Contains(err.Error(), want) || !errors.Is(err, reason) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// startChild runs a sandbox in a process of its own. end kills it.
func startChild(t *testing.T, path string) (remote *harness, info Info, end func()) {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), serveState+"="+path)
	child.Stderr = os.Stderr
	stdin, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stdin.Close() })
	stdout, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(stdout).ReadBytes('\n')
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(line, &info); err != nil {
		t.Fatal(err)
	}
	// The running child is spoken to as any other sandbox.
	remote = &harness{T: t, s: &Sandbox{origin: info.APIURL, oauthOrigin: info.OAuthURL, store: seededStore(t)}, client: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}}
	return remote, info, func() {
		if err := child.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = child.Wait() // killed
	}
}

// A kill in the middle of the work leaves each request done or not done.
func TestKillLeavesNoHalfRequest(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	remote, info, kill := startChild(t, path)
	for _, url := range []string{"http://127.0.0.1:9/a", "http://127.0.0.1:9/b"} {
		remote.as(facilitatorID).subscribe(&receiver{url: url}, eventOrderCreated)
	}
	control := NewControl(info.ControlURL, remote.client)
	answered := make(chan string, 1000)
	go func() {
		defer close(answered)
		for {
			placed, err := control.CreateOrder(t.Context(), OrderRequest{})
			if err != nil {
				return
			}
			answered <- placed.Number
		}
	}()
	var numbers []string
	for range 20 {
		numbers = append(numbers, <-answered)
	}
	kill()
	for number := range answered {
		numbers = append(numbers, number)
	}

	s, err := openStore(path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	for _, number := range numbers {
		if _, ok := s.orders.get(number); !ok {
			t.Errorf("order %s was answered and is forgotten", number)
		}
	}
	// Its number, its row and what is sent of it belong to one request.
	orders := len(s.orders.rows)
	if next := s.next("orders"); next != orders+1 || orders < len(numbers) || orders > len(numbers)+1 {
		t.Errorf("%d orders of which %d were answered, and the next is number %d", orders, len(numbers), next)
	}
	if len(s.deliveries.rows) != 2*orders {
		t.Errorf("%d orders and %d deliveries", orders, len(s.deliveries.rows))
	}
}

// A killed sandbox goes on where it was.
func TestStateSurvivesAKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	remote, info, kill := startChild(t, path)
	c := remote.as(facilitatorID)
	remote.done(c.call("PUT", pushPath, goodMenu))
	remote.done(c.call("PATCH", "/integrations/gofood/outlets/"+linkedOutletID+"/v2/menu_item_stocks", `[{"external_id":"MI-001","in_stock":false}]`))
	control := NewControl(info.ControlURL, remote.client)
	placed, err := control.CreateOrder(t.Context(), OrderRequest{OutletID: linkedOutletID})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := control.AdvanceClock(t.Context(), time.Minute); err != nil {
		t.Fatal(err)
	}
	kill()

	s, err := Start(t.Context(), Options{StateFile: path})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if now := s.now(); time.Until(now) < 30*time.Second {
		t.Errorf("the clock lost its advance: %s", now)
	}
	again := &harness{T: t, s: s, client: remote.client}
	c.harness = again // the token is known still
	live := pull(c)
	if live.Menus[0].Items[0].InStock {
		t.Error("the stock is forgotten")
	}
	if got := again.OrderStatus(placed.Number); got != string(placed.Status) {
		t.Errorf("the order is %s, was %s", got, placed.Status)
	}
	// The menu that was on its way arrives.
	if _, err := NewControl(s.Info().ControlURL, remote.client).AdvanceClock(t.Context(), 30*time.Minute); err != nil {
		t.Fatal(err)
	}
	again.await("the pushed menu", func() bool { return pull(c).Menus[0].Items[0].ExternalID == "MI-1" })
}

func seededStore(t *testing.T) *store {
	t.Helper()
	s := &Sandbox{store: newStore()}
	if err := s.store.update(func() error { s.seed(); return nil }); err != nil {
		t.Fatal(err)
	}
	return s.store
}

func TestSeedRepeatsIDs(t *testing.T) {
	ids := func(path string, seed uint64) []string {
		s, err := Start(t.Context(), Options{Seed: seed, StateFile: path})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		return []string{s.newUUID(), s.newSecret()}
	}
	if a, b := ids("", 7), ids("", 7); !slices.Equal(a, b) {
		t.Errorf("one seed gave %v and %v", a, b)
	}
	if a, b := ids("", 0), ids("", 0); slices.Equal(a, b) {
		t.Errorf("two sandboxes without a seed gave %v", a)
	}
	path := filepath.Join(t.TempDir(), "state")
	if a, b := ids(path, 7), ids(path, 7); slices.Equal(a, b) {
		t.Errorf("a restart handed out %v again", a)
	}
}

func TestInfoNamesAllKeys(t *testing.T) {
	d := newHarness(t, Options{})
	text, err := json.Marshal(d.s.Info())
	if err != nil {
		t.Fatal(err)
	}
	var info map[string]any
	if err := json.Unmarshal(text, &info); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"api_url", "oauth_url", "control_url", "page_url", "client_id", "client_secret", "notification_secret", "outlets", "users"} {
		if info[key] == nil {
			t.Errorf("info lacks %s", key)
		}
	}
	if info["control_url"] != d.s.origin+"/_sandbox" || info["page_url"] != d.s.origin+"/" || strings.Contains(string(text), "null") && !strings.Contains(string(text), `"external_outlet_id":null`) {
		t.Errorf("info %s", text)
	}
}

func TestIndexPage(t *testing.T) {
	d := newHarness(t, Options{})
	o := d.order(map[string]any{"outlet_id": linkedOutletID})
	resp, err := http.Get(d.s.origin + "/")
	if err != nil {
		t.Fatal(err)
	}
	defer http.DefaultClient.CloseIdleConnections()
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	info := d.s.Info()
	for _, text := range []string{
		info.APIURL, info.ClientID, info.ClientSecret, info.Users[0].Phone[1:], info.Users[0].OTP, info.Direct.ClientID, info.Enterprise.EnterpriseID,
		linkedOutletID, "POS-TEBET", foreignOutletID, o.Number, "not affiliated with Gojek", `name="viewport"`,
	} {
		if !strings.Contains(string(page), text) {
			t.Errorf("the page lacks %q", text)
		}
	}
	if resp.StatusCode != http.StatusOK || !strings.Contains(resp.Header.Get("Content-Security-Policy"), "default-src 'none'") {
		t.Errorf("page %d, %v", resp.StatusCode, resp.Header)
	}
}

func BenchmarkStartToFirstAnswer(b *testing.B) {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for b.Loop() {
		s, err := Start(b.Context(), Options{})
		if err != nil {
			b.Fatal(err)
		}
		resp, err := client.Get(s.origin + "/health")
		if err != nil {
			b.Fatal(err)
		}
		resp.Body.Close()
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

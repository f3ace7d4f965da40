package realparts

import (
	"bufio"
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"testing"
	"time"
)

// browser is a Chromium without a window, driven through chromedriver by the
// W3C's WebDriver protocol.
type browser struct {
	t       *testing.T
	client  *http.Client
	session string // URL of the WebDriver session
}

// patience is how long the browser looks for something on a page before it is
// missing.
const patience = 20 * time.Second

func openBrowser(t *testing.T, args ...string) *browser {
	t.Helper()
	requireParts(t, chromium, chromeDriver)
	binary, err := exec.LookPath(chromium.program)
	if err != nil {
		t.Fatal(err)
	}
	home := shortTempDir(t)
	b := &browser{t: t, client: &http.Client{Transport: &http.Transport{}}} // no proxy
	driver := b.startDriver(home)
	var opened struct {
		SessionID string `json:"sessionId"`
	}
	b.session = driver + "/session"
	b.call(http.MethodPost, "", map[string]any{"capabilities": map[string]any{"alwaysMatch": map[string]any{
		"timeouts": map[string]any{"implicit": patience.Milliseconds()},
		"goog:chromeOptions": map[string]any{"binary": binary, "args": append([]string{
			"--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run", "--no-proxy-server",
			"--disable-background-networking", "--disable-component-update", "--disable-sync", "--user-data-dir=" + home + "/profile",
		}, args...)},
	}}}, &opened)
	b.session += "/" + opened.SessionID
	t.Cleanup(func() {
		// The test's context has ended, so the call is made without it.
		request, err := http.NewRequest(http.MethodDelete, b.session, nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := b.client.Do(request)
		if err != nil {
			t.Errorf("close the browser: %v", err)
			return
		}
		response.Body.Close()
	})
	return b
}

var portLine = regexp.MustCompile(`started successfully on port (\d+)`)

// startDriver gives the URL of a driver on a free port.
func (b *browser) startDriver(home string) string {
	b.t.Helper()
	driver := exec.Command(chromeDriver.program, "--port=0")
	driver.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "TMPDIR=" + home, "LANG=en_US.UTF-8"}
	stdout, err := driver.StdoutPipe()
	if err != nil {
		b.t.Fatal(err)
	}
	if err := driver.Start(); err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() {
		_ = driver.Process.Kill()
		_ = driver.Wait()
	})
	port := make(chan string, 1)
	go func() {
		defer close(port)
		for lines := bufio.NewScanner(stdout); lines.Scan(); {
			if match := portLine.FindStringSubmatch(lines.Text()); match != nil {
				port <- match[1]
			}
		}
	}()
	free := <-port
	if free == "" {
		b.t.Fatal("chromedriver did not start")
	}
	return "http://127.0.0.1:" + free
}

// call makes one call of the session and fails the test when it fails.
func (b *browser) call(method, path string, body, answer any) {
	b.t.Helper()
	var payload []byte
	if method == http.MethodPost {
		if body == nil {
			body = struct{}{}
		}
		var err error
		if payload, err = json.Marshal(body); err != nil {
			b.t.Fatal(err)
		}
	}
	request, err := http.NewRequestWithContext(b.t.Context(), method, b.session+path, bytes.NewReader(payload))
	if err != nil {
		b.t.Fatal(err)
	}
	response, err := b.client.Do(request)
	if err != nil {
		b.t.Fatal(err)
	}
	defer response.Body.Close()
	var envelope struct{ Value json.RawMessage }
	if err := json.NewDecoder(response.Body).Decode(&envelope); err != nil {
		b.t.Fatal(err)
	}
	if response.StatusCode != http.StatusOK {
		var refused struct{ Error, Message string }
		_ = json.Unmarshal(envelope.Value, &refused)
		b.t.Fatalf("browser, %s: %s: %s%s", path, refused.Error, refused.Message, b.shown(path))
	}
	if answer != nil {
		if err := json.Unmarshal(envelope.Value, answer); err != nil {
			b.t.Fatal(err)
		}
	}
}

// shown is the text of the page, for a failure's message.
func (b *browser) shown(failed string) string {
	if failed != "/element" {
		return ""
	}
	var text, address string
	b.call(http.MethodPost, "/execute/sync", map[string]any{"script": "return document.body.innerText", "args": []any{}}, &text)
	b.call(http.MethodGet, "/url", nil, &address)
	return "\nthe page at " + address + " shows:\n" + text
}

func (b *browser) open(url string) {
	b.t.Helper()
	b.call(http.MethodPost, "/url", map[string]string{"url": url}, nil)
}

// element is something on a page.
type element struct {
	b  *browser
	id string
}

// find waits for an element; by is "css selector" or "xpath".
func (b *browser) find(by, what string) element {
	b.t.Helper()
	var found map[string]string // its only key is a constant of the protocol
	b.call(http.MethodPost, "/element", map[string]string{"using": by, "value": what}, &found)
	for _, id := range found {
		return element{b, id}
	}
	b.t.Fatalf("the browser found nothing for %s", what)
	return element{}
}

func (e element) get(property string) string {
	e.b.t.Helper()
	var value string
	e.b.call(http.MethodGet, "/element/"+e.id+"/"+property, nil, &value)
	return value
}

func (e element) click() {
	e.b.t.Helper()
	e.b.call(http.MethodPost, "/element/"+e.id+"/click", nil, nil)
}

// sees waits for a heading with this text.
func (b *browser) sees(heading string) {
	b.t.Helper()
	b.find("xpath", "//h1[normalize-space()='"+heading+"']")
}

// fill types into the field that has this label, as a person or a screen
// reader finds it.
func (b *browser) fill(label, text string) {
	b.t.Helper()
	field := b.find("xpath", "//input[@id=//label[normalize-space()='"+label+"']/@for]")
	if got := field.get("computedlabel"); got != label {
		b.t.Errorf("the field's accessible name is %q, want %q", got, label)
	}
	b.call(http.MethodPost, "/element/"+field.id+"/value", map[string]string{"text": text}, nil)
}

// press clicks the button that has this text.
func (b *browser) press(button string) {
	b.t.Helper()
	b.find("xpath", "//button[normalize-space()='"+button+"']").click()
}

// language is the page's, as a screen reader pronounces it.
func (b *browser) language() string {
	b.t.Helper()
	var value string
	b.call(http.MethodPost, "/execute/sync", map[string]any{"script": "return document.documentElement.lang", "args": []any{}}, &value)
	return value
}

func (b *browser) address() string {
	b.t.Helper()
	var value string
	b.call(http.MethodGet, "/url", nil, &value)
	return value
}

// newTab opens a tab and brings it to the front.
func (b *browser) newTab() {
	b.t.Helper()
	var opened struct{ Handle string }
	b.call(http.MethodPost, "/window/new", map[string]string{"type": "tab"}, &opened)
	b.call(http.MethodPost, "/window", map[string]string{"handle": opened.Handle}, nil)
}

// screenshot is the page as PNG.
func (b *browser) screenshot() []byte {
	b.t.Helper()
	var png []byte // JSON has it in base64, which []byte undoes
	b.call(http.MethodGet, "/screenshot", nil, &png)
	return png
}

package cmd_test

import (
	"context"
	"encoding/json"
	"flag"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/gobiz-cli/gobiz/cmd"
	"github.com/gobiz-cli/gobiz/pkg/sandbox"
)

func TestMain(m *testing.M) {
	// Scripts mostly wait: for child processes, and for the pauses between
	// retries. The command line still overrides it.
	if err := flag.Set("test.parallel", "6"); err != nil {
		panic(err)
	}
	testscript.Main(m, map[string]func(){
		"gobiz": func() { os.Exit(cmd.Main(os.Args[1:], cmd.OS())) },
	})
}

// TestScripts runs the scripts under testdata/script: the real program, each
// script with an empty HOME and a sandbox of its own. A script starts with the
// environment that `gobiz sandbox start` prints; `profile` gives it a stored
// login instead.
//
// Besides testscript's own commands there are:
//
//	profile                       log in with client credentials, encrypted file store, nothing left in the environment
//	merchant                      log the profile in as a merchant too, through the login pages
//	exit CODE gobiz ARG...        the command must end with this exit code
//	fails CODE gobiz ARG...       so, with nothing on stdout and an error of one to three lines (or JSON) on stderr
//	capture NAME gobiz ARG...     keep what the command prints in a variable
//	load NAME FILE                keep a file's text in a variable
//	chomp FILE...                 take the newline off the end of files
//	keys PATH KEY...              the object at this path (.outlets.0) of the JSON on stdout has exactly these keys
//	equal FILE PATH               the JSON on stdout equals the value at this path of a JSON file
//	requests OPERATION COUNT      the sandbox has answered so many requests of an operation
//	expire                        end all access tokens, as after an hour
//	fault [RULE...]               spoil requests from now on (see sandbox.Fault)
//	switch NAME...                take the other reading (see sandbox.Switches)
//	lastjson KEY=VALUE...         the last line of stderr is a JSON error with these values
//	auditlog FILE LINE...         the audit log has exactly these lines: reason, result, and the status of a refusal
//	receive FILE                  start a webhook receiver: its URL is in $HOOK, a body goes to FILE, its signature to FILE.signature
//	received                      wait for the receiver's first notification
//	tunnel                        $TUNNEL is a URL that leads to the next listener
//	listen ARG...                 start `webhook listen` on a free port; when it ends its outputs are listen.out and listen.err
//	heard COUNT                   wait until the listener has shown so many events more
//	interrupt                     end the listener as Ctrl-C does
//	kill-listener                 end the listener as kill -9 does
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup:               setupScript,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"profile":       scriptProfile,
			"merchant":      scriptMerchant,
			"exit":          scriptExit,
			"fails":         scriptFails,
			"capture":       scriptCapture,
			"load":          scriptLoad,
			"chomp":         scriptChomp,
			"keys":          scriptKeys,
			"equal":         scriptEqual,
			"expire":        scriptExpire,
			"requests":      scriptRequests,
			"fault":         scriptFault,
			"switch":        scriptSwitch,
			"lastjson":      scriptLastJSON,
			"auditlog":      scriptAuditLog,
			"receive":       scriptReceive,
			"received":      scriptReceived,
			"tunnel":        scriptTunnel,
			"listen":        scriptListen,
			"heard":         scriptHeard,
			"interrupt":     scriptInterrupt,
			"kill-listener": scriptKill,
		},
	})
}

// scriptKey finds what belongs to one running script.
type scriptKey struct{}

type script struct {
	sandbox *sandbox.Sandbox
	control *sandbox.Control
	hook    chan struct{}
	listen  *listenProcess
	tunnel  *atomic.Pointer[url.URL]
}

func scriptOf(ts *testscript.TestScript) *script { return ts.Value(scriptKey{}).(*script) }

func setupScript(env *testscript.Env) error {
	s, err := sandbox.Start(context.Background(), sandbox.Options{CatalogDelay: -1})
	if err != nil {
		return err
	}
	env.Defer(func() { _ = s.Close() })
	info := s.Info()
	env.Values[scriptKey{}] = &script{sandbox: s, control: sandbox.NewControl(info.ControlURL, nil)}
	home := filepath.Join(env.WorkDir, "home")
	if err := os.Mkdir(home, 0o700); err != nil {
		return err
	}
	env.Vars = append(env.Vars,
		"HOME="+home, "USERPROFILE="+home, "XDG_CONFIG_HOME=", "XDG_STATE_HOME=", "DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent",
		// A script that would leave this machine, by a mistake of ours, meets a closed port.
		"HTTPS_PROXY=http://127.0.0.1:9", "HTTP_PROXY=http://127.0.0.1:9", "NO_PROXY=",
		"SANDBOX="+info.APIURL,
		"SECRET="+info.ClientSecret,
		"ENTERPRISE="+info.Enterprise.EnterpriseID,
		"GOBIZ_ENV=local", "GOBIZ_API_URL="+info.APIURL, "GOBIZ_OAUTH_URL="+info.OAuthURL,
		"GOBIZ_CLIENT_ID="+info.ClientID, "GOBIZ_CLIENT_SECRET="+info.ClientSecret,
		"GOBIZ_NOTIFICATION_SECRET="+info.NotificationSecret,
	)
	return nil
}

func scriptProfile(ts *testscript.TestScript, neg bool, args []string) {
	noArguments(ts, neg, args)
	ts.Setenv("GOBIZ_CREDENTIAL_STORE", "file")
	ts.Setenv("GOBIZ_CREDENTIALS_PASSPHRASE", "a passphrase for tests")
	ts.Check(ts.Exec("gobiz", "login", "--env", "local"))
	for _, name := range []string{"GOBIZ_ENV", "GOBIZ_API_URL", "GOBIZ_OAUTH_URL", "GOBIZ_CLIENT_ID", "GOBIZ_CLIENT_SECRET", "GOBIZ_NOTIFICATION_SECRET", "GOBIZ_CREDENTIAL_STORE"} {
		ts.Setenv(name, "")
	}
}

// scriptMerchant plays the browser: the login command prints the page's URL,
// and the merchant walks through it back to the command's receiver.
func scriptMerchant(ts *testscript.TestScript, neg bool, args []string) {
	noArguments(ts, neg, args)
	owner := scriptOf(ts).sandbox.Info().Users[0]
	merchantLogin(ts, sandbox.Merchant{Phone: owner.Phone, OTP: owner.OTP}, true)
}

func scriptRequests(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: requests OPERATION COUNT")
	}
	requests, err := scriptOf(ts).control.Requests(context.Background())
	ts.Check(err)
	if got := strconv.Itoa(requests.Counts[args[0]]); got != args[1] {
		ts.Fatalf("%s requests of %s, want %s", got, args[0], args[1])
	}
}

func scriptFault(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("usage: fault [RULE...]")
	}
	var faults []sandbox.Fault
	for _, rule := range args {
		fault, err := sandbox.ParseFault(rule)
		ts.Check(err)
		faults = append(faults, fault)
	}
	ts.Check(scriptOf(ts).control.SetFaults(context.Background(), faults...))
}

func scriptExpire(ts *testscript.TestScript, neg bool, args []string) {
	noArguments(ts, neg, args)
	_, err := scriptOf(ts).control.ExpireTokens(context.Background())
	ts.Check(err)
}

func scriptSwitch(ts *testscript.TestScript, neg bool, args []string) {
	names := map[string]bool{}
	for _, name := range args {
		names[name] = !neg
	}
	data, err := json.Marshal(names)
	ts.Check(err)
	var switches sandbox.Switches
	ts.Check(json.Unmarshal(data, &switches))
	ts.Check(scriptOf(ts).control.SetSwitches(context.Background(), switches))
}

func scriptReceive(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: receive FILE")
	}
	path := ts.MkAbs(args[0])
	done := make(chan struct{})
	url, stop := startReceiver(func(r *http.Request, body []byte) {
		select {
		case <-done: // the first one only
			return
		default:
		}
		_ = os.WriteFile(path, body, 0o600)
		_ = os.WriteFile(path+".signature", []byte(r.Header.Get("X-Go-Signature")), 0o600)
		close(done)
	})
	ts.Defer(stop)
	scriptOf(ts).hook = done
	ts.Setenv("HOOK", url)
}

func scriptReceived(ts *testscript.TestScript, neg bool, args []string) {
	noArguments(ts, neg, args)
	<-scriptOf(ts).hook // the test binary's own time-out bounds it
}

func noArguments(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("takes no arguments")
	}
}

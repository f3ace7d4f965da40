package realparts

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/gobiz-cli/gobiz/pkg/sandbox"
)

// A profile's whole life in the keyring of a desktop.
func TestKeyring(t *testing.T) {
	t.Parallel()
	requireParts(t, dbusDaemon, keyringDaemon, secretTool)
	s := startServer(t)
	m := newMachine(t).session(t, services{secretService: unlockedKeyring})

	// A relay secret of this length does not fit in one entry of every keyring.
	relay := strings.Repeat("relay-secret-", 400)
	got := m.with(s.environment()...).with("GOBIZ_NOTIFICATION_SECRET", relay).
		run(t.Context(), s.ClientSecret, m.program(), "login", "--client-secret-stdin")
	if got.code != 0 || !strings.Contains(got.stderr, "secrets are in the system's keyring") {
		t.Fatalf("login: exit %d\n%s", got.code, got.stderr)
	}

	// Another process finds all of it there.
	if got := m.must("outlets", "list", "--jq", "length"); got != "3" {
		t.Errorf("outlets list shows %s outlets", got)
	}
	if got := m.must("status", "--jq", `[.logged_in, .credential_store] | map(tostring) | join(" ")`); got != "true keyring" {
		t.Errorf("status says %s", got)
	}
	sign := func(m *machine) string {
		got := m.run(t.Context(), "{}", m.program(), "webhook", "sign", "-")
		return got.stdout + got.stderr
	}
	if stored, given := sign(m), sign(m.with("GOBIZ_NOTIFICATION_SECRET", relay)); stored != given {
		t.Errorf("signed with the stored relay secret %s, with the given one %s", stored, given)
	}
	if n := s.requests("createToken"); n != 1 {
		t.Errorf("%d token requests, want 1: the stored token is not used", n)
	}

	// The merchant's login goes beside the partner's.
	m.logInMerchant(s)
	if got := m.must("token-info", "--jq", ".user.roles[0]"); got != "owner" {
		t.Errorf("token-info says %s", got)
	}

	// The desktop's own tool shows the entries, under names that a person can find.
	entries := m.entries()
	if !strings.Contains(entries, "attribute.username = default\n") || !strings.Contains(entries, s.ClientSecret) {
		t.Errorf("the keyring does not show the profile's client secret:\n%s", entries)
	}
	if n := strings.Count(entries, "attribute.service = gobiz\n"); n < 2 {
		t.Errorf("%d entries for a record of more than 5,000 bytes", n)
	}
	token := m.must("token")
	for _, secret := range []string{s.ClientSecret, relay, token} {
		if !strings.Contains(strings.ReplaceAll(entries, "\n", ""), secret[:12]) {
			t.Errorf("%.12s... is not in the keyring", secret)
		}
		if files := m.holds(secret); files != nil {
			t.Errorf("%.12s... is in plain text in %v", secret, files)
		}
	}

	// A second profile's login is another entry, and logout takes only its own.
	second := m.with(s.environment()...).run(t.Context(), s.ClientSecret, m.program(), "login", "-p", "second", "--client-secret-stdin")
	if second.code != 0 {
		t.Fatalf("second login: exit %d\n%s", second.code, second.stderr)
	}
	m.must("logout")
	entries = m.entries()
	if n := strings.Count(entries, "attribute.service = gobiz\n"); n != 1 || !strings.Contains(entries, "attribute.username = second\n") {
		t.Errorf("after the logout of one profile there are %d entries:\n%s", n, entries)
	}
	m.fails(3, []string{"is not logged in", "hint: gobiz login"}, "outlets", "list")
	m.must("profile", "remove", "second", "--yes")
	if entries := m.entries(); entries != "" {
		t.Errorf("the keyring still has\n%s", entries)
	}
}

// A keyring that nobody unlocked, as on a server or over ssh.
func TestLockedKeyring(t *testing.T) {
	t.Parallel()
	requireParts(t, dbusDaemon, keyringDaemon)
	s := startServer(t)
	m := newMachine(t)
	login := func(t *testing.T, m *machine) outcome {
		t.Helper()
		return m.with(s.environment()...).run(t.Context(), s.ClientSecret, m.program(), "login", "--client-secret-stdin")
	}
	unlocked := t.Run("unlocked", func(t *testing.T) {
		inside := m.session(t, services{secretService: unlockedKeyring})
		if got := login(t, inside); got.code != 0 {
			t.Fatalf("exit %d\n%s", got.code, got.stderr)
		}
	})
	if !unlocked {
		return
	}
	commands := [][]string{{"outlets", "list"}, {"token"}, {"logout"}}
	t.Run("locked", func(t *testing.T) {
		inside := m.session(t, services{secretService: lockedKeyring})
		for _, args := range commands {
			inside.fails(3, slices.Concat(wayOn, []string{"keyring not available: it is locked"}), args...)
		}
		login(t, inside).expect(t, 3, slices.Concat(wayOn, []string{"keyring not available: it is locked"})...)
	})
	t.Run("prompt that nobody sees", func(t *testing.T) {
		inside := m.session(t, services{secretService: lockedKeyring, prompter: unseenPrompt})
		var waiting sync.WaitGroup
		for _, args := range commands {
			waiting.Go(func() {
				inside.inBound(t, "", args...).expect(t, 3, slices.Concat(wayOn, []string{"keyring not available: no answer within", "may be locked"})...)
			})
		}
		waiting.Wait()
	})
	t.Run("no keyring", func(t *testing.T) {
		inside := m.session(t, nil)
		inside.fails(3, slices.Concat(wayOn, []string{"keyring not available: no secret service is running"}), "outlets", "list")
		login(t, inside).expect(t, 3, slices.Concat(wayOn, []string{"keyring not available: no secret service is running"})...)
	})
	t.Run("unlocked again", func(t *testing.T) {
		inside := m.session(t, services{secretService: unlockedKeyring})
		if got := inside.must("outlets", "list", "--jq", "length"); got != "3" {
			t.Errorf("the login is lost: %s", got)
		}
	})
	if n := s.requests("createToken"); n != 1 {
		t.Errorf("%d token requests, want 1: a secret went out although it could not be stored", n)
	}
}

// entries is what the desktop's tool shows of gobiz. It writes the attributes
// to stderr and the secrets to stdout.
func (m *machine) entries() string {
	m.t.Helper()
	got := m.run(m.t.Context(), "", "secret-tool", "search", "--all", "service", "gobiz")
	if got.code != 0 && got.stdout+got.stderr != "" {
		m.t.Fatalf("secret-tool: exit %d\n%s", got.code, got.stderr)
	}
	return got.stdout + got.stderr
}

// logInMerchant adds a merchant's login to the profile in use.
func (m *machine) logInMerchant(s *server) {
	m.t.Helper()
	login := m.merchantLogin("--no-browser")
	owner := sandbox.Merchant{Phone: s.Users[0].Phone, OTP: s.Users[0].OTP}
	back, err := owner.Consent(m.t.Context(), login.page, true)
	if err != nil {
		m.t.Fatal(err)
	}
	response, err := http.Get(back.String())
	if err != nil {
		m.t.Fatal(err)
	}
	response.Body.Close()
	if got := login.end(); got.code != 0 {
		m.t.Fatalf("merchant login: exit %s\n%s", strconv.Itoa(got.code), got.stderr)
	}
}

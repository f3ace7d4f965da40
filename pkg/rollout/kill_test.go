//go:build !windows

package rollout_test

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/gobiz-cli/gobiz/pkg/catalog"
	"github.com/gobiz-cli/gobiz/pkg/gobiz"
	"github.com/gobiz-cli/gobiz/pkg/rollout"
)

// What a child process is told: where to push, and the step at which it kills
// itself, as kill -9 does.
const (
	childAPI   = "ROLLOUT_TEST_API"
	childState = "ROLLOUT_TEST_STATE"
	childStep  = "ROLLOUT_TEST_KILL_AT"
	childToken = "ROLLOUT_TEST_TOKEN"
)

func TestMain(m *testing.M) {
	if os.Getenv(childAPI) != "" {
		os.Exit(pushAndDie())
	}
	os.Exit(m.Run())
}

type fixedToken string

func (t fixedToken) Token(context.Context, string) (string, error) { return string(t), nil }
func (fixedToken) Reject(context.Context, string)                  {}

func pushAndDie() int {
	client, err := gobiz.New(gobiz.Options{BaseURL: os.Getenv(childAPI), Tokens: fixedToken(os.Getenv(childToken)), MaxAttempts: 1})
	if err != nil {
		return 2
	}
	file, _ := catalog.Parse("menu.yaml", []byte(smallMenu), catalog.Partner)
	_, err = rollout.Push(context.Background(), rollout.Partner(client), outletID, file, rollout.Options{
		Wait:    true,
		Consent: func(context.Context, rollout.Proposal) error { return nil },
		State:   &rollout.State{Dir: os.Getenv(childState), Environment: rollout.Environment{Profile: "jakarta", Name: "local"}},
		OnStep: func(s rollout.Step) {
			if string(s) == os.Getenv(childStep) {
				_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
				select {} // until it is dead
			}
		},
	})
	if err != nil {
		return 3
	}
	return 0
}

// killedAt pushes smallMenu in a process that is killed at a step.
func killedAt(p *place, step rollout.Step, state *rollout.State) {
	p.Helper()
	token, err := p.tokens.Token(p.Context(), "putCatalog")
	if err != nil {
		p.Fatal(err)
	}
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childAPI+"="+p.apiURL, childState+"="+state.Dir, childStep+"="+string(step), childToken+"="+token)
	output, _ := child.CombinedOutput() // how it ended is what counts
	if status, ok := child.ProcessState.Sys().(syscall.WaitStatus); !ok || status.Signal() != syscall.SIGKILL {
		p.Fatalf("the child was not killed: %v: %s", child.ProcessState, output)
	}
}

// A push that is killed at any step leaves the old or the new menu, a snapshot
// that can be read, and nothing in the way of the next run.
func TestKilledAtEachStep(t *testing.T) {
	for _, step := range []rollout.Step{
		rollout.StepValidate, rollout.StepLive, rollout.StepDiff, rollout.StepGuard, rollout.StepConsent,
		rollout.StepSnapshot, rollout.StepWrite, rollout.StepLog, rollout.StepWait,
	} {
		t.Run(string(step), func(t *testing.T) {
			t.Parallel()
			p := start(t, atOnce)
			old := p.live()
			state := stateIn(t)
			killedAt(p, step, state)

			written := step == rollout.StepLog || step == rollout.StepWait
			now := p.live()
			if isOld := now.Digest() == old.Digest(); isOld == written {
				t.Errorf("old menu: %v", isOld)
			}
			if writes := p.puts(); (writes == 1) != written {
				t.Errorf("%d writes", writes)
			}
			snapshots, err := state.Snapshots().List(outletID)
			if err != nil {
				t.Fatal(err)
			}
			if taken := written || step == rollout.StepWrite; (len(snapshots) == 1) != taken {
				t.Errorf("%d snapshots", len(snapshots))
			}
			if len(snapshots) > 0 {
				_, menu, err := state.Snapshots().Load(outletID, "")
				if err != nil || menu.Digest() != old.Digest() {
					t.Errorf("the snapshot: %v", err)
				}
			}

			// The next run works, and the log knows of the killed write.
			file := p.file("menu.yaml", strings.Replace(smallMenu, "28_000", "29_000", 1), catalog.Partner)
			result, err := rollout.Push(t.Context(), p.partner(), outletID, file, rollout.Options{State: state})
			if err != nil || result.Status != rollout.Pushed {
				t.Fatalf("the next run: %+v, %v", result, err)
			}
			lines := loggedWrites(t, state)
			if want := 1 + len(snapshots); len(lines) != want || lines[want-1].RequestID != result.RequestID {
				t.Fatalf("%d lines in the log, want %d: %+v", len(lines), want, lines)
			}
			if len(lines) == 2 {
				want := rollout.WriteUnknown
				if step == rollout.StepWait {
					want = rollout.WritePushed
				}
				if lines[0].Result != want || lines[0].RequestID != snapshots[0].RequestID || *lines[0].Snapshot != snapshots[0].ID {
					t.Errorf("the killed write: %+v", lines[0])
				}
			}
		})
	}
}

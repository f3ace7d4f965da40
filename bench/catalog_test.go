package bench

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gobiz-cli/gobiz/pkg/auth"
	"github.com/gobiz-cli/gobiz/pkg/catalog"
	"github.com/gobiz-cli/gobiz/pkg/credentials"
	"github.com/gobiz-cli/gobiz/pkg/gobiz"
	"github.com/gobiz-cli/gobiz/pkg/rollout"
	"github.com/gobiz-cli/gobiz/pkg/sandbox"
)

const outletID = "G100000001"

// target is the partner API of a sandbox in this process, through real sockets
// and with a token by client credentials. A pushed menu is live at once.
func target(b *testing.B, workers int, faults ...sandbox.Fault) (rollout.Target, *gobiz.Client) {
	b.Helper()
	s, err := sandbox.Start(b.Context(), sandbox.Options{CatalogDelay: -1, Seed: 1, Faults: faults})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := s.Close(); err != nil {
			b.Error(err)
		}
	})
	info := s.Info()
	endpoint, err := auth.NewEndpoint(auth.EndpointOptions{
		OAuthURL: info.OAuthURL, ClientID: info.ClientID, ClientSecret: credentials.NewSecret(info.ClientSecret), HTTPClient: http.DefaultClient,
	})
	if err != nil {
		b.Fatal(err)
	}
	tokens := auth.NewClientCredentials(endpoint, auth.DefaultScopes(auth.GrantClientCredentials))
	if _, err := tokens.Token(b.Context(), "getCatalog"); err != nil {
		b.Fatal(err)
	}
	client, err := gobiz.New(gobiz.Options{BaseURL: info.APIURL, Tokens: tokens, Concurrency: workers, MaxAttempts: 1})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(client.CloseIdleConnections)
	return rollout.Partner(client), client
}

func push(ctx context.Context, t rollout.Target, outletID string, file *catalog.File, want rollout.Status) error {
	result, err := rollout.Push(ctx, t, outletID, file, rollout.Options{
		Stock: catalog.StockFile, Overrides: rollout.Overrides{rollout.GuardDeletes: "8", rollout.GuardVariantDeletes: "8"}, // the sandbox's own
	})
	if err != nil {
		return err
	}
	if result.Status != want {
		return fmt.Errorf("the push is %s, want %s", result.Status, want)
	}
	return nil
}

func bySize(b *testing.B, run func(b *testing.B, items int)) {
	for _, items := range sizes {
		b.Run(fmt.Sprintf("items=%d", items), func(b *testing.B) { run(b, items) })
	}
}

// BenchmarkPull reads a live menu and makes a file of it, as `gobiz catalog
// pull` does. The bytes are those of the answer.
func BenchmarkPull(b *testing.B) {
	bySize(b, func(b *testing.B, items int) {
		to, client := target(b, 1)
		if err := push(b.Context(), to, outletID, menu(items, 0), rollout.Pushed); err != nil {
			b.Fatal(err)
		}
		answer, err := client.Catalog(b.Context(), outletID, &catalog.Live{})
		if err != nil {
			b.Fatal(err)
		}
		b.SetBytes(int64(len(answer.Body)))
		b.ReportAllocs()
		for b.Loop() {
			live, err := to.Live(b.Context(), outletID)
			if err != nil {
				b.Fatal(err)
			}
			file, notes := live.File(nil)
			text, err := catalog.EncodeYAML(file, notes)
			if err != nil || len(text) == 0 || file.Items() != items {
				b.Fatalf("%d items, %v", file.Items(), err)
			}
		}
	})
}

// BenchmarkPush reads the live menu, compares and replaces it, as `gobiz catalog
// push` does. The bytes are those of the body.
func BenchmarkPush(b *testing.B) {
	bySize(b, func(b *testing.B, items int) {
		to, _ := target(b, 1)
		editions := []*catalog.File{menu(items, 0), menu(items, 1)}
		b.SetBytes(bodySize(b, editions[0]))
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			if err := push(b.Context(), to, outletID, editions[i%2], rollout.Pushed); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkPushUnchanged is a push that finds nothing to do.
func BenchmarkPushUnchanged(b *testing.B) {
	bySize(b, func(b *testing.B, items int) {
		to, _ := target(b, 1)
		file := menu(items, 0)
		if err := push(b.Context(), to, outletID, file, rollout.Pushed); err != nil {
			b.Fatal(err)
		}
		b.SetBytes(bodySize(b, file))
		b.ReportAllocs()
		for b.Loop() {
			if err := push(b.Context(), to, outletID, file, rollout.Unchanged); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkPut only writes: a body that was marshalled once, as one menu goes
// to many outlets.
func BenchmarkPut(b *testing.B) {
	bySize(b, func(b *testing.B, items int) {
		_, client := target(b, 1)
		body := catalogBody(b, menu(items, 0))
		b.SetBytes(int64(body.Len()))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := client.PutCatalog(b.Context(), outletID, body, ""); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkConcurrentPush pushes menus of 100 items to three outlets by several
// workers. The sandbox answers each request after 20 ms, as a server far away
// does, so that waiting and not this machine is what workers share.
func BenchmarkConcurrentPush(b *testing.B) {
	outlets := []string{outletID, "G100000003", "G1898453S"}
	const items = 100
	for _, workers := range []int{1, 4, 16} {
		b.Run(fmt.Sprintf("workers=%d", workers), func(b *testing.B) {
			to, client := target(b, workers, sandbox.Fault{Target: "*", Delay: 20 * time.Millisecond})
			// What the sandbox has on these menus at first is not what a push may remove.
			for _, outlet := range outlets {
				if _, err := client.PutCatalog(b.Context(), outlet, catalogBody(b, menu(items, 0)), ""); err != nil {
					b.Fatal(err)
				}
			}
			b.SetBytes(bodySize(b, menu(items, 0)))
			b.ReportAllocs()
			b.ResetTimer()
			var next atomic.Int64
			var group sync.WaitGroup
			for range workers {
				group.Go(func() {
					for i := int(next.Add(1)) - 1; i < b.N; i = int(next.Add(1)) - 1 {
						// Every push has prices of its own, so that none finds its menu live already.
						if err := push(b.Context(), to, outlets[i%len(outlets)], menu(items, 1+i), rollout.Pushed); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			group.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "pushes/s")
		})
	}
}

package bench

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gobiz-cli/gobiz/pkg/catalog"
	"github.com/gobiz-cli/gobiz/pkg/gobiz"
	"github.com/gobiz-cli/gobiz/pkg/rollout"
)

// pushedItems are a menu whose body is 100 KB.
const pushedItems = 120

// canned answers every request from memory, so that what is measured is the
// client's work: a GET gives the live menu, a PUT is read and accepted.
type canned struct{ live []byte }

func (c canned) RoundTrip(req *http.Request) (*http.Response, error) {
	answer := c.live
	if req.Method == http.MethodPut {
		if _, err := io.Copy(io.Discard, req.Body); err != nil {
			return nil, err
		}
		answer = []byte(`{"success":true,"data":{"request_id":"r-1"}}`)
	}
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, ContentLength: int64(len(answer)),
		Body: io.NopCloser(bytes.NewReader(answer)), Request: req,
	}, nil
}

// cannedTarget is a partner API that answers from memory with a live menu.
func cannedTarget(b *testing.B, live *catalog.File) rollout.Target {
	b.Helper()
	client, err := gobiz.New(gobiz.Options{BaseURL: "http://127.0.0.1", Transport: canned{answerOf(b, live)}, MaxAttempts: 1})
	if err != nil {
		b.Fatal(err)
	}
	return rollout.Partner(client)
}

// answerOf is what GET …/v2/catalog answers when a file has been pushed: with
// ids of GoBiz, and without external ids of variant categories.
func answerOf(b *testing.B, file *catalog.File) []byte {
	b.Helper()
	id := func(list string, i int) string { return fmt.Sprintf("9f8e7d6c-%s-4567-89ab-%012d", list, i) }
	inStock := true
	live := &catalog.Live{}
	ids := map[string]string{}
	for i, c := range file.VariantCategories {
		ids[c.ExternalID] = id("0001", i)
		category := catalog.LiveVariantCategory{ID: ids[c.ExternalID], Name: c.Name, InternalName: c.InternalName, MinQuantity: c.MinQuantity, MaxQuantity: &c.MaxQuantity}
		for j, v := range c.Variants {
			category.Variants = append(category.Variants, catalog.LiveVariant{ID: id("0002", 100*i+j), ExternalID: v.ExternalID, Name: v.Name, Price: v.Price, InStock: &inStock})
		}
		live.VariantCategories = append(live.VariantCategories, category)
	}
	for _, m := range file.Menus {
		menu := catalog.LiveMenu{Name: m.Name}
		for i, item := range m.Items {
			out := catalog.LiveItem{
				ID: id("0003", i), ExternalID: item.ExternalID, Name: item.Name, InternalName: item.InternalName, Description: item.Description,
				Price: item.Price, InStock: &inStock, Image: item.Image, OperationalHours: item.OperationalHours,
			}
			for _, c := range item.VariantCategoryExternalIDs {
				out.VariantCategoryIDs = append(out.VariantCategoryIDs, ids[c])
			}
			menu.Items = append(menu.Items, out)
		}
		live.Menus = append(live.Menus, menu)
	}
	return append(live.AppendJSON([]byte(`{"success":true,"data":`)), '}')
}

func measured(b *testing.B, run func() error) {
	b.Helper()
	b.ReportAllocs()
	b.ResetTimer()
	before := cpu(b)
	for range b.N {
		if err := run(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64((cpu(b)-before).Microseconds())/1000/float64(b.N), "cpu-ms/op")
}

// BenchmarkPushSteps takes one push of 100 KB apart. The API answers from memory
// and the snapshot goes to a folder of the test.
func BenchmarkPushSteps(b *testing.B) {
	before, file := menu(pushedItems, 0), menu(pushedItems, 1)
	target := cannedTarget(b, before)
	live, err := target.Live(b.Context(), outletID)
	if err != nil {
		b.Fatal(err)
	}
	build := catalog.BuildOptions{RequestID: "r-1", Live: live}
	payload, err := file.Build(build)
	if err != nil {
		b.Fatal(err)
	}
	if d := catalog.Compare(payload, live, file); len(d.Changes) != pushedItems {
		b.Fatalf("%d changes, want a price for each item: %s", len(d.Changes), strings.Join(d.Sentences(), "; "))
	}
	b.Run("step=check", func(b *testing.B) {
		measured(b, func() error { return catalog.Check(file, catalog.Gofood).Err("") })
	})
	b.Run("step=live", func(b *testing.B) {
		measured(b, func() error { _, err := target.Live(b.Context(), outletID); return err })
	})
	b.Run("step=build", func(b *testing.B) {
		measured(b, func() error { _, err := file.Build(build); return err })
	})
	b.Run("step=compare", func(b *testing.B) {
		measured(b, func() error { catalog.Compare(payload, live, file); return nil })
	})
	b.Run("step=digest", func(b *testing.B) {
		measured(b, func() error { live.Digest(); return nil })
	})
	b.Run("step=snapshot", func(b *testing.B) {
		store, n := rollout.State{Dir: b.TempDir(), Environment: rollout.Environment{Name: "sandbox"}}.Snapshots(), 0
		measured(b, func() error {
			n++
			return store.Save(live, &rollout.Snapshot{OutletID: manyOutlets(n), Reason: "push", TakenAt: time.Now()})
		})
	})
	b.Run("step=write", func(b *testing.B) {
		measured(b, func() error {
			_, err := target.Put(b.Context(), outletID, payload.Encode())
			return err
		})
	})
	b.Run("whole", func(b *testing.B) {
		state, n := rollout.State{Dir: b.TempDir(), Environment: rollout.Environment{Name: "sandbox"}}, 0
		measured(b, func() error {
			n++
			result, err := rollout.Push(b.Context(), target, manyOutlets(n), file, rollout.Options{
				State: &state, ShowLimit: 1, // the menu never shows here
			})
			if err == nil && result.Status != rollout.Pushed {
				err = fmt.Errorf("the push is %s", result.Status)
			}
			return err
		})
	})
}

// manyOutlets is an outlet that was pushed to a few times, as outlets are: its
// folder of snapshots does not grow with the benchmark.
func manyOutlets(push int) string { return fmt.Sprintf("G%06d", push/10) }

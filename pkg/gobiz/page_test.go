package gobiz_test

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gobiz-cli/gobiz/pkg/gobiz"
)

func TestAllLinkedOutlets(t *testing.T) {
	page := func(ids ...string) string {
		var entries []string
		for _, id := range ids {
			entries = append(entries, `{"id":"`+id+`","external_outlet_id":null}`)
		}
		return `{"success":true,"data":{"outlets":[` + strings.Join(entries, ",") + `]}}`
	}
	tests := map[string]struct {
		answer func(page int) string
		want   []string
		calls  int
	}{
		"pages shorter than asked for": {func(n int) string {
			return map[int]string{1: page("A", "B"), 2: page("C")}[n] + strings.Repeat(page(), min(max(n-2, 0), 1))
		}, []string{"A", "B", "C"}, 3},
		"page is ignored":   {func(int) string { return page("A", "B") }, []string{"A", "B"}, 2},
		"last page repeats": {func(n int) string { return map[bool]string{true: page("A", "B"), false: page("B", "C")}[n == 1] }, []string{"A", "B", "C"}, 3},
		"nothing":           {func(int) string { return page() }, nil, 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := serve(t, func(w http.ResponseWriter, r *http.Request) {
				n, _ := strconv.Atoi(r.URL.Query().Get("page"))
				json200(tt.answer(n))(w, r)
			})
			var got []string
			for outlet, err := range newClient(t, s.URL).AllLinkedOutlets(t.Context()) {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, outlet.ID)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" || len(s.requests()) != tt.calls {
				t.Errorf("%d calls\n%s", len(s.requests()), diff)
			}
		})
	}
}

// A server that always has something new must not keep a caller for ever.
func TestEndlessListIsCut(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		n := r.URL.Query().Get("page")
		json200(fmt.Sprintf(`{"success":true,"data":{"outlets":[{"id":"G%s"}],"promotions":[{"id":"p%s","status":"created"}],"total_count":9,"limit":1,"page":1}}`, n, n))(w, r)
	})
	client := newClient(t, s.URL)
	check := func(entries int, err error) {
		t.Helper()
		if entries != 1000 || !errors.Is(err, gobiz.ErrMalformed) || !strings.Contains(err.Error(), "the list does not end: 1000 pages") {
			t.Errorf("%d entries, %v", entries, err)
		}
	}
	entries, failure := 0, error(nil)
	for _, err := range client.AllLinkedOutlets(t.Context()) {
		if failure = err; err == nil {
			entries++
		}
		if entries > 1100 {
			break
		}
	}
	check(entries, failure)
	entries = 0
	for _, err := range client.AllPromos(t.Context(), "G1") {
		if failure = err; err == nil {
			entries++
		}
		if entries > 1100 {
			break
		}
	}
	check(entries, failure)
	if n := len(s.requests()); n != 2000 {
		t.Errorf("%d requests", n)
	}
}

func TestAllPagesEnds(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		n := r.URL.Query().Get("page")
		if n == "3" {
			answer(500, "text/plain", "broken")(w, r)
			return
		}
		json200(fmt.Sprintf(`{"success":true,"data":{"promotions":[{"id":"p%s","status":"created"}],"total_count":"9","limit":1.0,"page":%s}}`, n, n))(w, r)
	})
	client := newClient(t, s.URL)
	var got []string
	var failure error
	for promo, err := range client.AllPromos(t.Context(), "G1") {
		if failure = err; err == nil {
			got = append(got, promo.ID)
		}
	}
	if diff := cmp.Diff([]string{"p1", "p2"}, got); diff != "" || failure == nil {
		t.Errorf("%v\n%s", failure, diff)
	}
	before := len(s.requests())
	for range client.AllPromos(t.Context(), "G1") {
		break
	}
	if n := len(s.requests()) - before; n != 1 {
		t.Errorf("%d calls after the reader stopped at the first entry", n)
	}
	list, err := client.Promos(t.Context(), "G1", gobiz.Page{Number: 1})
	if err != nil || list.TotalCount != 9 || list.Limit != 1 {
		t.Errorf("%+v, %v", list, err)
	}
}

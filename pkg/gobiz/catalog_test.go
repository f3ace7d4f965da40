package gobiz_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gobiz-cli/gobiz/pkg/catalog"
	"github.com/gobiz-cli/gobiz/pkg/gobiz"
)

func TestCatalogIsReadWithTolerance(t *testing.T) {
	const body = ` {"new":1,"data":{"region":"ID","menus":[
		{"name":"Mi","position":2,"menu_items":[
			{"id":"i-1","name":"Bakmi","price":27000.00,"in_stock":null,"external_id":null,"description":null,"image":null,"operational_hours":null,"variant_category_ids":null,"tax":{"rate":0.1}},
			{"id":"i-2","name":"Mi 🌶","price":15000.0,"in_stock":false,"operational_hours":{"monday":[],"tuesday":null,"holiday":[{"start":"10:00"}]}}]},
		{"name":"Kosong","menu_items":[]}],
		"variant_categories":[{"id":"c-1","name":"Level","rules":{"selection":{"min_quantity":"0","max_quantity":null}},"variants":[]},
			{"id":"c-2","name":"Tanpa aturan","variants":[]}]},"success":true}`
	s := serve(t, json200(body))
	var got catalog.Live
	reply, err := newClient(t, s.URL).Catalog(t.Context(), "G1", &got)
	if err != nil {
		t.Fatal(err)
	}
	hours := catalog.Hours{{}} // closed on Monday
	want := catalog.Live{
		Menus: []catalog.LiveMenu{
			{Name: "Mi", Items: []catalog.LiveItem{
				{ID: "i-1", Name: "Bakmi", Price: catalog.Price{Rupiah: 27000}},
				{ID: "i-2", Name: "Mi 🌶", Price: catalog.Price{Rupiah: 15000}, InStock: ptr(false), OperationalHours: &hours},
			}},
			{Name: "Kosong"},
		},
		VariantCategories: []catalog.LiveVariantCategory{{ID: "c-1", Name: "Level"}, {ID: "c-2", Name: "Tanpa aturan"}},
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
	if got.Menus[0].Items[1].OperationalHours[0] == nil {
		t.Error("a day that is closed is one that is not named")
	}
	// What the type does not have is in the reply, and in a type of the caller's own.
	if string(reply.Body) != body {
		t.Errorf("the reply has %s", reply.Body)
	}
	var whole map[string]any
	if _, err := newClient(t, s.URL).Catalog(t.Context(), "G1", &whole); err != nil || whole["region"] != "ID" {
		t.Errorf("%v, %v", whole, err)
	}
}

func TestCatalogWithoutItsEnvelope(t *testing.T) {
	s := serve(t, json200(`{"menus":[{"name":"Mi","menu_items":[]}]}`))
	var got catalog.Live
	_, err := newClient(t, s.URL).Catalog(t.Context(), "G1", &got)
	if err != nil || len(got.Menus) != 1 || got.Menus[0].Name != "Mi" {
		t.Errorf("%+v, %v", got, err)
	}
}

// An answer without a list of menus is not an empty menu.
func TestCatalogWithoutMenus(t *testing.T) {
	for _, body := range []string{
		`{}`, `{"success":true}`, `{"success":true,"data":{}}`, `{"success":true,"data":null}`, `{"data":{"menus":null},"success":true}`,
		`{"success":true,"data":{"menu":[]}}`, `{"success":true,"data":{"menus":{}}}`, `{"success":true,"data":[]}`,
	} {
		s := serve(t, json200(body))
		var got catalog.Live
		if _, err := newClient(t, s.URL).Catalog(t.Context(), "G1", &got); !errors.Is(err, gobiz.ErrMalformed) {
			t.Errorf("%s: %+v, %v", body, got, err)
		}
	}
}

func TestPutCatalogBytes(t *testing.T) {
	s := serve(t, json200(`{"success":true,"data":{"request_id":"r-1"}}`))
	client := newClient(t, s.URL)
	receipt, err := client.PutCatalog(t.Context(), "G1", sampleMenu(t), "r-1")
	if err != nil || receipt.RequestID != "r-1" || receipt.Attempts != 1 {
		t.Fatalf("%+v, %v", receipt, err)
	}
	const want = `{"request_id":"r-1","menus":[{"name":"Mi","menu_items":[{"external_id":"MI-001","name":"Bakmi <Ayam> & Jamur","internal_name":"Bakmi ayam biasa",` +
		`"description":"Bakmi dengan ayam jamur","in_stock":true,"price":27000,"image":"https://img.example.test/mi-001.png",` +
		`"operational_hours":{"monday":[{"start":"00:00","end":"23:59"}],"tuesday":[],"wednesday":[],"thursday":[],"friday":[],"saturday":[],"sunday":[]},` +
		`"variant_category_external_ids":["VC-PEDAS"]}]}],"variant_categories":[{"external_id":"VC-PEDAS","internal_name":"Level pedas - mi","name":"Level Pedas",` +
		`"rules":{"selection":{"min_quantity":1,"max_quantity":1}},"variants":[{"external_id":"V-PEDAS-1","name":"Sedang","price":0,"in_stock":true}]}]}`
	if diff := cmp.Diff(want, s.requests()[0].Body); diff != "" {
		t.Error(diff)
	}
}

func TestOneMenuForManyOutlets(t *testing.T) {
	s := serve(t, json200(done))
	client := newClient(t, s.URL)
	body, err := gobiz.NewCatalogBody([]byte(`{"variant_categories":[],"menus":[{"name":"Mi"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	for i := range 3 {
		receipt, err := client.PutCatalog(t.Context(), fmt.Sprint("G", i), body, "")
		if err != nil {
			t.Fatal(err)
		}
		ids[receipt.RequestID] = true
		var sent struct {
			RequestID string `json:"request_id"`
		}
		got := s.requests()[i].Body
		if err := json.Unmarshal([]byte(got), &sent); err != nil || sent.RequestID != receipt.RequestID {
			t.Errorf("sent %s, %v", got, err)
		}
		if want := `,"variant_categories":[],"menus":[{"name":"Mi"}]}`; !strings.HasSuffix(got, want) {
			t.Errorf("sent %s", got)
		}
	}
	if len(ids) != 3 {
		t.Errorf("request ids %v", ids)
	}
}

func TestCatalogBody(t *testing.T) {
	for given, want := range map[string]string{
		`{}`: `{"request_id":"a\"b"}`, `{"a":1}`: `{"request_id":"a\"b","a":1}`,
	} {
		body, err := gobiz.NewCatalogBody([]byte(given))
		if err != nil {
			t.Fatal(err)
		}
		parts, err := body.Body(`a"b`)
		if got := string(bytes.Join(parts, nil)); got != want || err != nil || parts.Len() != int64(len(got)) {
			t.Errorf("%s gave %s, %v", given, got, err)
		}
	}
	for _, bad := range []string{``, `{`, `[]`, `null`, `{"a":1`, `{"a":1}x`, ` {}`} {
		if _, err := gobiz.NewCatalogBody([]byte(bad)); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

// bigCatalog is a live answer with items in menus of 50.
func bigCatalog(items int) []byte {
	var b bytes.Buffer
	b.WriteString(`{"success":true,"data":{"variant_categories":[],"menus":[`)
	for i := range items {
		if i%50 == 0 {
			if i > 0 {
				b.WriteString(`]},`)
			}
			fmt.Fprintf(&b, `{"name":"Menu %d","menu_items":[`, i/50)
		} else {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"id":"9f8e7d6c-1234-4567-89ab-%012d","external_id":"MI-%d","name":"Bakmi Ayam %d","internal_name":"","description":"Bakmi dengan ayam jamur","price":27000,`+
			`"image":"https://img.example.test/%d.png","in_stock":true,"operational_hours":{"monday":[{"start":"09:00","end":"21:00"}],"tuesday":[]},"variant_category_ids":[]}`, i, i, i, i)
	}
	b.WriteString(`]}]}}`)
	return b.Bytes()
}

func BenchmarkCatalog(b *testing.B) {
	body := bigCatalog(5000)
	s := serve(b, json200(string(body)))
	client := newClient(b, s.URL)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := client.Catalog(b.Context(), "G1", &catalog.Live{}); err != nil {
			b.Fatal(err)
		}
	}
}

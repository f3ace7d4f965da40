package catalog

import (
	"flag"
	"testing"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// roundTrips is how many catalogs go round: the promise is for any.
const roundTrips = "2000"

// drawShared is drawLive with items that stand in several menus, as the dish of
// the day does.
func drawShared(t *rapid.T) *Live {
	live, err := FromLive([]byte(drawLive(t)))
	if err != nil {
		t.Fatal(err)
	}
	for i := range live.Menus {
		from := live.Menus[rapid.IntRange(0, len(live.Menus)-1).Draw(t, "share with")]
		if from.Name != live.Menus[i].Name && rapid.Bool().Draw(t, "share items") {
			live.Menus[i].Items = append(live.Menus[i].Items, missing(live.Menus[i].Items, from.Items)...)
		}
	}
	return live
}

// missing are the items that are not on the menu yet.
func missing(on, from []LiveItem) (rest []LiveItem) {
	known := map[string]bool{}
	for _, i := range on {
		known[i.ID] = true
	}
	for _, i := range from {
		if !known[i.ID] {
			rest = append(rest, i)
		}
	}
	return rest
}

// A pulled menu is written, read, built and pushed: nothing differs before and
// after, and the next pull gives the same bytes.
func TestRoundTrip(t *testing.T) {
	checks := flag.Lookup("rapid.checks")
	before := checks.Value.String()
	if before == checks.DefValue {
		if err := checks.Value.Set(roundTrips); err != nil {
			t.Fatal(err)
		}
		defer func() { _ = checks.Value.Set(before) }()
	}
	rapid.Check(t, func(rt *rapid.T) {
		live := drawShared(rt)
		withIDs := rapid.Bool().Draw(rt, "category ids in the answer")
		pulled, notes := live.File(nil)
		for _, format := range []struct {
			name   string
			encode func(*File) ([]byte, error)
		}{
			{"menu.yaml", func(s *File) ([]byte, error) { return EncodeYAML(s, nil) }},
			{"menu.json", EncodeJSON},
		} {
			file, err := format.encode(pulled)
			if err != nil {
				rt.Fatal(err)
			}
			s, findings := Parse(format.name, file, Partner)
			if len(findings) > 0 {
				rt.Fatalf("%s: %v\n%s", format.name, findings, file)
			}
			// Bytes, since comparing by reflection takes most of the time.
			if again, err := format.encode(s); err != nil || string(again) != string(file) {
				rt.Fatalf("%s reads back as another one: %v\n%s", format.name, err, cmp.Diff(string(file), string(again)))
			}
			payload, err := s.Build(BuildOptions{Live: live})
			if err != nil {
				rt.Fatal(err)
			}
			if d := Compare(payload, live, s); !d.Empty() {
				rt.Fatalf("the pulled menu is not what is live: %v", d.Sentences())
			}
			body := payload.Encode()
			// What Encode writes by hand is what the tags of the fields say.
			tagged, err := jsonv2.Marshal((*taggedPayload)(payload))
			if err != nil {
				rt.Fatal(err)
			}
			if diff := cmp.Diff(string(tagged), string(body.JSON())); diff != "" {
				rt.Fatal(diff)
			}
			after := apply(t, string(body.JSON()), withIDs)
			if d := Compare(payload, after, s); !d.Empty() {
				rt.Fatalf("the pushed menu does not read back equal: %v", d.Sentences())
			}
			second, _ := after.File(s)
			again, err := format.encode(second)
			if err != nil {
				rt.Fatal(err)
			}
			if want := string(file); string(again) != want {
				rt.Fatalf("%s: the second pull differs:\n%s", format.name, cmp.Diff(want, string(again)))
			}
		}
		file, err := EncodeYAML(pulled, notes)
		if err != nil {
			rt.Fatal(err)
		}
		s, findings := Parse("menu.yaml", file, Partner)
		if len(findings) > 0 || !Equal(must(s.Build(BuildOptions{Live: live})), live) {
			rt.Fatalf("comments change what the file says: %v\n%s", findings, file)
		}
	})
}

// taggedPayload is a payload without its methods.
type taggedPayload Payload

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

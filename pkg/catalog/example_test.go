package catalog_test

import (
	"fmt"

	"github.com/gobiz-cli/gobiz/pkg/catalog"
)

// A file is read and checked, its payload is built against the live menu, and
// the comparison says what pushing it would change.
func Example() {
	file, findings := catalog.Parse("menu.yaml", []byte(`
menus:
  - name: Mi
    menu_items:
      - {external_id: MI-001, name: Bakmi Ayam, price: 28_000}
      - {external_id: MI-002, name: Mie Goreng, price: 26_000}
`), catalog.Partner)
	findings = append(findings, catalog.Check(file, catalog.Gofood)...)
	if err := findings.Err(file.Name); err != nil {
		fmt.Println(err)
		return
	}
	live, err := catalog.FromLive([]byte(`{"success":true,"data":{"menus":[{"name":"Mi","menu_items":[
		{"id":"9f8e7d6c-1234-4567-89ab-0123456789ab","external_id":"MI-001","name":"Bakmi Ayam","price":27000,"in_stock":false}]}]}}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	payload, err := file.Build(catalog.BuildOptions{RequestID: "r-1", Live: live})
	if err != nil {
		fmt.Println(err)
		return
	}
	diff := catalog.Compare(payload, live, file)
	for _, change := range diff.Changes {
		fmt.Printf("line %d: %s\n", change.Line, change)
	}
	fmt.Println(string(payload.Encode().JSON()))
	// Output:
	// line 5: item "MI-001": price is 27000 live, and 28000 in the payload
	// line 6: menu "Mi": "MI-002" is missing live
	// {"request_id":"r-1","menus":[{"name":"Mi","menu_items":[{"external_id":"MI-001","name":"Bakmi Ayam","in_stock":false,"price":28000},{"external_id":"MI-002","name":"Mie Goreng","in_stock":true,"price":26000}]}]}
}

// A live menu becomes a file that pushes back unchanged. What was made in the
// GoBiz app gets an external id.
func ExampleLive_File() {
	live, err := catalog.FromLive([]byte(`{"menus":[{"name":"Mi","menu_items":[{"id":"app-1","name":"Es Teh","price":5000}]}]}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	file, notes := live.File(nil)
	text, err := catalog.EncodeYAML(file, notes)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s", text[len("# yaml-language-server: $schema="+catalog.SchemaURL+"\n"):])
	// Output:
	// menus:
	//   - name: Mi
	//     menu_items:
	//       - external_id: gobiz-app-1 # has no external id; this one is made from its GoBiz id
	//         name: Es Teh
	//         price: 5000
}

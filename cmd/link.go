package cmd

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/gobiz-cli/gobiz/internal/config"
	"github.com/gobiz-cli/gobiz/internal/terminal"
	"github.com/gobiz-cli/gobiz/pkg/gobiz"
)

type linkOptions struct {
	*console
	client   func() (*gobiz.Client, error)
	settings func() (config.Settings, error)

	outlets    []string
	product    string
	externalID string
	all        bool
	file       string
	yes        bool
}

// linkTarget is one outlet to link or unlink.
type linkTarget struct {
	outlet, external string
	product          gobiz.Product
}

// linkResult is what became of one outlet.
type linkResult struct {
	OutletID         string     `json:"outlet_id"`
	Product          string     `json:"product"`
	Status           string     `json:"status"` // linked, unlinked, failed
	ExternalOutletID *string    `json:"external_outlet_id"`
	LinkedAt         gobiz.Time `json:"linked_at"`
	Error            *string    `json:"error"`
}

var linkColumns = terminal.Fields[linkResult]("outlet_id", "product", "status", "external_outlet_id", "linked_at", "error")

func newLinkCommand(f *Factory) *cobra.Command {
	o := linkOptions{console: f.console, client: f.Client, settings: f.Settings}
	c := &cobra.Command{
		Use:   "link OUTLET...",
		Short: "Link outlets, so that their orders and menus are yours to handle",
		Long: `Link outlets to your partner account, so that their orders reach your webhooks and their menus are yours to push.

Linking switches the outlet's order acceptance to Auto Accept; on production it asks before. It needs a merchant login of an owner, admin or
manager: gobiz login --grant authorization-code

The external id is your own id of the outlet; webhooks carry it. Without one the outlet's id is sent.

A CSV file has the columns outlet_id[,external_outlet_id][,product], with a header.`,
		Example: example(
			"gobiz link G100000002 --external-id POS-KEMANG",
			"gobiz link G100000002 --product payment",
			"gobiz link --all",
			"gobiz link --file outlets.csv",
		),
		RunE: func(c *cobra.Command, args []string) error {
			o.outlets = args
			return runLink(c.Context(), o, c)
		},
	}
	addLinkFlags(c, &o)
	c.Flags().StringVar(&o.externalID, "external-id", "", "your own `id` of the outlet; for one outlet")
	c.Flags().BoolVar(&o.all, "all", false, "every outlet of the logged-in merchant")
	return c
}

func newUnlinkCommand(f *Factory) *cobra.Command {
	o := linkOptions{console: f.console, client: f.Client, settings: f.Settings}
	c := &cobra.Command{
		Use:   "unlink OUTLET...",
		Short: "Unlink outlets: their orders no longer reach you",
		Long: `Unlink outlets from your partner account. Their orders no longer reach your webhooks.

It needs a merchant login of an owner, admin or manager: gobiz login --grant authorization-code`,
		Example: example(
			"gobiz unlink G100000002",
			"gobiz unlink G100000002 --product payment --yes",
		),
		RunE: func(c *cobra.Command, args []string) error {
			o.outlets = args
			return runUnlink(c.Context(), o, c)
		},
	}
	addLinkFlags(c, &o)
	return c
}

func addLinkFlags(c *cobra.Command, o *linkOptions) {
	c.Flags().StringVar(&o.product, "product", string(gobiz.ProductGoFood), "gofood or payment")
	c.Flags().StringVar(&o.file, "file", "", "CSV `file` of outlets")
	c.Flags().BoolVarP(&o.yes, "yes", "y", false, "do not ask on production")
	_ = c.RegisterFlagCompletionFunc("product", cobra.FixedCompletions([]string{"gofood", "payment"}, cobra.ShellCompDirectiveNoFileComp))
}

func runLink(ctx context.Context, o linkOptions, c *cobra.Command) error {
	client, err := o.client()
	if err != nil {
		return err
	}
	targets, err := o.targets(ctx, client, c)
	if err != nil {
		return err
	}
	what := fmt.Sprintf("link %d outlets, whose order acceptance becomes Auto Accept,", len(targets))
	if len(targets) == 1 && targets[0].product == gobiz.ProductGoFood {
		what = fmt.Sprintf("link %s, whose order acceptance becomes Auto Accept,", targets[0].outlet)
	} else if len(targets) == 1 {
		what = fmt.Sprintf("link %s for %s", targets[0].outlet, targets[0].product)
	}
	if err := o.productionConsent(ctx, o.settings, what, o.yes); err != nil {
		return err
	}
	linked := 0
	err = o.eachTarget(ctx, targets, func(t linkTarget, r *linkResult) error {
		outlet, err := client.LinkOutlet(ctx, t.outlet, t.product, t.external)
		if err != nil {
			return err
		}
		r.Status, r.ExternalOutletID, r.LinkedAt = "linked", outlet.ExternalOutletID, outlet.LinkedAt
		if t.product == gobiz.ProductGoFood {
			linked++
		}
		return nil
	})
	if linked > 0 {
		o.Note(`the order acceptance of %s is Auto Accept now (developer documentation, "Steps on linking outlets")`, counted(linked, "outlet"))
	}
	return err
}

func runUnlink(ctx context.Context, o linkOptions, c *cobra.Command) error {
	client, err := o.client()
	if err != nil {
		return err
	}
	targets, err := o.targets(ctx, client, c)
	if err != nil {
		return err
	}
	what := fmt.Sprintf("unlink %d outlets", len(targets))
	if len(targets) == 1 {
		what = fmt.Sprintf("unlink %s from %s", targets[0].outlet, targets[0].product)
	}
	if err := o.productionConsent(ctx, o.settings, what, o.yes); err != nil {
		return err
	}
	return o.eachTarget(ctx, targets, func(t linkTarget, r *linkResult) error {
		r.Status = "unlinked"
		return client.UnlinkOutlet(ctx, t.outlet, t.product)
	})
}

// targets gathers the outlets of arguments, --all or --file: exactly one of
// them.
func (o linkOptions) targets(ctx context.Context, client *gobiz.Client, c *cobra.Command) ([]linkTarget, error) {
	product := gobiz.Product(o.product)
	if product != gobiz.ProductGoFood && product != gobiz.ProductPayment {
		return nil, usageError("--product gofood or --product payment", "unknown product %q", o.product)
	}
	sources := 0
	for _, given := range []bool{len(o.outlets) > 0, o.all, o.file != ""} {
		if given {
			sources++
		}
	}
	switch {
	case sources == 0:
		return nil, usageError(seeHelp(c), "missing OUTLET")
	case sources > 1:
		return nil, usageError(seeHelp(c), "name outlets as arguments, with --file or with --all, not several of them")
	case o.externalID != "" && len(o.outlets) != 1:
		return nil, usageError("use --file with a column external_outlet_id", "--external-id is for one outlet")
	case o.file != "":
		return o.fromFile(ctx, product)
	case o.all:
		info, err := client.TokenInfo(ctx)
		if err != nil {
			return nil, err
		}
		for _, outlet := range info.Outlets {
			o.outlets = append(o.outlets, outlet.ID)
		}
	}
	var targets []linkTarget
	for _, id := range o.outlets {
		if strings.TrimSpace(id) == "" {
			return nil, usageError(seeHelp(c), "an outlet id is empty")
		}
		targets = append(targets, linkTarget{outlet: id, external: o.externalID, product: product})
	}
	return targets, nil
}

func (o linkOptions) fromFile(ctx context.Context, product gobiz.Product) ([]linkTarget, error) {
	data, err := o.readInput(ctx, o.file, maxBody)
	if err != nil {
		return nil, err
	}
	targets, err := parseLinkCSV(string(data), product)
	if err != nil {
		return nil, invalidInput("columns: outlet_id[,external_outlet_id][,product]", "%s: %v", inputName(o.file), err)
	}
	return targets, nil
}

// parseLinkCSV reads the columns by their names, in any order.
func parseLinkCSV(data string, product gobiz.Product) ([]linkTarget, error) {
	if !utf8.ValidString(data) {
		return nil, errors.New("the file is not UTF-8")
	}
	reader := csv.NewReader(strings.NewReader(strings.TrimPrefix(data, "\ufeff")))
	reader.TrimLeadingSpace = true
	header, err := reader.Read()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("the file is empty")
	}
	if err != nil {
		return nil, err
	}
	known := []string{"outlet_id", "external_outlet_id", "product"}
	for i, name := range header {
		if !slices.Contains(known, name) {
			return nil, fmt.Errorf("line 1: unknown column %q", name)
		}
		if slices.Contains(header[:i], name) {
			return nil, fmt.Errorf("line 1: the column %s stands twice", name)
		}
	}
	if !slices.Contains(header, "outlet_id") {
		return nil, errors.New("line 1: there is no column outlet_id")
	}
	var targets []linkTarget
	for {
		row, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return targets, nil
		}
		if err != nil {
			return nil, err
		}
		line, _ := reader.FieldPos(0)
		t := linkTarget{product: product}
		for i, value := range row {
			switch value = strings.TrimSpace(value); header[i] {
			case "outlet_id":
				t.outlet = value
			case "external_outlet_id":
				t.external = value
			case "product":
				if value != "" {
					t.product = gobiz.Product(value)
				}
			}
		}
		if t.outlet == "" {
			return nil, fmt.Errorf("line %d: outlet_id is empty", line)
		}
		if t.product != gobiz.ProductGoFood && t.product != gobiz.ProductPayment {
			return nil, fmt.Errorf("line %d: unknown product %q: gofood or payment", line, t.product)
		}
		targets = append(targets, t)
	}
}

// eachTarget links or unlinks one outlet after the other.
func (o linkOptions) eachTarget(ctx context.Context, targets []linkTarget, do func(linkTarget, *linkResult) error) error {
	return forEach(ctx, o.Printer, targets, "outlets", linkColumns, func(t linkTarget) (linkResult, error) {
		r := linkResult{OutletID: t.outlet, Product: string(t.product)}
		err := do(t, &r)
		if err != nil {
			err = outletError(t.outlet, err)
		}
		return r, err
	}, func(r *linkResult, message string) { r.Status, r.Error = "failed", &message })
}

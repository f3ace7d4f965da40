package cmd

import (
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gobiz-cli/gobiz/internal/terminal"
	"github.com/gobiz-cli/gobiz/pkg/sandbox"
)

var sandboxOrderColumns = []terminal.Column[sandbox.Order]{
	{Name: "order_number"}, {Name: "outlet_id"}, {Name: "service_type"}, {Name: "status"}, {Name: "pin"},
	{Name: "order_total", Value: func(o sandbox.Order) string { return terminal.Rupiah(int64(o.Total)) }, Align: terminal.AlignRight},
	{Name: "items", Value: func(o sandbox.Order) string {
		items := make([]string, 0, len(o.Items))
		for _, item := range o.Items {
			items = append(items, strconv.Itoa(item.Quantity)+"x "+item.Name)
		}
		return strings.Join(items, ", ")
	}},
}

func newSandboxOrderCommand(f *Factory) *cobra.Command {
	o := newControlOptions(f)
	group := newGroup("order", "Play the customer and the driver of an order in the sandbox",
		newSandboxOrderCreateCommand(&o), newSandboxOrderAdvanceCommand(&o), newSandboxOrderCancelCommand(&o))
	o.add(group)
	return group
}

// runOrder does something with an order and prints what has become of it.
func (o *controlOptions) runOrder(do func(*sandbox.Control) (sandbox.Order, error)) error {
	control, err := o.control()
	if err != nil {
		return err
	}
	order, err := do(control)
	if err != nil {
		return err
	}
	return terminal.PrintOne(o.Printer, order, sandboxOrderColumns)
}

func newSandboxOrderCreateCommand(o *controlOptions) *cobra.Command {
	var (
		request sandbox.OrderRequest
		items   []string
		pickup  bool
	)
	c := &cobra.Command{
		Use:   "create",
		Short: "Place an order, as a customer would",
		Long: `Place an order, as a customer would. Its events go to the subscribers.

Without --item the sandbox picks from the live menu. An item that has no external id cannot be mapped: subscribers get
gofood.order.webhook_error instead of the order, as from GoBiz.`,
		Example: example(
			"gobiz sandbox order create --outlet G100000001",
			"gobiz sandbox order create --outlet G100000001 --item MI-001=2 --item 'Es Jeruk Peras' --pickup",
		),
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) (err error) {
			if request.Items, err = parseOrderItems(items); err != nil {
				return err
			}
			if pickup {
				request.ServiceType = "gofood_pickup"
			}
			return o.runOrder(func(control *sandbox.Control) (sandbox.Order, error) {
				return control.CreateOrder(c.Context(), request)
			})
		},
	}
	c.Flags().StringVar(&request.OutletID, "outlet", "", "outlet `id` (default: the first linked one)")
	c.Flags().StringArrayVar(&items, "item", nil, "external id or name, with =QUANTITY for more than one; may be repeated")
	c.Flags().StringVar(&request.CustomerName, "customer", "", "the customer's `name`")
	c.Flags().BoolVar(&pickup, "pickup", false, "the customer fetches it; there is no driver")
	return c
}

// parseOrderItems reads ITEM[=QUANTITY]. What has blanks or lower-case letters
// is a name, anything else an external id.
func parseOrderItems(items []string) ([]sandbox.OrderRequestItem, error) {
	var parsed []sandbox.OrderRequestItem
	for _, text := range items {
		item := sandbox.OrderRequestItem{Quantity: 1}
		key := text
		if i := strings.LastIndex(text, "="); i >= 0 {
			quantity, err := strconv.Atoi(text[i+1:])
			if err != nil || quantity < 1 {
				return nil, usageError("such as --item MI-001=2", "--item %q: %q is not a quantity", text, text[i+1:])
			}
			key, item.Quantity = text[:i], quantity
		}
		if strings.ContainsFunc(key, func(r rune) bool { return r == ' ' || r >= 'a' && r <= 'z' }) {
			item.Name = key
		} else {
			item.ExternalID = key
		}
		parsed = append(parsed, item)
	}
	return parsed, nil
}

func newSandboxOrderAdvanceCommand(o *controlOptions) *cobra.Command {
	var to string
	c := &cobra.Command{
		Use:   "advance ORDER",
		Short: "Move an order to its next status, or up to a named one",
		Example: example(
			"gobiz sandbox order advance F-100200301",
			"gobiz sandbox order advance F-100200301 --to completed",
		),
		Args: exactArgs("ORDER"),
		RunE: func(c *cobra.Command, args []string) error {
			return o.runOrder(func(control *sandbox.Control) (sandbox.Order, error) {
				return control.AdvanceOrder(c.Context(), args[0], to)
			})
		},
	}
	c.Flags().StringVar(&to, "to", "", "`status`: merchant_accepted, driver_otw_pickup, driver_arrived, placed or completed")
	_ = c.RegisterFlagCompletionFunc("to", cobra.FixedCompletions(
		[]string{"merchant_accepted", "driver_otw_pickup", "driver_arrived", "placed", "completed"}, cobra.ShellCompDirectiveNoFileComp))
	return c
}

func newSandboxOrderCancelCommand(o *controlOptions) *cobra.Command {
	var reason string
	c := &cobra.Command{
		Use:     "cancel ORDER",
		Short:   "Cancel an order, as the customer would",
		Example: example("gobiz sandbox order cancel F-100200301 --reason 'changed my mind'"),
		Args:    exactArgs("ORDER"),
		RunE: func(c *cobra.Command, args []string) error {
			return o.runOrder(func(control *sandbox.Control) (sandbox.Order, error) {
				return control.CancelOrder(c.Context(), args[0], reason)
			})
		},
	}
	c.Flags().StringVar(&reason, "reason", "", "why, in words")
	return c
}

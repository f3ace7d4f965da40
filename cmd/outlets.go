package cmd

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gobiz-cli/gobiz/internal/terminal"
	"github.com/gobiz-cli/gobiz/pkg/gobiz"
)

func newOutletsCommand(f *Factory) *cobra.Command {
	return newGroup("outlets", "List and show outlets", newOutletsListCommand(f), newOutletsShowCommand(f))
}

var linkedOutletColumns = terminal.Fields[gobiz.LinkedOutlet]("id", "external_outlet_id", "created_at", "updated_at")

type outletsListOptions struct {
	*console
	client func() (*gobiz.Client, error)
}

func newOutletsListCommand(f *Factory) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the outlets that are linked to you",
		Example: example(
			"gobiz outlets list",
			"gobiz outlets list -o csv > outlets.csv",
			"gobiz outlets list --jq '.[].id'",
		),
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return runOutletsList(c.Context(), outletsListOptions{f.console, f.Client})
		},
	}
}

func runOutletsList(ctx context.Context, o outletsListOptions) error {
	client, err := o.client()
	if err != nil {
		return err
	}
	o.Empty = "no outlet is linked"
	return terminal.PrintSeq(o.Printer, client.AllLinkedOutlets(ctx), linkedOutletColumns)
}

var outletColumns = []terminal.Column[*gobiz.Outlet]{
	{Name: "id"}, {Name: "name"}, {Name: "merchant_name"}, {Name: "status"}, {Name: "email"},
	{Name: "gopay", Value: func(o *gobiz.Outlet) string { return strconv.FormatBool(o.PaymentSettings.GoPay.Active) }},
	{Name: "qris", Value: func(o *gobiz.Outlet) string { return strconv.FormatBool(o.PaymentSettings.QRIS.Active) }},
}

func newOutletsShowCommand(f *Factory) *cobra.Command {
	return &cobra.Command{
		Use:   "show OUTLET",
		Short: "Show one outlet",
		Long: `Show one outlet. It is also the quickest way to find out whether credentials and outlet id fit together.

The id is the one that begins with G. The UUID in the portal's address bar is another one, which the API refuses.`,
		Example: example("gobiz outlets show G100000001", "gobiz outlets show G100000001 --jq .status"),
		Args:    exactArgs("OUTLET"),
		RunE: func(c *cobra.Command, args []string) error {
			client, err := f.Client()
			if err != nil {
				return err
			}
			outlet, err := client.Outlet(c.Context(), args[0])
			if err != nil {
				return outletError(args[0], err)
			}
			return terminal.PrintOne(f.Printer, outlet, outletColumns)
		},
	}
}

// outletError explains the refusals that an outlet id causes.
func outletError(outlet string, err error) error {
	e := apiError(err)
	if e == nil {
		return err
	}
	var call *gobiz.Error
	errors.As(err, &call)
	switch refused := e.Status == 403 || e.Status == 404; {
	case e.Hint != "": // it is not linked, or the path is wrong
	case refused && strings.HasSuffix(call.Operation, "linkOutlet"):
		e.Hint = "it takes the role owner, admin or manager at this outlet; the login's roles and outlets: gobiz token-info"
	case refused && strings.Count(outlet, "-") == 4:
		e.Hint = "the API wants the id that begins with G, not the UUID of the portal's address bar: gobiz outlets list"
	case refused:
		e.Hint = "list the outlets you may use with 'gobiz outlets list'"
	}
	return e
}

// unlinked is the hint on a call for an outlet that GoBiz does not know as the
// partner's (GoBiz API reference, UnregisteredOutlet); empty for another answer.
func unlinked(answer *gobiz.Error) string {
	before, rest, _ := strings.Cut(answer.Path, "/outlets/")
	outlet, _, _ := strings.Cut(rest, "/")
	if before == "" || // the legacy API, which links nothing
		outlet == "" || answer.Status != http.StatusNotFound || !strings.Contains(answer.Message, "not yet registered") {
		return ""
	}
	return "link it with a merchant login: gobiz link " + shellWord(outlet) + "; those that are linked: gobiz outlets list"
}

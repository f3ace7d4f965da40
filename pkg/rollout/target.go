// Package rollout moves menus between files and outlets. [Push] reads what is
// live, makes the payload, asks for consent, saves what it replaces, writes, and
// reads back; [PushPlan] and [Rollback] do so with a plan and with a snapshot.
// [Pull] brings a live menu into a file.
package rollout

import (
	"context"

	"github.com/gobiz-cli/gobiz/pkg/catalog"
	"github.com/gobiz-cli/gobiz/pkg/gobiz"
	"github.com/gobiz-cli/gobiz/pkg/gobiz/enterprise"
)

// Target is an API that menus are pushed to.
type Target interface {
	// API says how a file becomes a payload.
	API() catalog.API
	// Live reads the menu of an outlet; nil when the API has no way to read it.
	Live(ctx context.Context, outletID string) (*catalog.Live, error)
	// Put replaces the menu of an outlet.
	Put(ctx context.Context, outletID string, body *catalog.EncodedPayload) (*gobiz.CatalogReceipt, error)
}

// Partner is the partner API as a target.
func Partner(client *gobiz.Client) Target { return partnerTarget{client} }

// Enterprise is the legacy Enterprise Integration Middleware as a target. It
// has no call that reads a menu.
func Enterprise(client *enterprise.Client) Target { return enterpriseTarget{client} }

type partnerTarget struct{ client *gobiz.Client }

func (partnerTarget) API() catalog.API { return catalog.Partner }

func (t partnerTarget) Live(ctx context.Context, outletID string) (*catalog.Live, error) {
	live := &catalog.Live{}
	if _, err := t.client.Catalog(ctx, outletID, live); err != nil {
		return nil, err
	}
	return live, nil
}

func (t partnerTarget) Put(ctx context.Context, outletID string, body *catalog.EncodedPayload) (*gobiz.CatalogReceipt, error) {
	menu, err := gobiz.NewCatalogBody(body.Menu)
	if err != nil {
		return nil, err
	}
	return t.client.PutCatalog(ctx, outletID, menu, body.RequestID)
}

type enterpriseTarget struct{ client *enterprise.Client }

func (enterpriseTarget) API() catalog.API { return catalog.Enterprise }

func (enterpriseTarget) Live(context.Context, string) (*catalog.Live, error) { return nil, nil }

func (t enterpriseTarget) Put(ctx context.Context, outletID string, body *catalog.EncodedPayload) (*gobiz.CatalogReceipt, error) {
	menu, err := gobiz.NewCatalogBody(body.Menu)
	if err != nil {
		return nil, err
	}
	return t.client.PutCatalog(ctx, outletID, menu, body.RequestID)
}

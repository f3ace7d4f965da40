package sandbox

// Switches choose the other reading where GoBiz's own sources disagree or are
// silent. The zero value is the reading the sandbox takes by default.
type Switches struct {
	// StrictExternalOutletID refuses a link without external_outlet_id (400), as
	// the developer documentation's "Linking outlet" requires it. Steps on linking outlets calls
	// it optional.
	StrictExternalOutletID bool `json:"strict_external_outlet_id"`
	// KeepRefreshToken answers a refresh without a new refresh token and leaves
	// the old one valid.
	KeepRefreshToken bool `json:"keep_refresh_token"`
	// PlainOAuthErrors leaves error_hint and status_code out of the token
	// endpoint's errors, as newer Hydra servers do.
	PlainOAuthErrors bool `json:"plain_oauth_errors"`
	// ExpiresIn3600 returns tokens the documented 3600 seconds, not the 3599 seen
	// live.
	ExpiresIn3600 bool `json:"expires_in_3600"`
	// HideCategoryExternalIDs leaves external_id out of variant categories in GET
	// v2 catalog, as in the documentation's sample.
	HideCategoryExternalIDs bool `json:"hide_category_external_ids"`
	// RequireOperationalHours refuses an item without operational_hours on the
	// newer catalog path too; EIM always does.
	RequireOperationalHours bool `json:"require_operational_hours"`
	// LimitItemPrice refuses prices above Rp 2,000,000, the limit that one client
	// assumes.
	LimitItemPrice bool `json:"limit_item_price"`
	// CheckImages downloads each image during a catalog PUT and judges type and
	// size; otherwise only the URL's form is checked.
	CheckImages bool `json:"check_images"`
	// PropertiesNeedMerchant refuses a client-credentials token for outlet
	// properties, as the developer documentation's page says.
	PropertiesNeedMerchant bool `json:"properties_need_merchant"`
	// LongDescriptions takes descriptions of 250 characters on the newer catalog
	// path too, as EIM does; its page says 200.
	LongDescriptions bool `json:"long_descriptions"`
	// DuplicateSubscriptions lets the same event and URL be registered twice
	// instead of answering 422.
	DuplicateSubscriptions bool `json:"duplicate_subscriptions"`
	// DuplicateSubscription400 and DuplicateSubscription409 answer it with these
	// statuses; which one GoBiz has was never written down.
	DuplicateSubscription400 bool `json:"duplicate_subscription_400"`
	DuplicateSubscription409 bool `json:"duplicate_subscription_409"`
	// RefuseOrderCreated answers a subscription to gofood.order.created with 422:
	// the newer documentation calls the event withdrawn.
	RefuseOrderCreated bool `json:"refuse_order_created"`
	// SubscriptionCreateOK answers the creation of a subscription with 200, not 201.
	SubscriptionCreateOK bool `json:"subscription_create_ok"`
	// PaymentCreateOK answers the creation of a payment with 200, not 201.
	PaymentCreateOK bool `json:"payment_create_ok"`
	// StrictIdempotencyKey holds X-Idempotency-Key of promos to the documented 32
	// characters; the same page's sample has 36.
	StrictIdempotencyKey bool `json:"strict_idempotency_key"`
	// WebhookErrorEventType sends gofood.order.webhook_error with
	// header.event_type instead of event_name, as in Getting started (Facilitator)'s sample.
	WebhookErrorEventType bool `json:"webhook_error_event_type"`
	// DocumentedPayloads sends webhooks with keys in a fixed order and without the
	// nulls that live payloads have.
	DocumentedPayloads bool `json:"documented_payloads"`
	// Payloads2023 sends orders as they were seen in 2023: names of customer and
	// driver always, notes never null, and no sku_promo_id, cancellation_detail or
	// scheduled_flag.
	Payloads2023 bool `json:"payloads_2023"`
}

package webhook

import "slices"

// Status is the status of an order, as notifications carry it.
type Status string

// The statuses of an order (developer documentation, "Order state"; that a new
// order's is CREATED is inferred).
const (
	StatusCreated            Status = "CREATED"
	StatusAwaitingAcceptance Status = "AWAITING_MERCHANT_ACCEPTANCE" // not on auto accept
	StatusMerchantAccepted   Status = "MERCHANT_ACCEPTED"
	StatusDriverOnTheWay     Status = "DRIVER_OTW_PICKUP" // not on pickup, like the next
	StatusDriverArrived      Status = "DRIVER_ARRIVED"
	StatusPlaced             Status = "PLACED" // the driver has the food
	StatusCompleted          Status = "COMPLETED"
	StatusCancelled          Status = "CANCELLED" // from any of those before it but COMPLETED
)

// statuses are in the order of an order's life; the last two are final.
var statuses = []Status{
	StatusCreated, StatusAwaitingAcceptance, StatusMerchantAccepted, StatusDriverOnTheWay, StatusDriverArrived, StatusPlaced,
	StatusCompleted, StatusCancelled,
}

// Rank is the place of a status in the life of an order, from 1. An unknown
// status has 0; both final ones have the highest.
func (s Status) Rank() int {
	return min(slices.Index(statuses, s)+1, len(statuses)-1)
}

// Final reports whether no other status follows.
func (s Status) Final() bool { return s == StatusCompleted || s == StatusCancelled }

// Follows reports whether an order known to be in status known may now be taken to
// be in s. Notifications come in any order, and their timestamps may all be the
// same (that of the order), so only the rank counts: an order never goes back,
// and its first final status stays. The same status follows itself, since an
// event may bring news (another driver) without a new status. A status that has
// no rank, on either side, says nothing about the order and follows.
func (s Status) Follows(known Status) bool {
	if s == known || s.Rank() == 0 || known.Rank() == 0 {
		return true
	}
	return s.Rank() > known.Rank() // nothing is above the final ones
}

package webhook_test

import (
	"testing"

	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

func TestStatusNeverGoesBack(t *testing.T) {
	life := []webhook.Status{
		webhook.StatusCreated, webhook.StatusAwaitingAcceptance, webhook.StatusMerchantAccepted, webhook.StatusDriverOnTheWay,
		webhook.StatusDriverArrived, webhook.StatusPlaced, webhook.StatusCompleted,
	}
	for i, known := range life {
		for j, next := range life {
			if got := next.Follows(known); got != (j >= i) {
				t.Errorf("%s follows %s: %t", next, known, got)
			}
		}
		if got := webhook.StatusCancelled.Follows(known); got != (known != webhook.StatusCompleted) {
			t.Errorf("CANCELLED follows %s: %t", known, got)
		}
		if known.Follows(webhook.StatusCancelled) {
			t.Errorf("%s follows CANCELLED", known)
		}
		if known.Rank() != i+1 {
			t.Errorf("rank of %s: %d, want %d", known, known.Rank(), i+1)
		}
		if !known.Follows("FOOD_EATEN") || !webhook.Status("FOOD_EATEN").Follows(known) || !known.Follows("") {
			t.Errorf("%s and an unknown status hinder each other", known)
		}
	}
	if webhook.Status("FOOD_EATEN").Rank() != 0 {
		t.Error("an unknown status has a rank")
	}
}

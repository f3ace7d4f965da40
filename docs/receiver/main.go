// Command receiver takes GoBiz's notifications and logs them.
package main

import (
	"context"
	"log"
	"net"
	"os"
	"strings"

	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

func main() {
	handler, err := webhook.NewHandler(webhook.Options{
		Secrets: strings.Split(os.Getenv("GOBIZ_NOTIFICATION_SECRET"), ","), // old,new while it is being rotated
		Receive: receive,
	})
	if err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("tcp", os.Getenv("LISTEN")) // 127.0.0.1:3000
	if err != nil {
		log.Fatal(err)
	}
	log.Printf("listening on http://%s", listener.Addr())
	log.Fatal(webhook.NewServer("", handler).Serve(listener))
}

// receive stores what it gets. After an error GoBiz sends it again.
func receive(_ context.Context, n *webhook.Notification, _ []byte) error {
	switch {
	case n.Order != nil:
		log.Printf("order %q is %q: Rp %d", n.Order.Number, n.Order.Status, n.Order.Total)
	case n.MappingError != nil:
		log.Printf("order %q was not relayed; without external id: %q", n.MappingError.OrderNumber, n.MappingError.Items)
	}
	return nil
}

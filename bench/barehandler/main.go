// Barehandler is a receiver of notifications that reads a body and compares its HMAC, and
// does nothing else: what `webhook listen` is measured against. The relay secret
// is in GOBIZ_NOTIFICATION_SECRET. It says on stderr where it listens.
package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"log"
	"net"
	"net/http"
	"os"
)

func main() {
	secret := []byte(os.Getenv("GOBIZ_NOTIFICATION_SECRET"))
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	log.SetFlags(0)
	log.Printf("listening on http://%s", tcp.Addr())
	log.Fatal(http.Serve(tcp, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		mac := hmac.New(sha256.New, secret)
		mac.Write(body)
		if !hmac.Equal([]byte(hex.EncodeToString(mac.Sum(nil))), []byte(r.Header.Get("X-Go-Signature"))) {
			w.WriteHeader(http.StatusUnauthorized)
		}
	})))
}

package main

import (
	"crypto/x509"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	roots, err := x509.SystemCertPool()
	if err != nil || len(roots.Subjects()) == 0 {
		log.Fatal("no certificates")
	}
	place, err := time.LoadLocation("Europe/Vienna")
	if err != nil {
		log.Fatal(err)
	}
	page, err := os.ReadFile("/etc/service/page.html")
	if err != nil {
		log.Fatal(err)
	}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	go func() { <-stop; os.Exit(0) }()
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s in %s for %s\n", page, place, os.Getenv("AUDIENCE"))
	})
	log.Fatal(http.ListenAndServe(":8080", nil))
}

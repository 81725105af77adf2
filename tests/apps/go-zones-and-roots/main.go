package main

import (
	"crypto/x509"
	"fmt"
	"log"
	"time"
)

func main() {
	place, err := time.LoadLocation("Asia/Kathmandu")
	if err != nil {
		log.Fatal(err)
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		log.Fatal(err)
	}
	noon := time.Date(2024, 6, 1, 12, 0, 0, 0, time.UTC).In(place)
	fmt.Println(noon.Format("15:04 -0700"), "roots:", len(roots.Subjects()) > 10)
}

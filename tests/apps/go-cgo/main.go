package main

/*
#cgo LDFLAGS: -lm
#include "area.h"
*/
import "C"

import (
	"fmt"
	"os"
	"strconv"
)

func main() {
	radius, err := strconv.ParseFloat(os.Args[1], 64)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	fmt.Printf("area %.3f\n", float64(C.area(C.double(radius))))
}

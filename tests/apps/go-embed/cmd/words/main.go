package main

import (
	_ "embed"
	"fmt"
	"strings"
)

//go:embed words.txt
var words string

func main() {
	fmt.Println("embedded words:", len(strings.Fields(words)))
}

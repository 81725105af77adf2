package main

import (
	"fmt"
	"os"
	"strings"

	"example.org/tools/text"
)

func main() {
	fmt.Println(text.Upper(strings.Join(os.Args[1:], " ")))
}

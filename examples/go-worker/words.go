package main

import "strings"

// countWords counts what white space separates.
func countWords(text string) int {
	return len(strings.Fields(text))
}

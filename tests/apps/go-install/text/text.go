// Package text changes letters.
package text

import "strings"

// Upper gives s in capital letters.
func Upper(s string) string { return strings.ToUpper(s) }

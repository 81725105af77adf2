package main

import "testing"

func TestCountWords(t *testing.T) {
	for text, want := range map[string]int{"": 0, "one": 1, " two\nwords ": 2} {
		if got := countWords(text); got != want {
			t.Errorf("countWords(%q) = %d, want %d", text, got, want)
		}
	}
}

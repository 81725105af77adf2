// go-worker counts the words of the files in a folder, once or every so often.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"
)

func report(folder string) error {
	return filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		fmt.Printf("%8d %s\n", countWords(string(content)), path)
		return nil
	})
}

func main() {
	every := flag.Duration("every", 0, "repeat after this time; 0: run once")
	flag.Parse()
	folder := flag.Arg(0)
	if folder == "" {
		folder = "."
	}
	for {
		if err := report(folder); err != nil {
			log.Fatal(err)
		}
		if *every == 0 {
			return
		}
		time.Sleep(*every)
	}
}

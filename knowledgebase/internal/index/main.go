// Command index writes knowledgebase/index.txt from the YAML sources. `go generate ./...` runs it.
package main

import (
	"fmt"
	"os"

	"github.com/whytls/whytls/knowledgebase"
)

func main() {
	data, err := knowledgebase.Index(os.DirFS("."))
	if err == nil {
		err = os.WriteFile("index.txt", data, 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "index:", err)
		os.Exit(1)
	}
}

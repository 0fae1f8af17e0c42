package parsers_test

import (
	"testing"

	"github.com/whytls/whytls/parsers/parsertest"
)

func TestConformance(t *testing.T) { parsertest.Run(t, "testdata") }

package rows

import (
	"regexp"
	"time"

	"github.com/whytls/whytls/parsers"
)

// Filter says which rows to show. The zero value shows all; a row must meet every condition that is set.
type Filter struct {
	// Text must stand somewhere in the record, its further lines included. Without capital letters it is found
	// in any case.
	Text string
	// Regexp must match the record, its further lines included.
	Regexp *regexp.Regexp
	// Severity is the lowest to show; records without one are then hidden.
	Severity parsers.Severity
	// Systems, Sources and Signatures list what to show; empty means all.
	Systems, Sources, Signatures []string
	// From and To bound the place in time, both included; a record without a time has that of the one before it.
	From, To time.Time
}

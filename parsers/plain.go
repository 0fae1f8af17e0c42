package parsers

// plain takes any text as a message. It is the last resort and is never registered as a candidate of its own
// kind: a source is plain when nothing else fits.
var plain = &Format{
	Name:  "plain",
	Title: "plain text without a timestamp",
	Rank:  0,
	Parse: func(line []byte, r *Record, _ *Clock) bool {
		r.Body = line
		return true
	},
	Continues: continuesPlain,
}

func init() {
	Register(*plain)
	plain, _ = Lookup("plain")
}

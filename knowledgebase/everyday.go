package knowledgebase

import "strings"

// fillers are words that tell nothing anywhere.
var fillers = setOf(`
		a an and any are as at be been before but by can cannot could did do does done for from had has have if in into is it its
		me no non none nor not now of off on or our out over so some that the their them there this to too up was we were
		when while will with within without you your yes ok after again all already also because being both each either only`)

// everyday are the words that the logs of programs have that know nothing of TLS. A signature of these alone would speak up
// everywhere.
var everyday = setOf(`
		abort aborted accept accepted accepting access address agent already answer app application args attempt attempts
		auth available bad begin body break broken buffer busy bytes call called cancel canceled cancelled change changed
		 check checked clean cleanup client clients close closed closing code command complete completed config
		configuration configured connect connected connecting connection connections content context count crash create
		created current data database deadline debug default delay delete deleted denied deny detail details device dial
		different disabled disconnect disconnected done down drop dropped duplicate empty enabled end ended endpoint
		eof err errno error errors event events exceeded exception executed exist exists exit exited expected expired fail
		failed failing fails failure fatal fetch field file files find finish finished first flush forbidden format found
		frame full function general get given go gone got group handle handled handler handling hang health
		host http id idle ignore ignored ignoring illegal incoming incomplete index info initialize inner input
		insert instance internal invalid io ip item job key keys kill killed large last layer left length level
		limit line list listen listener listening load loaded loading local lock log logger long lookup lost make manager
		many match max maximum memory message messages method min minimum mismatch missing mode module monitor more msg name
		names network new next node null number object old open opened opening operation option options other output own
		packet packets panic parameter part pass passed path peer pending permission ping pipe policy
		poll pool port process processing protocol proxy publish query queue quit range rate reach reached read reader
		 ready receive received receiving recv refused register registered reject rejected release reload
		remote remove removed reply report request requests required reset resource respond response result resume retry
		retrying return returned route run running runtime same save schedule scheduled send sending sent server servers
		service session sessions set setting shutdown signal size skip skipped slow small socket source space start started
		starting startup state status stop stopped stopping store stream string subscribe success successful successfully
		 supported sync syntax system table target task tcp temporary terminate terminated test text thread time
		timed timeout times timestamp token too topic total transport try trying type udp unable unauthorized unavailable
		unexpected unknown unreachable unsupported update updated url use used user username using valid value values
		version wait waiting warn warning while worker write writer writing written wrong zero`)

func setOf(words string) map[string]bool {
	set := make(map[string]bool)
	for _, word := range strings.Fields(words) {
		set[word] = true
	}
	return set
}

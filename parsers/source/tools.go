package source

import (
	"bytes"
	"hash/maphash"
	"maps"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// The programs that hand out logs, and how each is told where to begin and where to go on.

// NewExec prepares to run a command line, which the shell reads. It is started again when it fails; when it ends without
// an error, the source has ended.
func NewExec(line string) (*Command, error) {
	if runtime.GOOS == "windows" {
		return newCommand(line, nil, "cmd", "/C", line)
	}
	return newCommand(line, nil, "/bin/sh", "-c", line)
}

// NewJournald prepares to follow the journal of a systemd unit by journalctl. After a restart it goes on behind the cursor
// of the last entry.
func NewJournald(unit string, o FollowOptions) (*Command, error) {
	return newCommand("journald "+unit, &cursorSeam{begin: o}, "journalctl", "--follow", "--output=json", "--unit="+unit)
}

// NewDocker prepares to follow a container by docker logs. After a restart it goes on at the time of the last line.
func NewDocker(container string, o FollowOptions) (*Command, error) {
	c, err := newCommand("docker "+container, &stampSeam{
		begin: o, flags: stampFlags{since: "--since=", tail: "--tail=0"}, last: []string{"--", container}, streams: make(map[string]*stamped),
	}, "docker", "logs", "--follow", "--timestamps")
	if err == nil {
		c.both = true // the container's standard error comes on docker's own
	}
	return c, err
}

// renewKube is how often kubectl is started anew: it follows the pods that were there when it was started.
const renewKube = time.Minute

// NewKube prepares to follow the pods of a label selector, or one resource such as deploy/im when there is no = in it, in
// a namespace ("" for that of the context), by kubectl logs. After a restart it goes on at the times of the last
// lines of each container.
func NewKube(selector, namespace string, o FollowOptions) (*Command, error) {
	argv := []string{"kubectl", "logs", "--follow", "--prefix", "--timestamps", "--all-containers", "--ignore-errors", "--max-log-requests=100"}
	if namespace != "" {
		argv = append(argv, "--namespace="+namespace)
	}
	s := &stampSeam{
		begin: o, flags: stampFlags{since: "--since-time=", tail: "--tail=0", all: "--tail=-1"}, prefixed: true, streams: make(map[string]*stamped),
	}
	if strings.ContainsAny(selector, "=!") || strings.Contains(selector, " in ") {
		argv = append(argv, "--selector="+selector)
	} else {
		s.last = []string{"--", selector}
	}
	c, err := newCommand("kube "+selector, s, argv...)
	if err == nil {
		c.renew = renewKube
	}
	return c, err
}

// cursorSeam goes on behind the cursor that journald gives each entry.
type cursorSeam struct {
	begin  FollowOptions
	begun  time.Time
	cursor string
}

func (s *cursorSeam) arguments() []string {
	since := s.begin.Since
	if s.begun.IsZero() {
		s.begun = time.Now()
	} else if s.begin.FromEnd { // ended before its first entry
		since = s.begun
	}
	switch {
	case s.cursor != "":
		return []string{"--no-tail", "--after-cursor=" + s.cursor}
	case !since.IsZero():
		return []string{"--no-tail", "--since=@" + strconv.FormatInt(since.Unix(), 10)}
	case s.begin.FromEnd:
		return []string{"--lines=0"}
	}
	return []string{"--no-tail"}
}

var cursorKey = []byte(`"__CURSOR"`)

func (s *cursorSeam) take(line []byte) verdict {
	_, rest, found := bytes.Cut(line, cursorKey)
	rest = bytes.TrimLeft(rest, " \t:")
	if found && len(rest) > 0 && rest[0] == '"' {
		if end := bytes.IndexByte(rest[1:], '"'); end > 0 {
			s.cursor = string(rest[1 : 1+end])
		}
	}
	return handOut
}

func (s *cursorSeam) restart() {}

// stampSeam goes on at the times that a program puts before the lines. Lines of the same time as the last one come
// again; they are told by their text.
type stampSeam struct {
	begin    FollowOptions
	flags    stampFlags
	last     []string // arguments behind the flags
	prefixed bool     // the lines of several streams come in one, each behind the name of its own
	streams  map[string]*stamped

	begun, stopped time.Time
}

// stampFlags are what a program calls its flags: one that takes a time, one that leaves out the past, one that does
// not ("" where that needs none).
type stampFlags struct{ since, tail, all string }

// stamped is how far one stream has been read.
type stamped struct {
	at    time.Time      // of the last line
	lines map[uint64]int // of that time
	again map[uint64]int // of these, those that come again after a restart; nil when none do
}

// maxStreams bounds the streams whose end is remembered, maxEqual the lines of one time.
const (
	maxStreams = 4096
	maxEqual   = 4096
)

// lag is how long the lines of one stream may come behind those of another.
const lag = 2 * time.Minute

func (s *stampSeam) arguments() []string {
	var out []string
	since := s.from()
	switch {
	case !since.IsZero():
		out = append(out, s.flags.since+since.UTC().Format(time.RFC3339Nano))
	case s.begin.FromEnd:
		out = append(out, s.flags.tail)
	}
	if s.flags.all != "" && (since != time.Time{} || !s.begin.FromEnd) {
		out = append(out, s.flags.all)
	}
	return append(out, s.last...)
}

// from is the time to go on at: that of the last line of the only stream; of several, a while before the end. It is zero
// when there is none.
func (s *stampSeam) from() time.Time {
	if s.begun.IsZero() {
		s.begun = time.Now()
		return s.begin.Since
	}
	since := s.begin.Since
	if s.begin.FromEnd {
		since = s.begun
	}
	if one := s.streams[""]; one != nil {
		return one.at
	}
	if before := s.stopped.Add(-lag); s.prefixed && before.After(since) {
		return before
	}
	return since
}

var lineSeed = maphash.MakeSeed()

func (s *stampSeam) take(line []byte) verdict {
	name, rest := "", line
	if s.prefixed {
		var prefix []byte
		prefix, rest, _ = bytes.Cut(line, []byte{' '})
		name = string(prefix)
	}
	stamp, _, _ := bytes.Cut(bytes.TrimRight(rest, "\r\n"), []byte{' '})
	at, err := time.Parse(time.RFC3339Nano, string(stamp))
	switch {
	case err == nil:
		return s.stream(name).take(at, maphash.Bytes(lineSeed, line))
	case s.prefixed:
		return handOut // what kubectl has to say goes to its standard error
	}
	return message
}

func (s *stampSeam) stream(name string) *stamped {
	one := s.streams[name]
	if one == nil {
		if len(s.streams) >= maxStreams {
			clear(s.streams)
		}
		one = &stamped{lines: make(map[uint64]int)}
		s.streams[name] = one
	}
	return one
}

// take decides about a line by its time and a hash of its text.
func (one *stamped) take(at time.Time, hash uint64) verdict {
	switch {
	case one.again != nil && at.Before(one.at):
		return leaveOut
	case at.Before(one.at): // the two outputs of a program, a moment apart
		return handOut
	case one.again != nil && at.Equal(one.at) && one.again[hash] > 0:
		one.again[hash]--
		return leaveOut
	case at.After(one.at):
		one.at, one.again = at, nil
		clear(one.lines)
	}
	if len(one.lines) < maxEqual {
		one.lines[hash]++
	}
	return handOut
}

func (s *stampSeam) restart() {
	s.stopped = time.Now()
	for _, one := range s.streams {
		one.again = maps.Clone(one.lines)
	}
}

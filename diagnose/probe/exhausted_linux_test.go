package probe_test

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/whytls/whytls/diagnose/probe"
)

// exhausting makes the test binary a server that runs out of file descriptors.
const exhausting = "WHYTLS_TEST_EXHAUSTING"

func init() {
	if os.Getenv(exhausting) != "" {
		exhaust()
		os.Exit(0)
	}
}

// exhaust listens, uses up all descriptors, and goes on trying to accept, as servers do.
func exhaust() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: 40, Max: 40}); err != nil {
		fmt.Println(err)
		return
	}
	for {
		if _, err := syscall.Open(os.DevNull, syscall.O_RDONLY, 0); err != nil {
			break
		}
	}
	fmt.Println(l.Addr())
	_, _ = bufio.NewReader(os.Stdin).ReadString('\n') // until the test ends; a server would try to accept and fail
}

func TestExhaustedDescriptors(t *testing.T) {
	s := setup{name: "no descriptors left", speaks: "silent", cause: "fd-exhaustion", start: func(t *testing.T, _ *authority, _ *probe.Options) (string, *atomic.Int64) {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), exhausting+"=1")
		in, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			_ = in.Close()
			_ = cmd.Wait()
		})
		address, err := bufio.NewReader(out).ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(address), nil
	}}
	s.run(t)
}

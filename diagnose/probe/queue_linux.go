package probe

import (
	"encoding/hex"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// listenQueue looks up who listens on an address of this machine and how many connections wait there; nil for any other
// address, and where /proc does not tell.
//
// Sources: Linux, net/ipv4/tcp_ipv4.c get_tcp4_sock (for a listener, rx_queue is the accept queue), proc(5).
func listenQueue(address string) *queue {
	a, err := netip.ParseAddrPort(address)
	if err != nil || !isLocal(a.Addr()) {
		return nil
	}
	var q *queue
	var inode string
	for _, file := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		data, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(data)) {
			host, port, waiting, id, ok := listenEntry(line)
			if !ok || port != a.Port() || !(host.IsUnspecified() || host.Unmap() == a.Addr().Unmap()) {
				continue
			}
			if q == nil {
				q = &queue{}
			}
			q.waiting += waiting
			inode = id
		}
	}
	if q != nil {
		q.owner(inode)
	}
	return q
}

// isLocal reports whether an address belongs to this machine.
func isLocal(a netip.Addr) bool {
	if a.IsLoopback() {
		return true
	}
	own, err := net.InterfaceAddrs()
	return err == nil && slices.ContainsFunc(own, func(o net.Addr) bool {
		n, ok := o.(*net.IPNet)
		return ok && n.IP.Equal(a.AsSlice())
	})
}

// listenEntry reads a line of /proc/net/tcp that is a listener's.
func listenEntry(line string) (host netip.Addr, port uint16, waiting int, inode string, ok bool) {
	f := strings.Fields(line)
	if len(f) < 10 || f[3] != "0A" {
		return
	}
	hostHex, portHex, _ := strings.Cut(f[1], ":")
	n, err := strconv.ParseUint(portHex, 16, 16)
	if err != nil {
		return
	}
	raw, err := hex.DecodeString(hostHex)
	if err != nil || len(raw)%4 != 0 {
		return
	}
	for i := 0; i < len(raw); i += 4 { // words in the machine's order
		slices.Reverse(raw[i : i+4])
	}
	if host, ok = netip.AddrFromSlice(raw); !ok {
		return
	}
	_, rx, _ := strings.Cut(f[4], ":")
	length, err := strconv.ParseUint(rx, 16, 31)
	return host, uint16(n), int(length), f[9], err == nil
}

// owner finds the process that holds a socket, as far as this user may look.
func (q *queue) owner(inode string) {
	want := fmt.Sprintf("socket:[%s]", inode)
	fds, err := filepath.Glob("/proc/[0-9]*/fd")
	if err != nil {
		return
	}
	for _, folder := range fds {
		names, err := os.ReadDir(folder)
		if err != nil {
			continue
		}
		held := slices.ContainsFunc(names, func(e os.DirEntry) bool {
			link, err := os.Readlink(filepath.Join(folder, e.Name()))
			return err == nil && link == want
		})
		if !held {
			continue
		}
		process := filepath.Dir(folder)
		q.open = len(names)
		q.limit = softLimit(filepath.Join(process, "limits"))
		if name, err := os.ReadFile(filepath.Join(process, "comm")); err == nil {
			q.process = clip(strings.TrimSpace(string(name)), 32)
		}
		return
	}
}

// softLimit reads the limit of open files out of /proc/PID/limits.
func softLimit(file string) int {
	data, err := os.ReadFile(file)
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(data)) {
		if rest, ok := strings.CutPrefix(line, "Max open files"); ok {
			if f := strings.Fields(rest); len(f) > 0 {
				n, _ := strconv.Atoi(f[0]) // "unlimited" is none
				return n
			}
		}
	}
	return 0
}

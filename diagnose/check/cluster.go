package check

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

var (
	ruleAPIScheme    = newRule("api-url-without-scheme", "outage", "cluster-api-url-invalid", "cluster.apiUrl has no http://")
	ruleAPIPort      = newRule("api-url-wrong-port", "outage", "cluster-api-url-invalid", "cluster.apiUrl leads to a port that is not the API's")
	ruleAPILoopback  = newRule("api-url-is-loopback", "outage", "cluster-api-url-invalid", "cluster.apiUrl is the node itself for every other node")
	ruleServerScheme = newRule("server-address-scheme", "outage", "cluster-peer-unreachable", "cluster.serverAddr has a scheme")
	ruleServerPort   = newRule("server-address-wrong-port", "outage", "cluster-peer-unreachable", "a node's address leads to a port that is not the cluster's")
	ruleInitNode     = newRule("init-node-skipped", "outage", "cluster-quorum-lost", "an entry of cluster.initNodes is skipped in silence")
	ruleNodeTwice    = newRule("node-id-twice", "outage", "cluster-node-id-conflict", "two nodes have one id")
	ruleNodeID       = newRule("node-id-invalid", "outage", "cluster-node-id-conflict", "cluster.nodeId is no number from 1 to 1023")
	ruleNotMember    = newRule("node-not-among-init-nodes", "outage", "cluster-quorum-lost", "the node is not among its own initNodes")
)

// clusterOf checks the cluster settings of one node.
func (r *run) clusterOf(w *wukongim) {
	r.apiURL(w)
	r.serverAddress(w)
	id := w.settings.get("cluster.nodeId")
	if id.known() && !quoted(id.value) {
		if n, err := strconv.ParseUint(id.value, 10, 64); err != nil || n == 0 || n > 1023 {
			r.report(ruleNodeID, systemWuKongIM, id.at, show(id.value)+" is no valid id of a node",
				"WuKongIM takes 1001 for 0 and cuts larger ids: the node is taken for another one", "give each node a number of its own (1001, 1002, …)")
		}
	}
	r.initNodes(w, id)
}

func (r *run) apiURL(w *wukongim) {
	s := w.settings.get("cluster.apiUrl")
	if !s.known() || quoted(s.value) {
		return
	}
	a, ok := parseAddress(s.value)
	switch {
	case a.scheme != "http" && a.scheme != "https" || !validURL(s.value):
		consequence := `calls that other nodes forward to this one fail: unsupported protocol scheme`
		if a.scheme == "" && a.isIP() {
			consequence = "calls that other nodes forward to this one fail: first path segment in URL cannot contain colon"
		}
		r.report(ruleAPIScheme, systemWuKongIM, s.at, s.name()+" is no URL with http:// in front", consequence+"; the wrong value is replicated to all nodes",
			"write http://HOST:5001 and restart this node, so that the new value is committed")
		return
	case !ok:
		return
	}
	role := w.meant(a.port)
	if role != "" && role != "http" && role != "demo" && !w.mapped(a.port) {
		r.report(ruleAPIPort, systemWuKongIM, s.at, s.name()+" leads to port "+a.port+", where WuKongIM speaks "+speaks[role],
			"calls that other nodes forward to this one fail: EOF, or an answer that is no JSON", "write the port of httpAddr (usually 5001)")
	}
	if a.isLoopback() && r.remotePeers(w) {
		r.report(ruleAPILoopback, systemWuKongIM, s.at, s.name()+" is "+show(a.host)+", which is every node itself, while the cluster has nodes on other hosts",
			"other nodes forward calls for this node to themselves", "write the name or address that the other nodes reach this node by")
	}
}

// mapped reports whether a port of the host is another one in the container.
func (w *wukongim) mapped(port string) bool {
	if w.container == nil {
		return false
	}
	for _, p := range w.container.ports {
		if p.published == port && p.inside != port {
			return true
		}
	}
	return false
}

// remotePeers reports whether the initial nodes are on other hosts.
func (r *run) remotePeers(w *wukongim) bool {
	remote := 0
	for _, n := range initNodes(w.settings) {
		_, host, _ := strings.Cut(n.value, "@")
		if a, ok := parseAddress(host); ok && !a.isLoopback() {
			remote++
		}
	}
	return remote > 1
}

func (r *run) serverAddress(w *wukongim) {
	s := w.settings.get("cluster.serverAddr")
	if !s.known() || quoted(s.value) {
		return
	}
	a, _ := parseAddress(s.value)
	if a.scheme != "" {
		r.report(ruleServerScheme, systemWuKongIM, s.at, s.name()+" takes host:port, without "+show(a.scheme)+"://",
			"the other nodes dial the text as it is (too many colons in address) and do not reach this node", "write "+show(a.host+":"+a.port))
		return
	}
	r.peerPort(w, s, s.value)
}

// peerPort reports an address of a node whose port is another listener's.
func (r *run) peerPort(w *wukongim, at setting, text string) {
	a, ok := parseAddress(text)
	if !ok || a.port == "" {
		return
	}
	role := w.meant(a.port)
	if role == "" || role == "cluster" || w.mapped(a.port) {
		return
	}
	// Nodes on one host have ports of their own: only a port that no cluster listener has is a mistake.
	for _, other := range r.wukongims {
		if other.listening(a.port) == "cluster" {
			return
		}
	}
	r.report(ruleServerPort, systemWuKongIM, at.at, "port "+a.port+" is where WuKongIM speaks "+speaks[role]+", not the cluster protocol",
		"the nodes cannot talk to each other: connect not authed, election without end", "write the port of cluster.addr (usually 11110)")
}

// mostNodeEntries bounds the entries of a cluster that are looked at.
const mostNodeEntries = 1024

// initNodes returns the entries of cluster.initNodes: a list of YAML, or text that is split at blanks.
func initNodes(s settings) []setting {
	v := s.get("cluster.initNodes")
	if !v.set || v.unknown {
		return nil
	}
	if len(v.items) > 0 {
		return v.items[:min(len(v.items), mostNodeEntries)]
	}
	var list []setting
	for _, word := range strings.Fields(v.value) {
		if len(list) == mostNodeEntries {
			break
		}
		at := v.at
		at.Text = show(word)
		list = append(list, setting{key: v.key, value: word, at: at, set: true})
	}
	return list
}

func (r *run) initNodes(w *wukongim, id setting) {
	seen := map[uint64]bool{}
	sound := true
	for _, v := range w.settings.sorted() {
		if strings.HasPrefix(fold(v.key), "CLUSTER_INITNODES_") {
			r.report(ruleInitNode, systemWuKongIM, v.at, "the entry is a block, where text of the form ID@HOST is expected",
				"the entry is skipped in silence: the nodes disagree about the members, and the cluster finds no quorum", `write - "1001@10.0.0.1:11110"`)
			return
		}
	}
	list := initNodes(w.settings)
	for _, n := range list {
		if n.unknown || quoted(n.value) {
			sound = false
			continue
		}
		number, host, ok := strings.Cut(n.value, "@")
		node, err := strconv.ParseUint(number, 10, 64)
		a, parsed := parseAddress(host)
		problem := ""
		switch {
		case !ok:
			problem = "the entry has no @ between id and address"
		case err != nil:
			problem = "the id in front of the @ is no number"
		case strings.Contains(host, ","):
			problem = "the entries are separated by commas, where blanks are expected"
		case !parsed || a.host == "" || a.scheme != "" || strings.Contains(host, "@"):
			problem = "what follows the @ is no host or host:port"
		case a.port != "" && !isPort(a.port):
			problem = "the port is none"
		}
		if problem != "" {
			sound = false
			r.report(ruleInitNode, systemWuKongIM, n.at, problem, "the entry is skipped in silence: the nodes disagree about the members, and the cluster finds no quorum",
				"write ID@HOST or ID@HOST:PORT, separated by blanks (1001@10.0.0.1 1002@10.0.0.2)")
			continue
		}
		if seen[node] {
			r.report(ruleNodeTwice, systemWuKongIM, n.at, fmt.Sprintf("id %d stands twice in cluster.initNodes", node),
				"one of the two nodes is never asked: it hangs, and the cluster may find no quorum", "give each node its own id")
		}
		seen[node] = true
		if a.port != "" {
			r.peerPort(w, n, host)
		}
	}
	if n, err := strconv.ParseUint(id.value, 10, 64); err == nil && id.known() && sound && len(list) > 1 && !seen[n] && !w.settings.get("cluster.seed").given() {
		r.report(ruleNotMember, systemWuKongIM, id.at, fmt.Sprintf("node %d is not among its own cluster.initNodes", n),
			"the node never becomes a member: it waits for slots and ends with 'wait all slots ready timeout'", "add it to cluster.initNodes on all nodes, or let it join by cluster.seed")
	}
}

// nodesTwice finds nodes of one cluster that have one id.
func (r *run) nodesTwice() {
	for _, w := range r.wukongims {
		if id := w.nodeID(); w.container != nil && w.container.replicas > 1 && id.known() {
			r.report(ruleNodeTwice, systemWuKongIM, id.at, fmt.Sprintf("%d replicas are started, all with node id %s", w.container.replicas, show(id.value)),
				"the second node hangs or drives the first one out (one of them shows as offline)", "derive the id from the pod's number, or write one workload a node")
		}
	}
	byID := map[string][]*wukongim{}
	for _, b := range r.wukongims {
		y := b.nodeID()
		if !y.known() {
			continue
		}
		others := byID[y.value]
		if len(others) < mostListeners {
			byID[y.value] = append(others, b)
		}
		for _, a := range others {
			x := a.nodeID()
			if x.at == y.at || !oneCluster(a, b) {
				continue
			}
			r.report(ruleNodeTwice, systemWuKongIM, y.at, fmt.Sprintf("node id %s is that of %s:%d too", show(y.value), show(x.at.File), x.at.Line),
				"the second node hangs or drives the first one out (one of them shows as offline)", "give each node its own id")
			break
		}
	}
}

// nodeID returns the setting of the node's id, in v2 or v3.
func (w *wukongim) nodeID() setting {
	if w.v3 {
		return w.settings.get("node.id")
	}
	return w.settings.get("cluster.nodeId")
}

// oneCluster reports whether two nodes are meant to be members of one cluster: one compose file, a node in common, or files of
// neighbouring folders that do not say otherwise. Two descriptions of one address are one node.
func oneCluster(a, b *wukongim) bool {
	if a.group != "" && a.group == b.group {
		return true
	}
	x, y := a.settings.get("cluster.serverAddr"), b.settings.get("cluster.serverAddr")
	if x.known() && y.known() && x.value == y.value {
		return false
	}
	p, q := a.peers(), b.peers()
	if len(p) > 0 && len(q) > 0 {
		return slices.ContainsFunc(p, func(n string) bool { return slices.Contains(q, n) })
	}
	return a.d != b.d && neighbours(a.d.path, b.d.path) && a.inCluster() && b.inCluster()
}

// neighbours reports whether files lie in one folder, or in folders side by side (node1/wk.yaml, node2/wk.yaml).
func neighbours(a, b string) bool {
	x, y := filepath.Dir(absolute(a)), filepath.Dir(absolute(b))
	return x == y || filepath.Base(a) == filepath.Base(b) && filepath.Dir(x) == filepath.Dir(y)
}

// inCluster reports whether the settings speak of other nodes.
func (w *wukongim) inCluster() bool {
	for _, key := range []string{"cluster.initNodes", "cluster.seed", "cluster.serverAddr", "cluster.apiUrl", "cluster.nodes"} {
		if w.settings.get(key).given() {
			return true
		}
	}
	return false
}

// peers returns the list of nodes, sorted.
func (w *wukongim) peers() (list []string) {
	for _, n := range initNodes(w.settings) {
		list = append(list, n.value)
	}
	for i := 0; w.v3 && i < 64; i++ {
		if n := w.settings.get(fmt.Sprintf("cluster.nodes.%d.addr", i)); n.known() {
			list = append(list, w.settings.get(fmt.Sprintf("cluster.nodes.%d.id", i)).value+"@"+n.value)
		}
	}
	slices.Sort(list)
	return list
}

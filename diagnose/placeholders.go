package diagnose

import "strings"

// placeholders fills {host}, {port} and {sni} of a command, each only with a value that parses as what it stands for.
// What is unknown stays a placeholder for the person to fill.
func (in *incident) placeholders() *strings.Replacer {
	var pairs []string
	host, port := in.endpoint()
	if host != "" {
		pairs = append(pairs, "{host}", host)
		if !isIP(host) {
			pairs = append(pairs, "{sni}", host)
		}
	}
	if port != "" {
		pairs = append(pairs, "{port}", port)
	}
	if sni := in.topValue("sni"); sni != "" && isDNSName(sni) && (host == "" || isIP(host)) {
		pairs = append(pairs, "{sni}", sni)
	}
	return strings.NewReplacer(pairs...)
}

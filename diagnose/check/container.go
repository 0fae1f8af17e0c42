package check

import (
	"path/filepath"
	"strings"

	"github.com/whytls/whytls/knowledgebase"
)

// container is what surrounds a program: the image, its ports and what is mounted into it.
type container struct {
	name    string // of the service or pod
	image   string
	imageAt Place
	ports   []port
	mounts  []mount
	// closed tells that all mounts are known: a path that none of them covers is a path of the image.
	closed bool
	// replicas is how many are started of it, 0 when that is not said.
	replicas int
}

// port is a port that is published.
type port struct {
	published, inside string // "" when any
	at                Place
}

// mount is a file or folder of the host (an absolute path) inside of the container.
type mount struct {
	source, target string
}

// version reads the version of a program off its image tag.
func (c *container) version(image string) (v knowledgebase.Versions, tag string) {
	if c == nil || !strings.Contains(c.image, image) {
		return v, ""
	}
	name := c.image
	if i := strings.LastIndexByte(name, '@'); i >= 0 {
		name = name[:i]
	}
	i := strings.LastIndexByte(name, ':')
	if i < 0 || strings.Contains(name[i:], "/") {
		return v, ""
	}
	tag = name[i+1:]
	v, _ = knowledgebase.ParseVersion(tag)
	return v, tag
}

// host maps a path in the container to the host, "" when no mount covers it.
func (c *container) host(inside string) string {
	if c == nil {
		return ""
	}
	best, host := "", ""
	for _, m := range c.mounts {
		if len(m.target) <= len(best) {
			continue
		}
		if inside == m.target {
			best, host = m.target, m.source
		} else if rest, ok := strings.CutPrefix(inside, strings.TrimSuffix(m.target, "/")+"/"); ok {
			best, host = m.target, filepath.Join(m.source, filepath.FromSlash(rest))
		}
	}
	return host
}

package check

import (
	"cmp"
	"path"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// endsTLS are programs that commonly end TLS in front of others.
var endsTLS = regexp.MustCompile(`(?i)\b(nginx|openresty|tengine|haproxy|traefik|caddy|envoy|apisix|kong|higress|swag|npm|nginx-proxy-manager)\b`)

// parseCompose reads the services of a compose file.
func (r *run) parseCompose(d *document) {
	variables := map[string]variable{}
	if env := r.open(d.beside(".env")); env != nil {
		r.claimed[absolute(env.path)] = true
		for _, v := range parseDotenv(env) {
			variables[v.name] = v
		}
	}
	c := composeFile{r, d, variables}
	for _, root := range r.yamlDocuments(d) {
		r.flatten(d, root) // reports keys that are given twice
		services := field(root, "services")
		if services == nil {
			services = root // the first version of the format
		}
		entries(services, func(name, service *yaml.Node) { c.service(name.Value, service) })
	}
}

// composeFile is a compose file with the variables for its ${…}.
type composeFile struct {
	run       *run
	d         *document
	variables map[string]variable
}

func (c *composeFile) service(name string, service *yaml.Node) {
	box := &container{name: name, closed: true}
	if image := field(service, "image"); image != nil {
		v := c.expand(scalar(image), c.d.place(image.Line, image.Column, "image: "+scalar(image)))
		box.image, box.imageAt = v.value, v.at
		if v.unknown {
			box.image = ""
		}
	}
	if endsTLS.MatchString(box.image) || endsTLS.MatchString(name) {
		c.run.proxies = true
	}
	for _, key := range []string{"build", "configs", "secrets", "volumes_from", "extends", "tmpfs"} {
		if field(service, key) != nil {
			box.closed = false
		}
	}
	box.replicas, _ = strconv.Atoi(cmp.Or(scalar(field(field(service, "deploy"), "replicas")), scalar(field(service, "scale"))))
	for _, node := range items(field(service, "ports")) {
		c.port(box, resolve(node))
	}
	for _, node := range items(field(service, "volumes")) {
		c.mount(box, resolve(node))
	}
	list := c.environment(service)
	wk, nano := programs(list)
	if len(wk) > 0 || strings.Contains(box.image, "wukongim") {
		c.run.wukongims = append(c.run.wukongims, &wukongim{
			d: c.d, settings: wk, environment: true, public: true, container: box, v3: isV3(wk), group: absolute(c.d.path), settingsSeen: len(wk) > 0,
		})
	}
	if len(nano) > 0 || strings.Contains(box.image, "nanomq") {
		n := nanomqFromEnvironment(c.d, nano)
		n.container = box
		c.run.nanomqs = append(c.run.nanomqs, n)
	}
}

// environment returns the variables of a service, the weaker first: env_file, then environment.
func (c *composeFile) environment(service *yaml.Node) (list []variable) {
	read := func(node *yaml.Node) {
		node = resolve(node)
		if node != nil && node.Kind == yaml.MappingNode {
			node = field(node, "path")
		}
		if name := scalar(node); name != "" {
			list = append(list, c.run.environmentFile(c.d, c.d.place(node.Line, node.Column, name), name)...)
		}
	}
	if files := field(service, "env_file"); files != nil {
		if files.Kind == yaml.SequenceNode {
			for _, node := range files.Content {
				read(node)
			}
		} else {
			read(files)
		}
	}
	environment := field(service, "environment")
	for _, node := range items(environment) {
		node = resolve(node)
		name, value, ok := strings.Cut(scalar(node), "=")
		if !ok {
			continue
		}
		list = append(list, c.variable(name, value, node))
	}
	var add func(node *yaml.Node, depth int)
	add = func(node *yaml.Node, depth int) {
		entries(node, func(key, value *yaml.Node) {
			if value == nil || depth > 4 {
				return
			}
			if key.Value == "<<" {
				if value.Kind == yaml.SequenceNode {
					for _, item := range value.Content {
						add(item, depth+1)
					}
				} else {
					add(value, depth+1)
				}
			}
		})
		entries(node, func(key, value *yaml.Node) {
			if key.Value != "<<" && value != nil && value.Kind == yaml.ScalarNode && value.Tag != "!!null" {
				list = append(list, c.variable(key.Value, value.Value, value))
			}
		})
	}
	add(environment, 0)
	return list
}

func (c *composeFile) variable(name, value string, node *yaml.Node) variable {
	v := c.expand(value, c.d.place(node.Line, node.Column, name+"="+value))
	return variable{name, v.value, v.at, v.unknown}
}

var interpolation = regexp.MustCompile(`\$\$|\$\{([A-Za-z_][A-Za-z0-9_]*)(:?[-?+][^}]*)?\}|\$([A-Za-z_][A-Za-z0-9_]*)`)

// expand fills in ${NAME} and ${NAME:-default} from the .env file beside. What stays open makes the value unknown. A value
// that is a variable and nothing else stands where the variable was set.
func (c *composeFile) expand(text string, at Place) setting {
	out := setting{at: at, set: true}
	if !strings.Contains(text, "$") {
		out.value = text
		out.unknown = unknownValue(text)
		return out
	}
	out.value = interpolation.ReplaceAllStringFunc(text, func(match string) string {
		if match == "$$" {
			return "$"
		}
		m := interpolation.FindStringSubmatch(match)
		name, rest := m[1]+m[3], m[2]
		if v, ok := c.variables[name]; ok && (v.value != "" || !strings.HasPrefix(rest, ":")) {
			if match == text {
				out.at = v.at
			}
			out.unknown = out.unknown || v.unknown
			return v.value
		}
		if value, ok := strings.CutPrefix(strings.TrimPrefix(rest, ":"), "-"); ok {
			return value
		}
		out.unknown = true
		return match
	})
	return out
}

// port reads "8080:80", "127.0.0.1:8080:80/tcp", "80" and the long form.
func (c *composeFile) port(box *container, node *yaml.Node) {
	if node == nil {
		return
	}
	at := c.d.place(node.Line, node.Column, scalar(node))
	if node.Kind == yaml.MappingNode {
		box.ports = append(box.ports, port{scalar(field(node, "published")), scalar(field(node, "target")), at})
		return
	}
	v := c.expand(scalar(node), at)
	text, _, _ := strings.Cut(v.value, "/")
	parts := strings.Split(text, ":")
	p := port{inside: parts[len(parts)-1], at: at}
	if len(parts) > 1 {
		p.published = parts[len(parts)-2]
	}
	if v.unknown || strings.Contains(p.inside, "-") {
		p = port{at: at} // any
	}
	box.ports = append(box.ports, p)
}

// mount reads "./certs:/certs:ro" and the long form.
func (c *composeFile) mount(box *container, node *yaml.Node) {
	if node == nil {
		return
	}
	var source, target string
	if node.Kind == yaml.MappingNode {
		source, target = scalar(field(node, "source")), scalar(field(node, "target"))
	} else {
		v := c.expand(scalar(node), Place{})
		if v.unknown {
			box.closed = false
			return
		}
		parts := strings.Split(v.value, ":")
		if len(parts) < 2 {
			box.closed = false // an anonymous volume, filled from the image
			return
		}
		source, target = parts[0], parts[1]
	}
	if unknownValue(source) || !path.IsAbs(target) {
		box.closed = false
		return
	}
	if !strings.HasPrefix(source, ".") && !strings.HasPrefix(source, "/") && !strings.HasPrefix(source, "~") {
		source = "" // a named volume
	} else {
		source = c.d.beside(source)
	}
	box.mounts = append(box.mounts, mount{source, path.Clean(target)})
}

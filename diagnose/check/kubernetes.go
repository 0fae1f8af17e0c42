package check

import (
	"encoding/base64"
	"path"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

var ruleBase64 = newRule("secret-not-base64", "outage", "config-invalid", "a value of a Secret's data is not base64")

// configMap is the data of a ConfigMap or Secret.
type configMap struct {
	files map[string]*document
	taken bool // as variables, by a workload
}

// parseKubernetes reads manifests: ConfigMaps and Secrets hold files and variables, workloads the environment of programs.
func (r *run) parseKubernetes(d *document) {
	documents := r.yamlDocuments(d)
	for i := 0; i < len(documents) && i < 1000; i++ {
		if list := field(documents[i], "items"); scalar(field(documents[i], "kind")) == "List" {
			documents = append(documents, items(list)...)
		}
	}
	for _, node := range documents {
		r.flatten(d, node) // reports keys that are given twice
		name := scalar(field(field(node, "metadata"), "name"))
		switch scalar(field(node, "kind")) {
		case "ConfigMap":
			m := r.configMap("configmap/" + name)
			entries(field(node, "data"), func(key, value *yaml.Node) { m.files[key.Value] = r.part(d, key.Value, value) })
		case "Secret":
			m := r.configMap("secret/" + name)
			entries(field(node, "data"), func(key, value *yaml.Node) {
				if part := r.decoded(d, key.Value, value); part != nil {
					m.files[key.Value] = part
				}
			})
			entries(field(node, "stringData"), func(key, value *yaml.Node) { m.files[key.Value] = r.part(d, key.Value, value) })
		case "Ingress", "IngressRoute", "Gateway", "HTTPRoute", "VirtualService":
			r.proxies = true
		}
	}
	for _, m := range r.mapsOf(d) {
		for _, key := range sortedKeys(m.files) {
			r.parsePart(m.files[key], key)
		}
		r.pairSecret(m)
	}
	for _, node := range documents {
		r.workloads = append(r.workloads, manifestPart{d, node})
	}
}

// manifestPart is one document of a manifest.
type manifestPart struct {
	d    *document
	node *yaml.Node
}

// parseWorkloads reads the workloads once the maps of all manifests are known. A ConfigMap of variables that no workload
// takes is a program of its own.
func (r *run) parseWorkloads() {
	for _, w := range r.workloads {
		r.workload(w.d, w.node)
	}
	for _, name := range sortedKeys(r.maps) {
		m := r.maps[name]
		if m.taken || !strings.HasPrefix(name, "configmap/") {
			continue
		}
		list := m.variables()
		if wk, nano := programs(list); len(wk) > 0 || len(nano) > 0 {
			d := m.files[list[0].name]
			if len(wk) > 0 {
				r.wukongims = append(r.wukongims, &wukongim{d: d, settings: wk, environment: true, public: true, v3: isV3(wk)})
			}
			if len(nano) > 0 {
				r.nanomqs = append(r.nanomqs, nanomqFromEnvironment(d, nano))
			}
		}
	}
}

// variables are the values of a map as the environment of a container.
func (m *configMap) variables() (list []variable) {
	for _, key := range sortedKeys(m.files) {
		p := m.files[key]
		value := strings.TrimSpace(string(p.data))
		list = append(list, variable{key, value, p.place(1, 1, key+": "+value), unknownValue(value)})
	}
	return list
}

func (r *run) configMap(name string) *configMap {
	m := &configMap{files: map[string]*document{}}
	r.maps[name] = m
	return m
}

// mapsOf returns the maps that stand in a document, in a fixed order.
func (r *run) mapsOf(d *document) (list []*configMap) {
	for _, name := range sortedKeys(r.maps) {
		for _, part := range r.maps[name].files {
			if part.name == d.name {
				list = append(list, r.maps[name])
				break
			}
		}
	}
	return list
}

// part is a value that holds a file. A block scalar keeps its lines, and with them its positions.
func (r *run) part(d *document, key string, value *yaml.Node) *document {
	p := &document{name: d.name, path: path.Join(path.Dir(d.path), key), data: []byte(scalar(value)), mode: 0o600}
	if value == nil {
		return p
	}
	at := d.place(value.Line, value.Column, "")
	p.line, p.column, p.fixed = at.Line, at.Column, true
	if value.Style&yaml.LiteralStyle != 0 {
		first := d.lineText(value.Line + 1)
		p.line, p.column, p.fixed = d.line+value.Line, d.column+len(first)-len(strings.TrimLeft(first, " ")), false
	}
	return p
}

// decoded is a value of a Secret's data.
func (r *run) decoded(d *document, key string, value *yaml.Node) *document {
	if value == nil {
		return nil
	}
	at := d.place(value.Line, value.Column, key+": …")
	text := strings.Join(strings.Fields(scalar(value)), "")
	if unknownValue(text) {
		return nil
	}
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		r.report(ruleBase64, "", at, "the value of "+show(key)+" is not base64: "+err.Error(),
			"the manifest is refused when it is applied", "encode the file (base64 -w0 FILE), or put the plain text under stringData")
		return nil
	}
	return &document{name: d.name, path: path.Join(path.Dir(d.path), key), data: data, mode: 0o600, line: at.Line, column: at.Column, fixed: true}
}

// parsePart checks a file that stands in a manifest.
func (r *run) parsePart(p *document, key string) {
	switch kindOf(p, false) {
	case kindWuKongIM:
		r.parseWuKongIM(p)
	case kindWuKongIMTOML:
		r.parseWuKongIMTOML(p)
	case kindNanoMQ:
		r.parseNanoMQ(p)
	case kindNanoMQOld:
		r.parseNanoMQOld(p)
	case kindNginx:
		r.nginxFile(p)
		r.proxies = true
	case kindPEM, kindDER:
		r.loadCertificates(p, kindPEM)
	case kindPKCS12:
		r.loadCertificates(p, kindPKCS12)
	default:
		if strings.HasSuffix(key, ".crt") || strings.HasSuffix(key, ".key") {
			r.loadCertificates(p, kindPEM)
		}
	}
}

// pairSecret checks the two halves of a secret of type kubernetes.io/tls.
func (r *run) pairSecret(m *configMap) {
	if crt, key := m.files["tls.crt"], m.files["tls.key"]; crt != nil && key != nil {
		r.pair(r.loaded(crt), r.loaded(key), "")
	}
}

// workload reads the containers of a Deployment and its like.
func (r *run) workload(d *document, node *yaml.Node) {
	spec := field(node, "spec")
	replicas, _ := strconv.Atoi(scalar(field(spec, "replicas")))
	for _, name := range []string{"jobTemplate", "spec", "template", "spec"} {
		if inner := field(spec, name); inner != nil {
			spec = inner
		}
	}
	volumes := map[string]string{} // name → map
	for _, v := range items(field(spec, "volumes")) {
		name := scalar(field(v, "name"))
		if m := scalar(field(field(v, "configMap"), "name")); m != "" {
			volumes[name] = "configmap/" + m
		} else if m := scalar(field(field(v, "secret"), "secretName")); m != "" {
			volumes[name] = "secret/" + m
		}
	}
	for _, c := range items(field(spec, "containers")) {
		c = resolve(c)
		image := field(c, "image")
		box := &container{name: scalar(field(c, "name")), image: scalar(image), replicas: replicas}
		if image != nil {
			box.imageAt = d.place(image.Line, image.Column, "image: "+box.image)
		}
		if endsTLS.MatchString(box.image) {
			r.proxies = true
		}
		wk, nano := programs(r.podEnvironment(d, c))
		configuration := r.mounted(c, volumes)
		if len(wk) > 0 || strings.Contains(box.image, "wukongim") {
			r.wukongims = append(r.wukongims, &wukongim{d: d, settings: wk, environment: true, public: true, container: box, v3: isV3(wk), mounted: configuration, settingsSeen: len(wk) > 0})
		}
		if len(nano) > 0 || strings.Contains(box.image, "nanomq") {
			n := nanomqFromEnvironment(d, nano)
			n.container, n.mounted = box, configuration
			r.nanomqs = append(r.nanomqs, n)
		}
	}
}

// podEnvironment returns the variables of a container.
func (r *run) podEnvironment(d *document, c *yaml.Node) (list []variable) {
	for _, source := range items(field(c, "envFrom")) {
		name := "configmap/" + scalar(field(field(source, "configMapRef"), "name"))
		if m := r.maps[name]; m != nil {
			m.taken = true
			list = append(list, m.variables()...)
		}
	}
	for _, e := range items(field(c, "env")) {
		name, value := scalar(field(e, "name")), field(e, "value")
		switch {
		case value != nil:
			list = append(list, variable{name, scalar(value), d.place(value.Line, value.Column, name+": "+scalar(value)), unknownValue(scalar(value))})
		case field(e, "valueFrom") != nil:
			list = append(list, variable{name: name, unknown: true, at: d.place(resolve(e).Line, resolve(e).Column, name)})
		}
	}
	return list
}

// mounted returns the documents that a container sees from maps.
func (r *run) mounted(c *yaml.Node, volumes map[string]string) (list []*document) {
	for _, m := range items(field(c, "volumeMounts")) {
		source := r.maps[volumes[scalar(field(m, "name"))]]
		if source == nil {
			continue
		}
		for _, key := range sortedKeys(source.files) {
			list = append(list, source.files[key])
		}
	}
	return list
}

// Package check reads configuration and certificates and says what is wrong in them before (or after) a log does: of
// WuKongIM, NanoMQ, nginx in front of them, Salvo servers by their Cargo files, and of the X.509 files that they name.
//
// A file goes through three steps. It is recognised by its name and content (kind.go) and parsed by a small parser that
// keeps positions (yaml.go, toml.go, hocon.go, nginx_syntax.go, dotenv.go, pem.go); what cannot be parsed is a finding with its
// position. Then what surrounds a program (compose.go, kubernetes.go, unit.go) is taken off, so that the rules see one program
// with its settings (setting.go), wherever they were written: a WuKongIM is the same from wk.yaml, from WK_ variables of a
// compose file or from both, the variables being stronger. Last the rules run, each a function over one program (wukongim*.go,
// cluster.go, nanomq*.go, nginx*.go, salvo.go) or over certificates and keys (certificate*.go, chain.go, bundle.go, key.go,
// pair.go), whose files are found by name or by the configuration that names them (named.go).
//
// A rule reports only what is wrong for certain in what was given: a false finding costs more than a missing one. What is
// named but not here (a path inside of a container) is listed as not checked, and is no finding.
//
// Files are hostile: sizes, depths and numbers of files are bounded, nothing is executed or expanded but the variables of
// compose files, and what is shown of a file is redacted. Private keys are compared by their public halves and never shown.
package check

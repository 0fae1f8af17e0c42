// Package probe asks a live endpoint what it really speaks, and ties the answer to the causes of the knowledge base.
//
// A probe is a session in phases. The first contact is the handshake that matters: a client of today, by the name given. What
// comes next depends on its outcome alone:
//
//   - TLS was spoken: the server is studied. Hellos of each version written by hand (package hello), a handshake without SNI
//     and ALPN, one that takes everything that crypto/tls has. Where leaving out two things was too much, they are tried
//     one by one.
//   - Other bytes came: they name the protocol. Where it has a plaintext step before TLS, the session goes through that.
//   - Nothing came: the session asks in the protocols that wait for the client, with smaller and older hellos, without a
//     name, and behind a PROXY header, in two waves that end soon after the first answer.
//
// Within a phase tries run beside each other, each on a connection of its own; the dialer counts and bounds all of them and
// keeps what was sent and received. Nothing is verified in a handshake: the chain is judged afterwards, fault by fault
// (examine), so that an expired certificate does not hide that its name is wrong as well.
//
// The facts of a session are then put before the rules, one for each cause that a probe can speak on. A rule says
// confirmed only for what was seen happening, refuted only for what cannot be with what was seen, and open for the rest. What
// clients see of another cause (a close, an alert) is its consequence and comes behind it.
//
// The probe connects to the addresses of its target only, sends no credentials, offers an MQTT client id of its own and a
// WuKongIM CONNECT that is refused before it logs anybody in, and puts its true address into PROXY headers: it leaves
// nothing behind but lines in the server's log.
package probe

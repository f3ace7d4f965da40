// Package listener receives notifications of GoBiz on this machine: it verifies
// them, records them with their exact bytes, answers, and forwards the very
// bytes to a target.
//
// # The way of a request
//
// A handler reads the body, verifies the signature and has the request written
// to the capture together with others that arrive at the same moment. Then it
// answers. What comes after that never holds up an answer: one goroutine reads
// what the requests say and chooses those to forward, lanes forward them, and the
// caller takes what became of them from [Listener.Events]. Where something is
// slow, a target or whoever reads the events, requests wait in a bounded queue
// in memory, and beyond it in a file.
//
// # What is forwarded
//
// The body's bytes, and the headers with repeated values in their order; their
// names in canonical form, as net/http gives them. Headers of the connection
// itself (RFC 9110, section 7.6.1) and trailers are not; Host is the target's;
// nothing is added. A path other than / follows the target's own path, and the
// query follows the target's own query. Redirects are answers like others. The
// target's certificate is verified unless it is on this machine.
package listener

// Package listener receives notifications of GoBiz on this machine: it verifies
// them, records them with their exact bytes, answers, and forwards the very
// bytes to a target.
//
// # The way of a request
//
//	receive   a handler reads the body and verifies the signature
//	record    its line is written to the capture
//	answer    the handler answers
//	queue     its place in the capture waits for the target
//	forward   a worker reads it from the capture and sends it, once
//	report    the caller takes what became of it from [Listener.Events]
//
// What comes after the record never holds up an answer. What waits for the target
// is in memory as an offset and a length, so a target that hangs costs little.
//
// # What is forwarded
//
// The body's bytes, and the headers with repeated values in their order; their
// names in canonical form, as net/http gives them. Headers of the connection
// itself (RFC 9110, section 7.6.1) and trailers are not; Host is the target's.
// [sender.ForwardedBy] is added, by which a listener knows what it has forwarded
// when that comes back, and does not forward it again. A path other than / follows the target's own path, and the
// query follows the target's own query. Redirects are answers like others. The
// target's certificate is verified unless it is on this machine.
package listener

package gobiz

// Reason is why the call failed, without the call and the request id: the
// status and the server's own title and message, or what went wrong on the
// way.
func (e *Error) Reason() string { return e.reason() }

// Package gobiz is a client for the GoBiz partner API, the interface of
// Gojek's merchant platform for direct integrations and facilitators.
//
// A Client is made once with New and is safe for concurrent use. Its methods
// are named after the operations of the API. Every call carries a fresh
// request id, is bounded in time and size, and sends the access token to the
// configured host only. Calls that may be repeated without harm are repeated
// after network failures and after the statuses 429, 500, 502, 503 and 504.
//
// Answers are read with tolerance: nulls, unknown fields, missing ones that nothing
// depends on, and whole numbers written as decimals or as strings are no errors. An
// answer without a member that it must have is one, of kind ErrMalformed: a list
// that is not there is no empty list. Failures are of
// type *Error, except for wrong arguments (*ArgumentError), failures of the
// TokenSource, which are passed on as they are, and a cancelled context.
//
// The legacy Enterprise Integration Middleware is in the package enterprise.
package gobiz

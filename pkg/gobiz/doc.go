// Package gobiz is a client for the GoBiz partner API, the interface of
// Gojek's merchant platform for direct integrations and facilitators.
//
// A Client is made once with New and is safe for concurrent use. Its methods
// are named after the operations of the API. Every call carries a fresh
// request id, is bounded in time and size, and sends the access token to the
// configured host only. Calls that may be repeated without harm are repeated
// after network failures and after the statuses 429, 500, 502, 503 and 504.
//
// Answers are read with tolerance: nulls, missing and unknown fields, whole
// numbers written as decimals or as strings are no errors. Failures are of
// type *Error, except for wrong arguments (*ArgumentError), failures of the
// TokenSource, which are passed on as they are, and a cancelled context.
//
// The legacy Enterprise Integration Middleware is in the package enterprise.
package gobiz

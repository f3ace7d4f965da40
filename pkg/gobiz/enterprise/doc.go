// Package enterprise is a client for the legacy Enterprise Integration
// Middleware (EIM, also called Jigsaw) for restaurant chains. It
// uses the transport and the error type of package gobiz; the API differs in
// its paths, its Accept header "application/vnd.eim.v1+json", its scopes
// food:read and food:write, and in a 401 body without "success".
//
// The host of this API is not published, so it must be configured.
package enterprise

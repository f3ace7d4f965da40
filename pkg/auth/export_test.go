package auth

import "time"

// CheckIDToken is checkIDToken for tests.
var CheckIDToken = checkIDToken

// WaitForPage changes how long the page in the browser waits.
func (r *Receiver) WaitForPage(limit time.Duration) { r.pageWait = limit }

package auth

// CheckIDToken is checkIDToken for tests.
var CheckIDToken = checkIDToken

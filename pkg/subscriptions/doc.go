// Package subscriptions holds notification subscriptions to a file: it reads
// the file, judges the URLs, compares with what is live, and makes the calls
// that bring the two together.
package subscriptions

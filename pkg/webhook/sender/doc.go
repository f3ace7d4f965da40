// Package sender does what GoBiz does when it sends a notification: the shapes
// of the bodies, their random order of keys, the one attempt and the table of
// retries. The sandbox and `gobiz webhook trigger` send by it.
//
// It knows the bodies as they are written. Receivers read them with package
// webhook, which has types of its own, so that neither hides a mistake of the
// other.
package sender

// Package sender does what GoBiz does when it sends a notification: the shapes
// of the bodies, their random order of keys, the headers, the one attempt and the
// table of retries. The sandbox and `gobiz webhook trigger` send by it.
//
// What has no GoBiz behind it is made up: a Sample is an order of which every
// event can be had, a Scenario is the life of one, a Plan says how often and when
// it is played, a Maker signs the notifications, and a Dispatcher delivers them.
//
// It knows the bodies as they are written. Receivers read them with package
// webhook, which has types of its own, so that neither hides a mistake of the
// other.
package sender

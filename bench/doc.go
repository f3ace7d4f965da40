// Package bench measures what users wait for: the start of the program, and
// reading and writing menus. See README.md.
package bench

// Spawn runs a program a number of times and writes what that cost into a file,
// as JSON:
//
//	spawn FILE RUNS PROGRAM [ARGUMENT]...
//
// It is a program of its own because it is small. Where a child begins as a copy
// of its parent, the parent's memory counts as the child's, and a process with
// benchmarks in it has a lot.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"
	"os/exec"
	"strconv"
	"time"
)

// cost is what all runs took together, in nanoseconds, and the most memory that
// one run had, in KiB; 0 where the system does not tell.
type cost struct {
	Wall, CPU   time.Duration
	ResidentKiB float64
}

func main() {
	log.SetFlags(0)
	if err := spawn(os.Args[1:]); err != nil {
		log.Fatal(err)
	}
}

func spawn(args []string) error {
	if len(args) < 3 {
		return errors.New("usage: spawn FILE RUNS PROGRAM [ARGUMENT]")
	}
	file, argv := args[0], args[2:]
	runs, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	var total cost
	for range runs {
		command := exec.Command(argv[0], argv[1:]...)
		began := time.Now()
		if err := command.Run(); err != nil {
			return fmt.Errorf("%v: %w", argv, err)
		}
		total.Wall += time.Since(began)
		state := command.ProcessState
		total.CPU += state.UserTime() + state.SystemTime()
		total.ResidentKiB = max(total.ResidentKiB, residentKiB(state))
	}
	text, err := json.Marshal(total)
	if err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o600)
}

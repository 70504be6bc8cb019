// Command beside runs a command, such as go test, beside a PostgreSQL server that
// all test binaries below it share.
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"

	"tidings.example/tidings/postgres/postgrestest"
)

func main() {
	cmd := exec.Command(os.Args[1], os.Args[2:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	err := postgrestest.RunBeside(cmd)

	var failed *exec.ExitError
	if err != nil && !errors.As(err, &failed) {
		fmt.Fprintln(os.Stderr, err)
	}
	if err != nil {
		os.Exit(1)
	}
}

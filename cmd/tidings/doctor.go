package main

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"tidings.example/tidings/admin"
)

// errUnwell makes `tidings doctor` exit with 1.
var errUnwell = errors.New("something the server needs is not right")

func newDoctorCommand(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use: "doctor [flags]", GroupID: groupServer, Args: noArgs,
		Short:   "check everything the server needs",
		Example: "  tidings doctor\n  tidings doctor --json --data /srv/tidings",
	}
	asJSON := cmd.Flags().Bool("json", false, "print JSON")
	settings := addSettings(cmd.Flags())

	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		cfg, err := settings.loadSettings(c)
		if err != nil {
			return err
		}

		findings := admin.Examine(cmd.Context(), cfg.Checks()...)
		if *asJSON {
			err = json.NewEncoder(c.out).Encode(findings)
		} else {
			for _, f := range findings {
				fmt.Fprintf(c.out, "%-5s %-10s %s\n", f.State, f.Name, f.Text)
				if f.Fix != "" {
					fmt.Fprintf(c.out, "%-16s fix: %s\n", "", f.Fix)
				}
			}
		}

		if admin.Failed(findings) {
			return errors.Join(err, errUnwell)
		}

		return err
	}

	return cmd
}

package admin

import "context"

// CheckPostgres asks a PostgreSQL whether its database can be used; examine says
// what it is.
func CheckPostgres(examine func(ctx context.Context) (string, error), fix FixFunc) Check {
	return func(ctx context.Context) []Finding {
		text, err := examine(ctx)
		if err != nil {
			return reportFailure("database", fix(err), "%s", describeCause(err))
		}
		return reportOK("database", "%s", text)
	}
}

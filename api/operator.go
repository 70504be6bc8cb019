package api

import (
	"context"

	"tidings.example/tidings/api/request"
	"tidings.example/tidings/tidings"
)

// OperatorStore is what operatorCheck reads of the rows.
type OperatorStore interface {
	FirstWorkspace(ctx context.Context) (tidings.ID, error)
}

// operatorCheck decides who operates this server.
type operatorCheck struct {
	store OperatorStore
}

// isOperatorRequest reports whether a request has an admin token of an operator.
// Owners of other workspaces may not read the metrics, which count the requests of
// all workspaces.
func (c *operatorCheck) isOperatorRequest(ctx context.Context, k *request.State) (bool, error) {
	if k.Credentials.TokenHash == nil || !k.Subject.Scope.Includes(tidings.ScopeAdmin) {
		return false, nil
	}
	return c.isOperator(ctx, k.Subject)
}

// isOperator reports whether the subject is an owner or admin of the workspace the
// server was set up with: others can be created by any person.
func (c *operatorCheck) isOperator(ctx context.Context, who tidings.Subject) (bool, error) {
	first, err := c.store.FirstWorkspace(ctx)
	r := who.Roles[first]
	return r == tidings.RoleOwner || r == tidings.RoleAdmin, err
}

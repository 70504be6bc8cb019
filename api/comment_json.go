package api

// commentViews builds comments as their caller sees them.
type commentViews struct {
	clipViews *clipViews
}

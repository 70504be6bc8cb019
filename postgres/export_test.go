package postgres

// CheckVersion is CheckServer of a sound server of a version.
func CheckVersion(version int) error {
	return serverFacts{version: version, encoding: "UTF8", schema: "public"}.checkUsable("db.example.org/tidings")
}

package store_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tidings.example/tidings/store/storetest"
)

// TestQueriesPrepareOnSQLite lets SQLite parse and plan every query there is.
func TestQueriesPrepareOnSQLite(t *testing.T) {
	w := storetest.NewWorld(t, storetest.OpenSQLite)
	prepareQueries(t, w.DB())
	if _, err := w.DB().PrepareContext(t.Context(), "SELECT nonsense FROM clips"); err == nil {
		t.Fatal("this database would accept anything")
	}
}

// prepareQueries prepares every query of package dbq on a migrated database.
func prepareQueries(t *testing.T, db *sql.DB) {
	t.Helper()
	files, err := filepath.Glob("dbq/*.sql.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no queries: %v", err)
	}

	for _, file := range files {
		queries := generatedQueries(t, file)
		if len(queries) == 0 {
			t.Errorf("%s has no queries", file)
		}

		for name, query := range queries {
			stmt, err := db.PrepareContext(t.Context(), query)
			if err != nil {
				t.Errorf("%s: %s: %v", file, name, err)
				continue
			}

			if err := stmt.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

// generatedQueries reads the constants of a file that sqlc wrote, by query
// name and kind.
func generatedQueries(t *testing.T, file string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}

	queries := map[string]string{}
	for _, m := range sqlGoName.FindAllStringSubmatch(string(text), -1) {
		queries[m[1]+" :"+m[2]] = m[3]
	}

	return queries
}

var (
	sqlName   = regexp.MustCompile(`(?m)^-- name: (\w+) :(\w+)\s*$`)
	sqlArg    = regexp.MustCompile(`sqlc\.n?arg\(\w+\)|\$\d+`)
	sqlGoName = regexp.MustCompile("(?s)const \\w+ = `-- name: (\\w+) :(\\w+)\n(.*?)\n`")
	space     = regexp.MustCompile(`\s+`)
)

// statements are the queries of a text by name and kind, free of the
// differences that sqlc makes: the numbers of arguments and expanded stars.
func sourceStatements(text string) map[string]string {
	out := map[string]string{}
	for i, at := 0, sqlName.FindAllStringSubmatchIndex(text, -1); i < len(at); i++ {
		end := len(text)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		name := text[at[i][2]:at[i][3]] + " :" + text[at[i][4]:at[i][5]]
		out[name] = flat(text[at[i][1]:end])
	}
	return out
}

func flat(sql string) string {
	var lines []string
	for line := range strings.Lines(sql) {
		line, _, _ = strings.Cut(line, "--")
		lines = append(lines, line)
	}
	sql = space.ReplaceAllString(strings.Join(lines, " "), " ")
	return strings.TrimSuffix(strings.TrimSpace(sqlArg.ReplaceAllString(sql, "?")), ";")
}

// TestGeneratedQueriesAreCurrent fails when queries/ was changed and package
// dbq was not written again.
func TestGeneratedQueriesAreCurrent(t *testing.T) {
	files, err := filepath.Glob("queries/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatalf("no queries: %v", err)
	}

	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}

		made := generatedQueries(t, filepath.Join("dbq", filepath.Base(file)+".go"))
		for name, query := range made {
			made[name] = flat(query)
		}

		want := sourceStatements(string(source))
		for name, sql := range want {
			if got, ok := made[name]; !ok || !sameButStars(sql, got) {
				t.Errorf("%s: %s is stale in dbq (make generate):\n%s\n%s", file, name, sql, made[name])
			}
		}

		if len(made) != len(want) {
			t.Errorf("%s has %d queries, dbq %d", file, len(want), len(made))
		}
	}
}

// sameButStars compares what was written with what was made of it: sqlc
// replaces * by the names of columns.
func sameButStars(source, made string) bool {
	parts := regexp.MustCompile(`(?:\w+\.)?\*( |,|$)`).Split(source, -1)
	for i := range parts {
		parts[i] = regexp.QuoteMeta(parts[i])
	}
	pattern := strings.Join(parts, `[\w., ]+`)
	return regexp.MustCompile("^" + pattern + "$").MatchString(made)
}

// TestQueriesArePortable refuses what only one of the two databases knows.
// PostgreSQL itself is the better judge where it is installed.
func TestQueriesArePortable(t *testing.T) {
	forbidden := map[string]*regexp.Regexp{
		"cast by ::":                regexp.MustCompile(`::`),
		"function of time":          regexp.MustCompile(`(?i)\b(now|datetime|strftime|julianday|unixepoch|date_trunc)\s*\(|current_timestamp`),
		"INSERT OR …":               regexp.MustCompile(`(?i)insert\s+or\s+`),
		"REPLACE INTO":              regexp.MustCompile(`(?i)\breplace\s+into\b`),
		"AUTOINCREMENT or SERIAL":   regexp.MustCompile(`(?i)\b(autoincrement|bigserial|serial)\b`),
		"PRAGMA":                    regexp.MustCompile(`(?i)\bpragma\b`),
		"rowid":                     regexp.MustCompile(`(?i)\browid\b`),
		"IFNULL":                    regexp.MustCompile(`(?i)\bifnull\s*\(`),
		"GLOB":                      regexp.MustCompile(`(?i)\bglob\b`),
		"ILIKE":                     regexp.MustCompile(`(?i)\bilike\b`),
		"json_extract":              regexp.MustCompile(`(?i)\bjson_(extract|set|array_length)\b`),
		"array":                     regexp.MustCompile(`(?i)\bany\s*\(|\barray\s*\[`),
		"truth as a number":         regexp.MustCompile(`(?i)\b(aborted|complete|current|draft|at_risk|ended_early|was_read)\s*=\s*[01]\b`),
		"argument without a number": regexp.MustCompile(`\?`),
		"quotes of MySQL":           regexp.MustCompile("`"),
		"DISTINCT ON":               regexp.MustCompile(`(?i)distinct\s+on\b`),
	}

	var files []string
	for _, pattern := range []string{"queries/*.sql", "migrations/*.sql"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %v", pattern, err)
		}
		files = append(files, found...)
	}

	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}

		n := 0
		for line := range strings.Lines(string(text)) {
			n++
			code, _, _ := strings.Cut(line, "--")
			for what, re := range forbidden {
				if re.MatchString(code) {
					t.Errorf("%s:%d: %s: %s", file, n, what, strings.TrimSpace(line))
				}
			}
		}
	}
}

// TestPagesAreFoundByTheirIDs: what reads a page of clips at once looks them up
// one by one, however many there are. (With a second condition SQLite takes an
// index of that one and goes through most of the table.)
func TestPagesAreFoundByTheirIDs(t *testing.T) {
	w := storetest.NewWorld(t, storetest.OpenSQLite)
	for file, names := range map[string][]string{"outbox.sql": {"DocumentsOfClips"}, "comment.sql": {"CommentsOfClips"}, "channel.sql": {"ClipAccessesFor"}, "transcript.sql": {"TranscriptTextsOfClips"}} {
		text, err := os.ReadFile(filepath.Join("queries", file))
		if err != nil {
			t.Fatal(err)
		}

		for _, name := range names {
			query := sourceStatements(string(text))[name+" :many"]
			args := slices.Repeat([]any{"[]"}, strings.Count(query, "?"))
			rows, err := w.DB().QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+query, args...)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}

			var plan []string
			for rows.Next() {
				var id, parent, none int
				var step string
				if err := rows.Scan(&id, &parent, &none, &step); err != nil {
					t.Fatal(err)
				}
				plan = append(plan, step)
			}

			if err := rows.Close(); err != nil {
				t.Fatal(err)
			}

			if first := strings.Join(plan, "; "); !regexp.MustCompile(`^SEARCH \w+ USING INDEX \w+ \((clip_)?id=\?\); LIST SUBQUERY`).MatchString(first) {
				t.Errorf("%s: %s", name, first)
			}
		}
	}
}

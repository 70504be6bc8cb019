package dbq

import (
	"database/sql/driver"
	"fmt"
)

// JSON is a JSON document as text. It is sent as a string, which both
// databases take for a JSONB column.
type JSON string

// Value implements driver.Valuer.
func (j JSON) Value() (driver.Value, error) { return string(j), nil }

// Scan implements sql.Scanner.
func (j *JSON) Scan(v any) error {
	switch v := v.(type) {
	case string:
		*j = JSON(v)
	case []byte:
		*j = JSON(v)
	case nil:
		*j = ""
	default:
		return fmt.Errorf("JSON from %T", v)
	}
	return nil
}

package spec

import "encoding/json"

// Raw is JSON as it came, for what another library reads.
type Raw = json.RawMessage

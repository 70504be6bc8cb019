package tidings

// UnitBytes is the unit of a Progress in bytes, which is shown as kB, MB or GB.
const UnitBytes = "bytes"

// Progress is how far a long run such as an export is.
type Progress struct {
	Phase string `json:"phase"`
	Done  int64  `json:"done"`
	Total int64  `json:"total"`
	Unit  string `json:"unit"` // of Done and Total: UnitBytes or a plural; "" = the total is unknown
}

// Fraction is Done of Total, 0 to 1.
func (p Progress) Fraction() float64 {
	switch {
	case p.Unit == "":
		return 0
	case p.Total <= 0 || p.Done >= p.Total:
		return 1
	}
	return float64(p.Done) / float64(p.Total)
}

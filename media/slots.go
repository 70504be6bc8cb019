package media

// StreamSlots are the ffmpeg processes that follow recordings: how many run and
// how many may.
func (m *Media) StreamSlots() (busy, slots int) { return len(m.longSlots), cap(m.longSlots) }

// ShortSlots are the processes for probes, posters and downloads.
func (m *Media) ShortSlots() (busy, slots int) { return len(m.shortSlots), cap(m.shortSlots) }

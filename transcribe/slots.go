package transcribe

// RefineSlots are the clips whose transcripts are being refined, and how many
// may be at once.
func (t *Transcriber) RefineSlots() (busy, slots int) { return len(t.refineSlots), cap(t.refineSlots) }

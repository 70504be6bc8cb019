package transcribe

import "sync"

// detailMemory remembers which level of detail of replyDetails a server gives in
// a form that can be read. It begins with the richest and never goes back to one
// that was refused, or that could not be read twice in a row.
type detailMemory struct {
	mu         sync.Mutex
	lowest     int                    // no richer level is requested
	unreadable [len(replyDetails)]int // answers in a row that could not be read
}

// firstLevel is the level to begin with.
func (m *detailMemory) firstLevel() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.lowest
}

// noteReadable notes an answer that could be read; refused says that the server
// had refused the piece at the richer levels. (A piece that it refuses at every
// firstLevel says nothing about them.)
func (m *detailMemory) noteReadable(level int, refused bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.unreadable[level] = 0
	if refused {
		m.lowest = max(m.lowest, level)
	}
}

// noteUnreadable notes an answer that could not be read. A single one may be an
// accident.
func (m *detailMemory) noteUnreadable(level int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.unreadable[level]++
	if m.unreadable[level] >= 2 {
		m.lowest = max(m.lowest, min(level+1, len(replyDetails)-1))
	}
}

package budget

import (
	"container/list"
	"io"
	"sync"
)

// ConnectionLimits are the bounds of Connections.
type ConnectionLimits struct {
	Total             int // open connections
	PerAddress        int // of one address
	WaitingPerAddress int // of one address, without a request that is being answered
}

// Connections bounds open connections. Nobody is refused while a connection
// waits for a request: the one that has waited longest is closed, first among
// those of the address that has too many.
type Connections struct {
	limits    ConnectionLimits
	mu        sync.Mutex
	open      int
	waiting   *list.List // of *Connection, the longest first
	addresses map[string]*addressConnections
}

// addressConnections are the connections of one address.
type addressConnections struct {
	open    int
	waiting *list.List // of *Connection, the longest first
}

// Connection is one of Connections.
type Connection struct {
	all       *Connections
	closer    io.Closer
	address   string
	inAll     *list.Element // nil while a request is being answered
	inAddress *list.Element // nil then, and for an address without a limit
	removed   bool
}

// NewConnections counts from none.
func NewConnections(l ConnectionLimits) *Connections {
	return &Connections{limits: l, waiting: list.New(), addresses: map[string]*addressConnections{}}
}

// Add counts a new connection, which waits for its first request. An address of
// "" has no limit of its own.
func (s *Connections) Add(conn io.Closer, address string) *Connection {
	c := &Connection{all: s, closer: conn, address: address}

	s.mu.Lock()
	s.open++
	if address != "" {
		a := s.addresses[address]
		if a == nil {
			a = &addressConnections{waiting: list.New()}
			s.addresses[address] = a
		}
		a.open++
	}
	surplus := s.waitLocked(c)
	s.mu.Unlock()

	closeConnections(surplus)
	return c
}

// Open is how many connections are open.
func (s *Connections) Open() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.open
}

// BeginRequest says that a request of the connection is being answered: it is not
// closed meanwhile.
func (c *Connection) BeginRequest() {
	c.all.mu.Lock()
	defer c.all.mu.Unlock()
	c.all.unlistLocked(c)
}

// EndRequest says that the connection waits for its next request.
func (c *Connection) EndRequest() {
	c.all.mu.Lock()
	var surplus []*Connection
	if !c.removed && c.inAll == nil {
		surplus = c.all.waitLocked(c)
	}
	c.all.mu.Unlock()

	closeConnections(surplus)
}

// Remove says that the connection is closed. It may be called more than once.
func (c *Connection) Remove() {
	c.all.mu.Lock()
	defer c.all.mu.Unlock()
	c.all.removeLocked(c)
}

// waitLocked lists a connection as waiting, and removes those that are too many.
func (s *Connections) waitLocked(c *Connection) (surplus []*Connection) {
	c.inAll = s.waiting.PushBack(c)
	a := s.addresses[c.address]
	if a != nil {
		c.inAddress = a.waiting.PushBack(c)
	}

	for a != nil && a.waiting.Len() > 0 && (a.waiting.Len() > s.limits.WaitingPerAddress || a.open > s.limits.PerAddress) {
		surplus = append(surplus, s.removeLocked(a.waiting.Front().Value.(*Connection)))
	}
	for s.waiting.Len() > 0 && s.open > s.limits.Total {
		surplus = append(surplus, s.removeLocked(s.waiting.Front().Value.(*Connection)))
	}

	return surplus
}

// unlistLocked takes a connection out of the lists of those that wait.
func (s *Connections) unlistLocked(c *Connection) {
	if c.inAll != nil {
		s.waiting.Remove(c.inAll)
	}
	if c.inAddress != nil {
		s.addresses[c.address].waiting.Remove(c.inAddress)
	}
	c.inAll, c.inAddress = nil, nil
}

func (s *Connections) removeLocked(c *Connection) *Connection {
	if c.removed {
		return c
	}

	c.removed = true
	s.unlistLocked(c)
	s.open--
	if a := s.addresses[c.address]; a != nil {
		if a.open--; a.open == 0 {
			delete(s.addresses, c.address)
		}
	}

	return c
}

// closeConnections closes what was removed, outside of the lock.
func closeConnections(all []*Connection) {
	for _, c := range all {
		c.closer.Close()
	}
}

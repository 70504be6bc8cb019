// Package budget limits how much of a scarce thing clients hold at once: open
// event streams, reads of media, bodies that are still on their way. Each client
// has a budget of its own, and a part of the whole is reserved for people who
// are signed in, so that visitors cannot take all of it.
package budget

import (
	"sync"

	"tidings.example/tidings/tidings"
)

// Limits are the bounds of a Pool.
type Limits struct {
	Total      int // held by all clients together
	Reserve    int // of Total, what only signed-in people may take
	PerAddress int // held by the visitors of one address
	PerLink    int // held by the visitors of one share link
	PerPerson  int // held by one signed-in person
}

// Client is who takes from a Pool. A person who is signed in counts by name
// alone: their address may be that of a whole office.
type Client struct {
	Person  tidings.ID // "" = a visitor
	Link    tidings.ID // "" = none
	Address string     // key of the address; IPv6 by its /64
}

// Pool is a counting semaphore with a budget for each client. It never waits.
type Pool struct {
	limits Limits
	mu     sync.Mutex
	held   int
	guests int            // of held, what visitors have
	byKey  map[string]int // what each key has; keys with nothing are removed
}

// NewPool makes a pool of which nothing is taken.
func NewPool(l Limits) *Pool { return &Pool{limits: l, byKey: map[string]int{}} }

// Acquire takes one for the client until release is called, which may be called
// more than once. It fails with KindRateLimited when the client has its share,
// and with KindUnavailable when all is taken that the client may have.
func (p *Pool) Acquire(c Client) (release func(), err error) {
	p.mu.Lock()
	defer p.mu.Unlock()

	keys := p.keyLimits(c)
	for key, most := range keys {
		if p.byKey[key] >= most {
			return nil, tidings.Errorf(tidings.KindRateLimited, "Too many connections at once. Try again in a moment.")
		}
	}
	if p.held >= p.limits.Total || c.Person == "" && p.guests >= p.limits.Total-p.limits.Reserve {
		return nil, tidings.Errorf(tidings.KindUnavailable, "Too many connections at once. Try again in a moment.")
	}

	p.addLocked(c, keys, 1)
	return sync.OnceFunc(func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.addLocked(c, keys, -1)
	}), nil
}

// Held is how much is taken.
func (p *Pool) Held() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.held
}

// keyLimits are the keys that the client counts under, with the most of each.
func (p *Pool) keyLimits(c Client) map[string]int {
	if c.Person != "" {
		return map[string]int{"person " + string(c.Person): p.limits.PerPerson}
	}

	keys := map[string]int{c.Address: p.limits.PerAddress}
	if c.Link != "" {
		keys["link "+string(c.Link)] = p.limits.PerLink
	}

	return keys
}

// addLocked changes the counts of the client by n.
func (p *Pool) addLocked(c Client, keys map[string]int, n int) {
	p.held += n
	if c.Person == "" {
		p.guests += n
	}
	for key := range keys {
		if p.byKey[key] += n; p.byKey[key] == 0 {
			delete(p.byKey, key)
		}
	}
}

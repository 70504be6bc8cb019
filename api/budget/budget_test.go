package budget

import (
	"testing"

	"tidings.example/tidings/tidings"
)

// acquireMany takes up to n for the client and returns how many it got, with the
// kind of the refusal.
func acquireMany(p *Pool, c Client, n int) (got int, refused tidings.Kind) {
	for range n {
		if _, err := p.Acquire(c); err != nil {
			return got, tidings.KindOf(err)
		}
		got++
	}
	return got, ""
}

func TestPoolLimits(t *testing.T) {
	limits := Limits{Total: 20, Reserve: 6, PerAddress: 5, PerLink: 8, PerPerson: 3}
	p := NewPool(limits)
	for _, c := range []struct {
		name   string
		client Client
		want   int
		kind   tidings.Kind
	}{
		{"one address", Client{Address: "a", Link: "x"}, 5, tidings.KindRateLimited},
		{"another address at the same link", Client{Address: "b", Link: "x"}, 3, tidings.KindRateLimited},
		{"another link from the first address", Client{Address: "a", Link: "y"}, 0, tidings.KindRateLimited},
		{"another link", Client{Address: "c", Link: "y"}, 5, tidings.KindRateLimited},
		{"the rest of the visitors' share", Client{Address: "d"}, 1, tidings.KindUnavailable},
		{"a person of the first address", Client{Address: "a", Person: "ana"}, 3, tidings.KindRateLimited},
		{"another person", Client{Address: "a", Person: "bo"}, 3, tidings.KindRateLimited},
		{"one more than the total", Client{Address: "a", Person: "cy"}, 0, tidings.KindUnavailable},
	} {
		if got, kind := acquireMany(p, c.client, 10); got != c.want || kind != c.kind {
			t.Errorf("%s: %d, then %s; want %d, then %s", c.name, got, kind, c.want, c.kind)
		}
	}
	if p.Held() != limits.Total {
		t.Errorf("%d are held", p.Held())
	}
}

// TestPoolRelease: what is released may be taken again, once.
func TestPoolRelease(t *testing.T) {
	p := NewPool(Limits{Total: 2, PerAddress: 1, PerLink: 1, PerPerson: 1})
	visitor := Client{Address: "a", Link: "x"}
	for range 3 {
		release, err := p.Acquire(visitor)
		if err != nil {
			t.Fatal(err)
		}
		release()
		release()
	}
	if p.Held() != 0 || p.guests != 0 || len(p.byKey) != 0 {
		t.Errorf("after all is released: %d %d %v", p.Held(), p.guests, p.byKey)
	}
}

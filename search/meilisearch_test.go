package search_test

import (
	"crypto/rand"
	"os"
	"strings"
	"sync"
	"testing"

	"tidings/search"
	"tidings/search/searchtest"
	"tidings/search/searchtest/fakemeili"
)

// meili opens the engine on a server.
func meili(t testing.TB, c search.MeilisearchConfig) *search.Meilisearch {
	t.Helper()
	e, err := search.OpenMeilisearch(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return e
}

// TestMeilisearch runs the suite through meilisearch-go on a fake server.
func TestMeilisearch(t *testing.T) {
	meiliSuite(t, searchtest.Meilisearch(), func(t testing.TB) search.MeilisearchConfig {
		return search.MeilisearchConfig{URL: fakemeili.New(t).URL, Key: fakemeili.MasterKey}
	})
}

// TestMeilisearchReal runs the suite on the server that TIDINGS_TEST_MEILI
// names as URL,key. Every world gets indexes of its own, which are left there.
func TestMeilisearchReal(t *testing.T) {
	url, key, ok := strings.Cut(os.Getenv("TIDINGS_TEST_MEILI"), ",")
	if !ok {
		t.Skip("TIDINGS_TEST_MEILI names no Meilisearch as URL,key")
	}
	more := searchtest.Meilisearch()
	more.Sometimes = true // which guesses are worth it depends on all texts
	meiliSuite(t, more, func(testing.TB) search.MeilisearchConfig {
		return search.MeilisearchConfig{URL: url, Key: key, Prefix: "test_" + strings.ToLower(rand.Text()) + "_"}
	})
}

func meiliSuite(t *testing.T, more *searchtest.Differences, config func(t testing.TB) search.MeilisearchConfig) {
	var configs sync.Map // engine → its server
	searchtest.Run(t, searchtest.Suite{
		Differences: more,
		Open: func(t testing.TB) search.Engine {
			c := config(t)
			e := meili(t, c)
			configs.Store(e, c)
			return e
		},
		Restart: func(t testing.TB, e search.Engine) search.Engine {
			if err := e.Close(); err != nil {
				t.Fatal(err)
			}
			c, _ := configs.Load(e)
			return meili(t, c.(search.MeilisearchConfig))
		},
	})
}

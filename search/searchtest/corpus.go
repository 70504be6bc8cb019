package searchtest

import (
	"fmt"
	"math/rand"
	"strings"
	"time"

	"tidings.example/tidings/tidings"
)

// Corpus makes texts whose words follow Zipf's law, as those of people do: a
// few are in nearly every clip, most in hardly any. It is for measuring, and
// the same every time.
type Corpus struct {
	R     *rand.Rand
	Words []string // the commonest first
	zipf  *rand.Zipf
}

// NewCorpus begins a corpus of 50,000 words.
func NewCorpus() *Corpus {
	r := rand.New(rand.NewSource(1))
	c := &Corpus{R: r, zipf: rand.NewZipf(r, 1.1, 8, 49_999)}
	syllables := strings.Fields("ka re mi to lu ven shi dor pa ne gul ti ras mon be co fer ha il ost")
	for len(c.Words) < 50_000 {
		var b strings.Builder
		for range 1 + r.Intn(4) {
			b.WriteString(syllables[r.Intn(len(syllables))])
		}
		c.Words = append(c.Words, b.String()+strings.Repeat("x", r.Intn(2)))
	}

	return c
}

// Word is one word, drawn as people use them.
func (c *Corpus) Word() string { return c.Words[c.zipf.Uint64()] }

// Rank is one of the words between two places of the list.
func (c *Corpus) Rank(from, to int) string { return c.Words[from+c.R.Intn(to-from)] }

// Typo is a long word with a letter left out.
func (c *Corpus) Typo() string {
	for {
		if w := c.Rank(0, 5000); len(w) >= 7 {
			return w[:2] + w[3:]
		}
	}
}

// Text is n words.
func (c *Corpus) Text(n int) string {
	words := make([]string, n)
	for i := range words {
		words[i] = c.Word()
	}
	return strings.Join(words, " ")
}

// Document is the n-th clip: fifty passages of twenty words with their times.
// Its workspace is one of ten.
func (c *Corpus) Document(n int) tidings.Document {
	ws := tidings.ID(fmt.Sprint("ws", n%10))
	d := tidings.Document{ClipID: tidings.ID(fmt.Sprintf("clip%08d", n)), Version: int64(n) + 1, WorkspaceID: ws, ACL: []string{"u:" + fmt.Sprint(n%50), "w:" + string(ws)},
		Title: c.Text(4), Description: c.Text(10), CreatedAt: time.Unix(1_760_000_000+int64(n)*600, 0)}
	for i := range 50 {
		d.Transcript = append(d.Transcript, Say(int64(i)*8000, c.Text(20)))
	}
	return d
}

// Say is a passage: each word takes 300 ms, and 50 ms are between them.
func Say(start int64, text string) tidings.TranscriptSegment {
	seg := tidings.TranscriptSegment{ID: tidings.ID(fmt.Sprint("seg", start)), StartMS: start, EndMS: start + 7500, Text: text}
	for i, w := range strings.Fields(text) {
		seg.Words = append(seg.Words, tidings.Word{StartMS: start + int64(i)*350, EndMS: start + int64(i)*350 + 300, Text: w})
	}
	return seg
}

package tidings

// maxAlignedPairs bounds the work of one alignment, in pairs of words: an utterance is
// far below it, and ten minutes of fast speech have half of it.
const maxAlignedPairs = 4_000_000

// CommonWords is the longest common subsequence of two lists of words: the
// positions of each word (in a, in b), in order. It is empty for lists too long
// to compare.
func CommonWords(a, b []string) (places [][2]int) {
	n, m := len(a), len(b)
	if n*m > maxAlignedPairs {
		return nil
	}

	length := make([]int32, (n+1)*(m+1)) // [i][j]: of a[i:] and b[j:]
	at := func(i, j int) *int32 { return &length[i*(m+1)+j] }
	for i := n - 1; i >= 0; i-- {
		for j := m - 1; j >= 0; j-- {
			if a[i] == b[j] {
				*at(i, j) = *at(i+1, j+1) + 1
			} else {
				*at(i, j) = max(*at(i+1, j), *at(i, j+1))
			}
		}
	}

	for i, j := 0, 0; i < n && j < m; {
		switch {
		case a[i] == b[j]:
			places = append(places, [2]int{i, j})
			i, j = i+1, j+1
		case *at(i+1, j) >= *at(i, j+1):
			i++
		default:
			j++
		}
	}

	return places
}

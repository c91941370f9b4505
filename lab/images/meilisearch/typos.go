package main

// noMatch is the cost of a word that a term does not match.
const noMatch = 99

// cost counts the typos with which a term's word matches a document's word; the start of a word is enough for a prefix.
// A typo on the first letter counts twice, a swap of neighbours once.
func (t *term) cost(text string) int {
	if known, ok := t.known[text]; ok {
		return known
	}
	typos := distance([]rune(t.words[0]), []rune(text), t.prefix, t.maxTypos)
	if typos > 0 && firstRune(text) != firstRune(t.words[0]) {
		typos++
	}
	if typos > t.maxTypos {
		typos = noMatch
	}
	t.known[text] = typos
	return typos
}

func firstRune(text string) rune {
	for _, r := range text {
		return r
	}
	return 0
}

// distance is the number of insertions, deletions, changes and swaps of neighbours between two words, or between a and
// the start of b that is nearest to it. Beyond limit it answers noMatch.
func distance(a, b []rune, prefix bool, limit int) int {
	if len(a) > len(b)+limit || !prefix && len(b) > len(a)+limit {
		return noMatch
	}
	if prefix && len(b) > len(a)+limit {
		b = b[:len(a)+limit]
	}
	before, row := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		next := make([]int, len(b)+1)
		next[0] = i
		for j := 1; j <= len(b); j++ {
			change := 1
			if a[i-1] == b[j-1] {
				change = 0
			}
			next[j] = min(row[j]+1, next[j-1]+1, row[j-1]+change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				next[j] = min(next[j], before[j-2]+1)
			}
		}
		before, row = row, next
	}
	found := row[len(b)]
	if prefix {
		for _, d := range row {
			found = min(found, d)
		}
	}
	if found > limit {
		return noMatch
	}
	return found
}

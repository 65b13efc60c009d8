"""Regular two-level fractions: which combinations to leave out, and which effects are then mixed.

An effect is a set of factors, kept as the bits of a number. A fraction of k factors keeps 2^m combinations: m
factors vary freely, each other one is set by the product of some of them. Such a product with its factor is a word
that is always +1; the products of words are words too (the defining relation), and an effect is mixed with its
product with each word (Box, Hunter & Hunter 2005, chapter 6). Of all fractions of a size the one of minimum
aberration is taken: fewest words of 3 letters, then of 4, and so on (Fries & Hunter 1980), found by trying all.
"""

import itertools
from dataclasses import dataclass

Term = tuple[str, ...]
Aliases = dict[Term, list[Term]]
FEWEST, MOST = 3, 16  # factors: two have no fraction that keeps them apart, 16 take 0.2 s to search
LONGEST = 3  # factors in an effect that is named as an alias; longer ones are small in practice


@dataclass(frozen=True)
class Fraction:
    """`generators` are the words that make all others as products."""

    factors: list[str]
    generators: list[int]

    @property
    def words(self) -> list[int]:
        """The defining relation, without the mean itself."""
        words = [0]
        for generator in self.generators:
            words += [word ^ generator for word in words]
        return words[1:]

    @property
    def resolution(self) -> int:
        """Letters of the shortest word: at 3 main effects are mixed with two-way interactions, at 4 these are."""
        return min(word.bit_count() for word in self.words)

    def holds(self, changed: list[bool]) -> bool:
        """Is the combination that changes these factors, and no others, in the fraction? No change at all is."""
        bits = sum(1 << place for place, change in enumerate(changed) if change)
        return all((bits & word).bit_count() % 2 == 0 for word in self.generators)

    def aliases(self) -> Aliases:
        """Main effects and two-way interactions -> the effects of up to three factors mixed with each."""
        mixed: Aliases = {}
        words = self.words
        for size in (1, 2):
            for places in itertools.combinations(range(len(self.factors)), size):
                bits = sum(1 << place for place in places)
                others = sorted((bits ^ word for word in words), key=lambda other: (other.bit_count(), other))
                named = [self.term(other) for other in others if other.bit_count() <= LONGEST]
                if named:
                    mixed[self.term(bits)] = named
        return mixed

    def term(self, bits: int) -> Term:
        return tuple(factor for place, factor in enumerate(self.factors) if bits >> place & 1)


def regular(factors: list[str]) -> Fraction:
    """The smallest fraction that keeps main effects clear of two-way interactions; of three factors, the half."""
    free = 2 if len(factors) == 3 else next(m for m in range(3, len(factors)) if 2 ** (m - 1) >= len(factors))
    return Fraction(list(factors), best_generators(len(factors), free))


def best_generators(count: int, free: int) -> list[int]:
    """Generators of minimum aberration for `count` factors of which the first `free` vary freely.

    Each other factor is set by a product of free ones; the word of the two together is its generator.
    """
    import numpy as np

    fewest = 2 if count == 3 else 3  # a product of two would make a word of three letters
    products = [bits for bits in range(1, 1 << free) if bits.bit_count() >= fewest]
    products.sort(key=lambda bits: (-bits.bit_count(), bits))
    letters = np.array([bits.bit_count() for bits in range(1 << count)], dtype=np.uint8)
    places = 1 << np.arange(free, count)
    chosen = np.array(list(itertools.combinations(products, count - free))) | places  # (fractions, generators)
    words = np.zeros((len(chosen), 1), dtype=np.int64)
    for generator in chosen.T:
        words = np.concatenate([words, words ^ generator[:, None]], axis=1)
    lengths = letters[words[:, 1:]]  # (fractions, words)
    pattern = np.stack([(lengths == length).sum(1) for length in range(1, count + 1)], axis=1)
    best = np.lexsort(pattern.T[::-1])[0]  # the last key of lexsort counts first
    return [int(generator) for generator in chosen[best]]

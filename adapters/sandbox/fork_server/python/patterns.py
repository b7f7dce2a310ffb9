"""Which names a set of patterns wants, folder by folder.

A pattern is matched part by part: `*`, `?` and `[...]` within a name, `**` for any number of folders. As in a
shell only a part that begins with a dot matches a name that does.

Patterns are anybody's, and the broker that holds names against them has other runs to look after. So whatever
goes through many of them, or tries a name at many places, is a generator that yields between the small pieces of
its work; what it returns is the result.
"""

import collections

DEEP = "**"
OUTWARDS = {"", ".", ".."}
# Patterns of a request, the bytes of all with a NUL after each, parts of one, and signs of a part: what the
# service lets nobody send more of.
MOST, MOST_BYTES, MOST_PARTS, LONGEST_PART = 64, 64 * 1025, 16, 255
# What an entry is: a folder, a symbolic link, or anything else.
FOLDER, LINK, FILE = range(3)
EVERY_KIND = {FOLDER, LINK, FILE}
# kinds: what an entry may be for it to be wanted; below: where patterns go on if it is a folder.
Meaning = collections.namedtuple("Meaning", "kinds, below")


class OneOf:
    """`[...]`: signs and ranges of signs of which one must stand, or with a `!` before them none."""

    def __init__(self, text):
        self.negated = text.startswith("!")
        self.signs, self.ranges = set(), []
        at = int(self.negated)
        while at < len(text):
            if text[at + 1 : at + 2] == "-" and at + 2 < len(text):
                self.ranges.append((text[at], text[at + 2]))
                at += 3
            else:
                self.signs.add(text[at])
                at += 1

    def fits(self, sign):
        """Whether a sign may stand here."""
        found = sign in self.signs or any(low <= sign <= high for low, high in self.ranges)
        return found != self.negated


class Stretch:
    """What stands between two stars: `pieces`, each a text, how many signs may be anything, or OneOf."""

    def __init__(self, pieces):
        self.pieces = pieces
        self.length = sum(map(length, pieces))

    def fits(self, name, at):
        """Whether it stands at a place of a name, which has room for it there."""
        for piece in self.pieces:
            if isinstance(piece, str):
                if not name.startswith(piece, at):
                    return False
            elif isinstance(piece, OneOf) and not piece.fits(name[at]):
                return False
            at += length(piece)
        return True

    def found(self, name, at, end):
        """The first place from `at` to `end` where it stands, or -1; yields between the places."""
        if len(self.pieces) == 1 and isinstance(self.pieces[0], str):
            return name.find(self.pieces[0], at, end)
        for place in range(at, end - self.length + 1):
            if self.fits(name, place):
                return place
            yield
        return -1


class Part:
    """One part of a pattern that has wildcards."""

    def __init__(self, text):
        self.takes_dotted = text.startswith(".")
        first, *others = (Stretch(pieces) for pieces in cut(text))
        self.first, self.has_star = first, bool(others)
        self.last = others.pop() if others else Stretch([])
        self.middle = [stretch for stretch in others if stretch.length > 0]
        self.length = first.length + self.last.length + sum(stretch.length for stretch in self.middle)

    def matches(self, name):
        """Whether a name fits; yields between the places at which it is tried."""
        if len(name) < self.length or (len(name) > self.length and not self.has_star):
            return False
        at, end = self.first.length, len(name) - self.last.length
        if not (self.first.fits(name, 0) and self.last.fits(name, end)):
            return False
        for stretch in self.middle:
            at = yield from stretch.found(name, at, end)
            if at < 0:
                return False
            at += stretch.length
            yield
        return True


def length(piece):
    """How many signs of a name a piece of a stretch stands for."""
    if isinstance(piece, OneOf):
        return 1
    return piece if isinstance(piece, int) else len(piece)


def cut(text):
    """The pieces of each stretch of a part, of which there is one more than stars."""
    stretches, at = [[]], 0
    while at < len(text):
        pieces, sign = stretches[-1], text[at]
        # A bracket that is its first sign does not close a class.
        end = text.find("]", at + 2 + (text[at + 1 : at + 2] == "!")) if sign == "[" else -1
        if sign == "*":
            stretches.append([])
        elif end > 0:
            pieces.append(OneOf(text[at + 1 : end]))
            at = end
        else:
            piece = 1 if sign == "?" else sign
            if pieces and isinstance(pieces[-1], type(piece)):
                pieces[-1] += piece
            else:
                pieces.append(piece)
        at += 1
    return stretches


def starts(wanted):
    """Where each pattern begins: [(its parts, 0)]. One that would lead out of the folder, or that the service
    would let nobody send, wants nothing."""
    begun = []
    for pattern in wanted:
        words = pattern.split("/")
        if OUTWARDS.intersection(words) or len(words) > MOST_PARTS or max(map(len, words)) > LONGEST_PART:
            continue
        parts = []
        for word in words:
            # Any number of folders twice is any number of folders.
            if word != DEEP or parts[-1:] != [DEEP]:
                parts.append(part_of(word))
            yield
        begun.append((tuple(parts), 0))
    return begun


def part_of(text):
    """A part as a name, DEEP, or what has wildcards."""
    return text if text == DEEP or not any(sign in text for sign in "*?[") else Part(text)


class Level:
    """What is wanted of one folder. `source` is a name that no wildcard matches."""

    def __init__(self, source):
        self.source = source
        # {name: places}, [(part, place)], places that a `**` goes on from
        self.named, self.wild, self.deep = {}, [], []

    def take(self, states):
        """Begins with these places in patterns; yields between them."""
        taken = set()
        for state in followed(states):
            yield
            if state in taken:
                continue
            taken.add(state)
            parts, at = state
            if parts[at] == DEEP:
                self.deep.append(state)
            elif isinstance(parts[at], Part):
                self.wild.append((parts[at], state))
            else:
                self.named.setdefault(parts[at], []).append(state)

    @property
    def scans(self):
        """Whether the folder has to be read; else its names are known."""
        return bool(self.wild or self.deep)

    def meaning(self, name):
        """What an entry of this name is to the patterns; yields between the parts that it is held against."""
        exact = self.named.get(name, ())
        places = [(parts, at + 1) for parts, at in exact]
        # A link where a pattern names a folder is answered for: what it leads to is not looked at.
        kinds = {LINK} if exact else set()
        below = []
        if name != self.source:
            is_dotted = name.startswith(".")
            for part, (parts, at) in self.wild:
                if part.takes_dotted >= is_dotted and (yield from part.matches(name)):
                    places.append((parts, at + 1))
                yield
            if not is_dotted:
                below += self.deep
                if any(at + 1 == len(parts) for parts, at in self.deep):
                    kinds |= {FILE, LINK}
        below += [(parts, at) for parts, at in places if at < len(parts)]
        if any(at == len(parts) for parts, at in places):
            kinds = EVERY_KIND
        return Meaning(kinds, below)


def followed(states):
    """Each place, and those that it is as well where a `**` stands for nothing."""
    for parts, at in states:
        yield parts, at
        while parts[at] == DEEP and at + 1 < len(parts):
            at += 1
            yield parts, at

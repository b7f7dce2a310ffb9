"""Which names a set of patterns wants, folder by folder.

A pattern is matched part by part: `*`, `?` and `[...]` within a name, `**` for any number of folders. As in a
shell only a part that begins with a dot matches a name that does.
"""

import collections
import fnmatch
import re

DEEP = "**"
OUTWARDS = {"", ".", ".."}
# What an entry is: a folder, a symbolic link, or anything else.
FOLDER, LINK, FILE = range(3)
EVERY_KIND = {FOLDER, LINK, FILE}
# kinds: what an entry may be for it to be wanted; below: where patterns go on if it is a folder.
Meaning = collections.namedtuple("Meaning", "kinds, below")


class Part:
    """One part of a pattern that has wildcards."""

    def __init__(self, text):
        self.takes_dotted = text.startswith(".")
        try:
            self.matches = re.compile(fnmatch.translate(text)).match
        except re.error:
            self.matches = lambda name: None


def starts(wanted):
    """Where each pattern begins: [(its parts, 0)]. One that would lead out of the folder wants nothing."""
    all_words = [pattern.split("/") for pattern in wanted]
    return [(tuple(map(part_of, words)), 0) for words in all_words if not OUTWARDS.intersection(words)]


def part_of(text):
    """A part as a name, DEEP, or what has wildcards."""
    return text if text == DEEP or not any(sign in text for sign in "*?[") else Part(text)


class Level:
    """What is wanted of one folder. `states` are places in patterns; `source` a name that no wildcard matches."""

    def __init__(self, states, source):
        self.source = source
        # {name: places}, [(part, place)], places that a `**` goes on from
        self.named, self.wild, self.deep = {}, [], []
        for state in dict.fromkeys(followed(states)):
            parts, at = state
            if parts[at] == DEEP:
                self.deep.append(state)
            elif isinstance(parts[at], Part):
                self.wild.append((parts[at], state))
            else:
                self.named.setdefault(parts[at], []).append(state)

    @property
    def size(self):
        """How many parts each name is held against."""
        return 1 + len(self.wild) + len(self.deep)

    @property
    def scans(self):
        """Whether the folder has to be read; else its names are known."""
        return bool(self.wild or self.deep)

    def meaning(self, name):
        """What an entry of this name is to the patterns."""
        exact = self.named.get(name, ())
        places = [(parts, at + 1) for parts, at in exact]
        # A link where a pattern names a folder is answered for: what it leads to is not looked at.
        kinds = {LINK} if exact else set()
        below = []
        if name != self.source:
            is_dotted = name.startswith(".")
            places += [(parts, at + 1) for part, (parts, at) in self.wild
                       if part.takes_dotted >= is_dotted and part.matches(name)]
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

/**
 * What the grammar leaves to code: indentation, line ends, and what stands inside strings.
 *
 * From @lezer/python 1.1.19 (MIT, Copyright (C) 2020 by Marijn Haverbeke and others), amended: a brace
 * after a backslash begins a field, a string that is not closed is an error, a form feed is white space
 * that begins a line anew, and there is no print statement. Lines end with "\n" alone here.
 */
import { ContextTracker, ExternalTokenizer, type InputStream } from "@lezer/lr";
import * as term from "./terms.ts";

const NEWLINE = 10;
const FORM_FEED = 12;
const SPACE = 32;
const TAB = 9;
const HASH = 35;
const BRACE_OPEN = 123;
const BRACE_CLOSE = 125;
const SINGLE_QUOTE = 39;
const DOUBLE_QUOTE = 34;
const BACKSLASH = 92;
const LETTER_N = 78;
const TAB_WIDTH = 8;

const BRACKETED = new Set([
  term.ParenthesizedExpression,
  term.TupleExpression,
  term.ComprehensionExpression,
  term.importList,
  term.ArgList,
  term.ParamList,
  term.ArrayExpression,
  term.ArrayComprehensionExpression,
  term.subscript,
  term.SetExpression,
  term.SetComprehensionExpression,
  term.FormatString,
  term.FormatReplacement,
  term.nestedFormatReplacement,
  term.DictionaryExpression,
  term.DictionaryComprehensionExpression,
  term.SequencePattern,
  term.MappingPattern,
  term.PatternArgList,
  term.TypeParamList,
]);

const OPENING = new Set([term.ParenL, term.BracketL, term.BraceL, term.replacementStart]);

const IN_BRACKETS = 1;
const IN_STRING = 2;
const DOUBLE = 4;
const LONG = 8;
const RAW = 16;
const FORMAT = 32;

const STRING_STARTS = new Map<number, number>([
  [term.stringStart, 0],
  [term.stringStartD, DOUBLE],
  [term.stringStartL, LONG],
  [term.stringStartLD, LONG | DOUBLE],
  [term.stringStartR, RAW],
  [term.stringStartRD, RAW | DOUBLE],
  [term.stringStartRL, RAW | LONG],
  [term.stringStartRLD, RAW | LONG | DOUBLE],
  [term.stringStartF, FORMAT],
  [term.stringStartFD, FORMAT | DOUBLE],
  [term.stringStartFL, FORMAT | LONG],
  [term.stringStartFLD, FORMAT | LONG | DOUBLE],
  [term.stringStartFR, FORMAT | RAW],
  [term.stringStartFRD, FORMAT | RAW | DOUBLE],
  [term.stringStartFRL, FORMAT | RAW | LONG],
  [term.stringStartFRLD, FORMAT | RAW | LONG | DOUBLE],
]);

/** Where the reader stands: in which block, brackets or string. */
class Place {
  readonly parent: Place | null;
  readonly indent: number;
  readonly flags: number;
  readonly hash: number;

  constructor(parent: Place | null, indent: number, flags: number) {
    this.parent = parent;
    this.indent = indent;
    this.flags = flags;
    const before = parent === null ? 0 : (parent.hash * 257) | 0;
    this.hash = (before + indent * 17 + flags * 65) | 0;
  }
}

/** Keeps the place up to date. */
export const trackIndent: ContextTracker<Place> = new ContextTracker<Place>({
  start: new Place(null, 0, 0),
  reduce(place, reduced) {
    const closes = (place.flags & IN_BRACKETS) !== 0 && BRACKETED.has(reduced);
    const ends = (place.flags & IN_STRING) !== 0 &&
      (reduced === term.String || reduced === term.FormatString);
    return (closes || ends) && place.parent !== null ? place.parent : place;
  },
  shift(place, shifted, stack, input) {
    if (shifted === term.indent) {
      return new Place(place, widthOf(input, stack.pos - input.pos), 0);
    }
    if (shifted === term.dedent) return place.parent ?? place;
    if (OPENING.has(shifted)) return new Place(place, 0, IN_BRACKETS);
    const flags = STRING_STARTS.get(shifted);
    if (flags === undefined) return place;
    return new Place(place, 0, flags | IN_STRING | (place.flags & IN_BRACKETS));
  },
  hash: (place) => place.hash,
});

function widthOf(input: InputStream, characters: number): number {
  let width = 0;
  for (let at = 0; at < characters; at += 1) width = widened(width, input.peek(at));
  return width;
}

function widened(width: number, character: number): number {
  if (character === FORM_FEED) return 0;
  return character === TAB ? width + TAB_WIDTH - (width % TAB_WIDTH) : width + 1;
}

function isBlank(character: number): boolean {
  return character === SPACE || character === TAB || character === FORM_FEED;
}

function placeOf(stack: { readonly context: unknown }): Place {
  return stack.context as Place;
}

/** Ends of lines, of blank lines and of the text. */
export const newlines: ExternalTokenizer = new ExternalTokenizer((input, stack) => {
  if (input.next < 0) {
    input.acceptToken(term.eof);
  } else if ((placeOf(stack).flags & IN_BRACKETS) !== 0) {
    if (input.next === NEWLINE) input.acceptToken(term.newlineBracketed, 1);
  } else if (beginsLine(input) && stack.canShift(term.blankLineStart)) {
    let spaces = 0;
    for (; isBlank(input.next); spaces += 1) input.advance();
    const blank = input.next === NEWLINE || input.next === HASH || input.next < 0;
    if (blank) input.acceptToken(term.blankLineStart, -spaces);
  } else if (input.next === NEWLINE) {
    input.acceptToken(term.newline, 1);
  }
}, { contextual: true });

function beginsLine(input: InputStream): boolean {
  const before = input.peek(-1);
  return before < 0 || before === NEWLINE;
}

/** Where a block begins and ends. */
export const indentation: ExternalTokenizer = new ExternalTokenizer((input, stack) => {
  const place = placeOf(stack);
  if (place.flags !== 0 || input.peek(-1) !== NEWLINE) return;
  let width = 0;
  let characters = 0;
  for (; isBlank(input.next); characters += 1) {
    width = widened(width, input.next);
    input.advance();
  }
  if (width === place.indent || input.next === NEWLINE || input.next === HASH) return;
  if (width < place.indent) input.acceptToken(term.dedent, -characters);
  else input.acceptToken(term.indent);
});

/** What stands between a string's quotes, up to the next escape, field or end. */
export const strings: ExternalTokenizer = new ExternalTokenizer((input, stack) => {
  const { flags } = placeOf(stack);
  const start = input.pos;
  while (input.next >= 0) {
    const found = special(input, flags);
    if (found === "content") {
      input.advance();
    } else if (found === "two") {
      input.advance(2);
    } else if (input.pos > start || found === "broken") {
      break;
    } else {
      return accept(input, found, flags);
    }
  }
  if (input.pos > start) input.acceptToken(term.stringContent);
});

type Special = "content" | "two" | "escape" | "field" | "end" | "broken";

/** What the next character is, in a string of these flags; `two` are two characters of content. */
function special(input: InputStream, flags: number): Special {
  const { next } = input;
  const isFormat = (flags & FORMAT) !== 0;
  if (isFormat && next === BRACE_OPEN) return input.peek(1) === BRACE_OPEN ? "two" : "field";
  if (next === BACKSLASH) {
    // What a backslash stands before is never a quote or an end; a brace still begins a field.
    const after = input.peek(1);
    if (isFormat && (after === BRACE_OPEN || after === BRACE_CLOSE)) return "content";
    if ((flags & RAW) === 0) return "escape";
    return after < 0 ? "content" : "two";
  }
  if (next === ((flags & DOUBLE) !== 0 ? DOUBLE_QUOTE : SINGLE_QUOTE)) {
    if ((flags & LONG) === 0) return "end";
    return input.peek(1) === next && input.peek(2) === next ? "end" : "content";
  }
  return next === NEWLINE && (flags & LONG) === 0 ? "broken" : "content";
}

function accept(input: InputStream, found: "escape" | "field" | "end", flags: number): void {
  if (found === "field") return input.acceptToken(term.replacementStart, 1);
  if (found === "end") return input.acceptToken(term.stringEnd, (flags & LONG) !== 0 ? 3 : 1);
  input.advance();
  const isName = input.next === LETTER_N && input.peek(1) === BRACE_OPEN;
  if (input.next >= 0) input.advance();
  // \N{EM DASH} holds no field.
  if (isName) skipName(input);
  input.acceptToken(term.Escape);
}

function skipName(input: InputStream): void {
  const ends = [BRACE_CLOSE, SINGLE_QUOTE, DOUBLE_QUOTE, NEWLINE];
  while (input.next >= 0 && !ends.includes(input.next)) input.advance();
  if (input.next === BRACE_CLOSE) input.advance();
}

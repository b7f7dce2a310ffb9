/**
 * What the grammar leaves to code: semicolons that are left out, and tokens that the state decides.
 *
 * From @lezer/javascript 1.5.6 (MIT, Copyright (C) 2018 by Marijn Haverbeke and others).
 */
import { ContextTracker, ExternalTokenizer, type InputStream, type Stack } from "@lezer/lr";
import * as term from "./terms.ts";

const SPACES = new Set([
  ...[9, 10, 11, 12, 13, 32, 133, 160, 5760, 8192, 8193, 8194, 8195, 8196, 8197, 8198, 8199, 8200],
  ...[8201, 8202, 8232, 8233, 8239, 8287, 12288],
]);

const END = -1;
const BRACE_CLOSE = 125;
const SEMICOLON = 59;
const SLASH = 47;
const STAR = 42;
const PLUS = 43;
const MINUS = 45;
const LESS = 60;
const COMMA = 44;
const QUESTION = 63;
const DOT = 46;
const BRACKET_OPEN = 91;
const ZERO = 48;
const NINE = 57;

const UNSEEN: ReadonlySet<number> = new Set([term.LineComment, term.BlockComment, term.spaces]);

/** Whether a line end stands before what comes. */
export const trackNewline = new ContextTracker<boolean>({
  start: false,
  shift: (context, shifted) => UNSEEN.has(shifted) ? context : shifted === term.newline,
  strict: false,
});

export const insertSemicolon = new ExternalTokenizer((input, stack) => {
  const { next } = input;
  if (next === BRACE_CLOSE || next === END || stack.context) input.acceptToken(term.insertSemi);
}, { contextual: true, fallback: true });

export const noSemicolon = new ExternalTokenizer((input, stack) => {
  const { next } = input;
  if (SPACES.has(next)) return;
  if (next === SLASH && [SLASH, STAR].includes(input.peek(1))) return;
  if (![BRACE_CLOSE, SEMICOLON, END].includes(next) && !stack.context) {
    input.acceptToken(term.noSemi);
  }
}, { contextual: true });

export const noSemicolonType = new ExternalTokenizer((input, stack) => {
  if (input.next === BRACKET_OPEN && !stack.context) input.acceptToken(term.noSemiType);
}, { contextual: true });

export const operatorToken = new ExternalTokenizer((input, stack) => {
  const { next } = input;
  if (next === PLUS || next === MINUS) {
    input.advance();
    if (next !== input.next) return;
    input.advance();
    const isPostfix = !stack.context && stack.canShift(term.incdec);
    input.acceptToken(isPostfix ? term.incdec : term.incdecPrefix);
  } else if (next === QUESTION && input.peek(1) === DOT) {
    input.advance();
    input.advance();
    if (input.next < ZERO || input.next > NINE) input.acceptToken(term.questionDot);
  }
}, { contextual: true });

function isLetter(code: number): boolean {
  return (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 95 || code >= 192;
}

function isLetterOrDigit(code: number): boolean {
  return isLetter(code) || (code >= ZERO && code <= NINE);
}

/** Goes on while the characters are of a kind; how many there were. */
function skip(input: InputStream, isOne: (code: number) => boolean): number {
  let count = 0;
  for (; isOne(input.next); count += 1) input.advance();
  return count;
}

/** Not where a name and a comma or `extends` follow: that is a list of type parameters. */
export const jsx = new ExternalTokenizer((input: InputStream, stack: Stack) => {
  if (input.next !== LESS || !stack.dialectEnabled(term.Dialect_jsx)) return;
  input.advance();
  if (input.peek(0) === SLASH) return;
  const isSpace = (code: number) => SPACES.has(code);
  let back = skip(input, isSpace);
  if (isLetter(input.next)) {
    back += skip(input, isLetterOrDigit) + skip(input, isSpace);
    if (input.peek(0) === COMMA) return;
    for (const letter of "extends") {
      if (input.next !== letter.charCodeAt(0)) return input.acceptToken(term.JSXStartTag, -back);
      input.advance();
      back += 1;
    }
    if (!isLetter(input.next)) return;
  }
  input.acceptToken(term.JSXStartTag, -back);
});

import type { LintLanguage, Outline } from "../../../domain/lint/report.ts";
import { bashOutline } from "./bash.ts";
import { javascriptOutline } from "./javascript.ts";
import { pythonOutline } from "./python.ts";

/**
 * The outline of a text, by its syntax tree. A text that is not of the language has what could be read
 * of it, and the first error. Throws nothing, recurses as deep for every text, and takes time and
 * memory in proportion to the text: about a second and 200 MiB a MiB.
 */
export function outlineOf(language: LintLanguage, text: string): Outline {
  switch (language) {
    case "python":
      return pythonOutline(plainLines(text));
    case "javascript":
    case "typescript":
      return javascriptOutline(language, plainLines(text));
    case "bash":
      return bashOutline(text);
  }
}

/** The same lines and columns without a byte order mark and carriage returns: the grammars end lines with "\n". */
function plainLines(text: string): string {
  const plain = text.startsWith("\ufeff") ? text.slice(1) : text;
  return plain.includes("\r") ? plain.replaceAll(/\r\n?/g, "\n") : plain;
}

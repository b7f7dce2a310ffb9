/** What a path that is not one is told. */
export const ABSOLUTE_PATH = "an absolute path without commas";

/** Whether it can be a path: Deno's permission lists separate them by commas. */
export function isPath(text: string): boolean {
  return !/[,\p{Cc}]/u.test(text);
}

/** Whether it can be an absolute one. */
export function isAbsolutePath(text: string): boolean {
  return text.startsWith("/") && isPath(text);
}

/** What could be read of a list. */
export interface Listed {
  readonly items: readonly unknown[];
  /** Whether the text was cut off before its end, or there are more than were wanted. */
  readonly more: boolean;
}

/**
 * The items of the list that a member of a JSON object is, `{"name": [{…}, {…}]}`, though the text may have
 * been cut off anywhere. Items are objects.
 */
export function listIn(json: string, name: string, most: number): Listed {
  const start = new RegExp(`"${name}"\\s*:\\s*\\[`).exec(json);
  if (start === null) return { items: [], more: true };
  const items: unknown[] = [];
  let [depth, begun] = [0, 0];
  const token = /["{}[\]]/g;
  token.lastIndex = start.index + start[0].length;
  for (let found = token.exec(json); found !== null; found = token.exec(json)) {
    const at = found.index;
    if (found[0] === '"') {
      const end = endOfString(json, at);
      if (end === -1) break;
      token.lastIndex = end;
    } else if (found[0] === "{" || found[0] === "[") {
      if (depth === 0) begun = at;
      depth += 1;
    } else if (depth === 0) {
      return { items, more: false };
    } else {
      depth -= 1;
      if (depth > 0) continue;
      if (items.length === most) break;
      items.push(JSON.parse(json.slice(begun, at + 1)));
    }
  }
  return { items, more: true };
}

/** Behind the quote that ends it; -1: it does not end. */
function endOfString(json: string, start: number): number {
  for (let at = start + 1;; at += 1) {
    const quote = json.indexOf('"', at);
    if (quote === -1) return -1;
    let slashes = 0;
    while (json[quote - 1 - slashes] === "\\") slashes += 1;
    if (slashes % 2 === 0) return quote + 1;
    at = quote;
  }
}

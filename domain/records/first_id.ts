/** What sorts before every UUID version 7 (RFC 9562) of a time (ISO 8601) and later. */
export function firstIdAt(time: string): string {
  const hex = Date.parse(time).toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}`;
}

/** Waits for the end of something that never rejects, and no longer than so many milliseconds. */
export async function endedWithin(
  going: Promise<void> | null,
  milliseconds: number,
): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, milliseconds);
  await Promise.race([going, late.promise]);
  clearTimeout(timer);
}

const MAX_BODY_BYTES = 256 * 1024;
const TIMEOUT_MS = 5000;

/**
 * Fetches a JSON document from exactly this address: redirects are refused, as is an answer that is
 * not 200, longer than 256 KiB, or takes longer than 5 s in all.
 *
 * Needs `--allow-net` for the address's host and port.
 */
export async function fetchKeys(url: string, timeoutMs = TIMEOUT_MS): Promise<unknown> {
  const response = await fetch(url, {
    redirect: "manual",
    signal: AbortSignal.timeout(timeoutMs),
    headers: { accept: "application/jwk-set+json, application/json" },
  });
  if (response.status !== 200 || response.body === null) {
    await response.body?.cancel();
    throw new Error(`the issuer answered ${response.status}, expected 200`);
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new Error(`the answer is longer than ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
  return await new Blob(chunks as BlobPart[]).text().then(parsed);
}

/** The parser's own message would repeat a part of the text. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error("the answer is not JSON", { cause });
  }
}

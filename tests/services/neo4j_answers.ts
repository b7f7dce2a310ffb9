import neo4j from "neo4j-driver";
import { speaksBolt } from "./probes.ts";

/** A server that was just started takes a second or more for its first statement. */
const PATIENCE_MS = 15_000;

/**
 * Whether a Neo4j on a port of 127.0.0.1 takes the password and answers a statement. After that it is
 * warm: the first one asked of it costs more than a second, which no test is to pay.
 */
export async function answersCypher(port: number, password: string): Promise<boolean> {
  if (!await speaksBolt(port)) return false;
  const driver = neo4j.driver(`bolt://127.0.0.1:${port}`, neo4j.auth.basic("neo4j", password), {
    connectionTimeout: PATIENCE_MS,
    maxTransactionRetryTime: 0,
  });
  // The driver waits for ever for a server that has frozen, and so does its end.
  const late = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => late.resolve(false), PATIENCE_MS);
  try {
    const answered = driver.executeQuery("RETURN 1").then(() => true, () => false);
    return await Promise.race([answered, late.promise]);
  } finally {
    await Promise.race([driver.close(), late.promise]);
    clearTimeout(timer);
  }
}

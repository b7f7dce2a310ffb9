import { dirname, join } from "node:path";
import { secretFaults } from "../../domain/identity/secret.ts";

const FILE_NAME = "jwt_secret";
const SECRET_BYTES = 32;
const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;
const GROUP_AND_OTHERS = 0o077;

/**
 * The signing secret of a development service: read from `jwt_secret` in the data directory, made
 * there when absent (32 random bytes as base64url, mode 0600), with the directory (mode 0700).
 *
 * Safe when two processes start at once: both get the secret of the one that came first. A file that
 * group or others may use is closed to them.
 *
 * @throws {Error} "Cannot use ..." when the file holds no usable secret.
 */
export function developmentSecret(dataDirPath: string): Promise<string> {
  return secretAt(join(dataDirPath, FILE_NAME));
}

async function secretAt(path: string): Promise<string> {
  return await readSecret(path) ?? await makeSecret(path);
}

async function readSecret(path: string): Promise<string | null> {
  const info = await statOrNull(path);
  if (info === null) return null;
  if (!info.isFile) throw unusable(path, "it is not a regular file");
  if (((info.mode ?? 0) & GROUP_AND_OTHERS) !== 0) await Deno.chmod(path, FILE_MODE);
  const secret = (await Deno.readTextFile(path)).trim();
  const faults = secretFaults(secret);
  if (faults.length > 0) throw unusable(path, `it ${faults.join(" and ")}`);
  return secret;
}

/** Does not follow a link: the secret has to stand in the data directory itself. */
async function statOrNull(path: string): Promise<Deno.FileInfo | null> {
  try {
    return await Deno.lstat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

/** Drawn again where chance has made what would be refused at the next start. */
function randomSecret(): string {
  const secret = crypto.getRandomValues(new Uint8Array(SECRET_BYTES))
    .toBase64({ alphabet: "base64url", omitPadding: true });
  return secretFaults(secret).length === 0 ? secret : randomSecret();
}

/** A link, unlike a rename, fails when the name is taken, and the file is whole when it appears. */
async function makeSecret(path: string): Promise<string> {
  const secret = randomSecret();
  const draft = `${path}.${crypto.randomUUID()}`;
  await Deno.mkdir(dirname(path), { recursive: true, mode: DIRECTORY_MODE });
  await Deno.writeTextFile(draft, secret, { createNew: true, mode: FILE_MODE });
  try {
    await Deno.link(draft, path);
    return secret;
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    return await secretAt(path);
  } finally {
    await Deno.remove(draft);
  }
}

function unusable(path: string, reason: string): Error {
  return new Error(
    `Cannot use the development secret '${path}': ${reason}. ` +
      "Delete it to have a new one made at the next start",
  );
}

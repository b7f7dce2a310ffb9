import { join } from "node:path/posix";

// What git does not keep, and other tools' folders; `.ci` is the one dotted folder with code in it.
const SKIPPED = /^(data|coverage|node_modules|\.(?!ci$|$).*)$/;

/** The files below a folder whose names end in one of `endings`, sorted by path. */
export async function filesBelow(
  folder: string,
  endings: readonly string[],
): Promise<{ path: string; text: string }[]> {
  const found: { path: string; text: string }[] = [];
  for await (const entry of Deno.readDir(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory && !SKIPPED.test(entry.name)) {
      found.push(...await filesBelow(path, endings));
    } else if (entry.isFile && endings.some((ending) => entry.name.endsWith(ending))) {
      found.push({ path, text: await Deno.readTextFile(path) });
    }
  }
  return found.sort((left, right) => left.path < right.path ? -1 : 1);
}

/** The names of the folders in a folder. */
export async function foldersIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  for await (const entry of Deno.readDir(folder)) if (entry.isDirectory) names.push(entry.name);
  return names.sort();
}

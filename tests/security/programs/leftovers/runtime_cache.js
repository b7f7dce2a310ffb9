// tries: to leave something in the runtime's caches for the next run
// layer: mount-ns
// runs: 2
import { existsSync, mkdirSync, writeFileSync } from "node:fs";

for (const folder of ["/tmp/.deno", "/tmp/work", "/tmp"]) {
  if (existsSync(`${folder}/left`)) console.log("BREACH: found", folder);
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}/left`, "left");
}
try {
  if (localStorage.getItem("left") !== null) console.log("BREACH: found a stored item");
  localStorage.setItem("left", "left");
} catch {
  // There is none.
}

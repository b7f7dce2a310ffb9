// tries: to read and write host files from JavaScript, past its permissions and past the walls
// layer: mount-ns
const paths = [
  "/etc/shadow",
  "/root/.profile",
  "/proc/1/environ",
  "/tmp/work/../../etc/shadow",
  "/proc/self/root/etc/shadow",
];
for (const path of paths) {
  try {
    const text = Deno.readTextFileSync(path);
    if (text !== "") console.log("BREACH: read", path);
  } catch {
    // Refused, as it must be.
  }
}
for (const path of ["/usr/planted", "/etc/planted", "/planted", "/opt/javascript/planted"]) {
  try {
    Deno.writeTextFileSync(path, "planted");
    console.log("BREACH: wrote", path);
  } catch {
    // Refused, as it must be.
  }
}

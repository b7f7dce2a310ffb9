// tries: to connect by Node's own modules
// layer: seccomp
import dns from "node:dns/promises";
import net from "node:net";

const attempts = {
  tcp: () =>
    new Promise((resolve, reject) =>
      net.connect(22, "127.0.0.1").on("connect", resolve).on("error", reject)
    ),
  listen: () =>
    new Promise((resolve, reject) =>
      net.createServer().listen(0).on("listening", resolve).on("error", reject)
    ),
  dns: () => dns.resolve("example.org"),
};
for (const [name, attempt] of Object.entries(attempts)) {
  try {
    await attempt();
    console.log("BREACH:", name);
  } catch {
    // Refused, as it must be.
  }
}

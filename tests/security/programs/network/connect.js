// tries: to connect, listen and fetch from JavaScript
// layer: seccomp
const attempts = {
  fetch: () => fetch("http://127.0.0.1:8000/health"),
  tcp: () => Deno.connect({ hostname: "127.0.0.1", port: 22 }),
  unix: () => Deno.connect({ transport: "unix", path: "/run/docker.sock" }),
  listen: () => Deno.listen({ port: 0 }),
  resolve: () => Deno.resolveDns("example.org", "A"),
  socket: () =>
    new Promise((resolve, reject) => {
      const socket = new WebSocket("ws://127.0.0.1:8000/");
      socket.onopen = resolve;
      socket.onerror = reject;
    }),
};
for (const [name, attempt] of Object.entries(attempts)) {
  try {
    await attempt();
    console.log("BREACH:", name);
  } catch {
    // Refused, as it must be.
  }
}

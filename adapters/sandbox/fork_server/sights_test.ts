import assert from "node:assert/strict";
import type { PeerConnection } from "../../../domain/ports/peers.ts";
import { openForkServer } from "../../../tests/fixtures/fork_server.ts";

/** A connection of this process with itself, and what its listener knows of it. */
async function connected(hostname: string) {
  const listener = Deno.listen({ hostname, port: 0 });
  const localPort = (listener.addr as Deno.NetAddr).port;
  const [client, server] = await Promise.all([
    Deno.connect({ hostname, port: localPort }),
    listener.accept(),
  ]);
  const { hostname: address, port } = server.remoteAddr as Deno.NetAddr;
  return {
    connection: { address, port, localPort } satisfies PeerConnection,
    client,
    listener,
    [Symbol.dispose]() {
      for (const one of [client, server, listener]) one[Symbol.dispose]();
    },
  };
}

Deno.test("ForkServerRunner.gone() names those who have closed, by each kind of address [B5]", async () => {
  await using runner = await openForkServer();
  for (const hostname of ["127.0.0.1", "::1"]) {
    using staying = await connected(hostname);
    using half = await connected(hostname);
    using whole = await connected(hostname);
    const all = [staying, half, whole].map(({ connection }) => connection);
    assert.deepEqual(await runner.gone(all), [], hostname);
    await half.client.closeWrite();
    whole.client.close();
    assert.deepEqual(await runner.gone(all), all.slice(1), hostname);
  }
});

/** Two connections by IPv4 to a socket that listens by IPv6, of which the second is closed; held until input ends. */
const MAPPED = `
import socket, sys
listener = socket.socket(socket.AF_INET6)
listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
listener.bind(("::", 0))
listener.listen()
port = listener.getsockname()[1]
held = []
for _ in range(2):
    client = socket.create_connection(("127.0.0.1", port))
    server, (address, peer, *_) = listener.accept()
    print(address, peer, port)
    held += [client, server]
held[2].close()
print(flush=True)
sys.stdin.read()
`;

Deno.test("ForkServerRunner.gone() knows an IPv4 address that IPv6 maps [B5]", async () => {
  await using runner = await openForkServer();
  const command = new Deno.Command("python3", {
    args: ["-c", MAPPED],
    stdin: "piped",
    stdout: "piped",
  });
  await using program = command.spawn();
  const lines: PeerConnection[] = [];
  let said = "";
  for await (const text of program.stdout.pipeThrough(new TextDecoderStream())) {
    said += text;
    if (said.endsWith("\n\n")) break;
  }
  for (const line of said.trim().split("\n")) {
    const [address = "", port, localPort] = line.split(" ");
    lines.push({ address, port: Number(port), localPort: Number(localPort) });
  }
  assert.match(lines[0]?.address ?? "", /^::ffff:/);
  assert.deepEqual(await runner.gone(lines), lines.slice(1));
  await program.stdin.close();
});

Deno.test("ForkServerRunner.gone() takes nobody for gone whom it cannot see [B5]", async () => {
  await using runner = await openForkServer();
  using open = await connected("127.0.0.1");
  const unseen = { ...open.connection, port: 1 };
  assert.deepEqual(
    await runner.gone([unseen, open.connection]),
    [unseen],
    "its port is listened to",
  );
  open.listener.close();
  assert.deepEqual(
    await runner.gone([unseen, open.connection]),
    [],
    "perhaps in another namespace",
  );
  await runner[Symbol.asyncDispose]();
  assert.deepEqual(await runner.gone([unseen]), []);
});

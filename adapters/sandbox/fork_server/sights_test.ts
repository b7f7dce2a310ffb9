import assert from "node:assert/strict";
import type { PeerConnection } from "../../../domain/ports/peers.ts";
import { openForkServer } from "../../../tests/fixtures/fork_server.ts";
import { bash } from "../../../tests/fixtures/processes.ts";
import { openAsOrdinaryUser } from "../../../tests/fixtures/ordinary_user.ts";
import { evaluate } from "../../../tests/fixtures/python_modules.ts";

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

/** Who may run the broker. */
const USERS = { "": openForkServer, "an ordinary user's ": openAsOrdinaryUser };

for (const [whose, open] of Object.entries(USERS)) {
  Deno.test(`${whose}ForkServerRunner.gone() names those who have closed, by each kind of address [B5]`, async () => {
    await using runner = await open();
    if (open === openAsOrdinaryUser) {
      const status = await bash("-c", 'cat "/proc/$0/status"', String(runner.pid));
      assert.match(status, /^Uid:\s*[1-9]\d*/m);
      assert.doesNotMatch(status, /^Uid:.*\t0\b/m, "root's by no means");
      assert.match(status, /^CapEff:\s*0+$/m);
    }
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
}

/**
 * Asks, from where the kernel tells it, of one that stays, one half closed, one closed, one that was reset, one
 * that this side closed first, and one never seen.
 */
const SOURCES = `
import json, socket, struct, connections

def told(family, host, target):
    listener = socket.socket(family)
    if family == socket.AF_INET6:
        listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    listener.bind((host, 0))
    listener.listen()
    port = listener.getsockname()[1]
    clients = [socket.create_connection((target, port)) for _ in range(5)]
    peers = [(server, *peer[:2]) for server, peer in (listener.accept() for _ in clients)]
    clients[1].shutdown(socket.SHUT_WR)
    clients[2].close()
    clients[3].setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    clients[3].close()
    peers[4][0].close()
    clients[4].close()
    lines = [f"{address} {peer} {port}\\n" for _, address, peer in peers]
    seen = f"{target} 1 {port}\\n"
    by_sockets = connections.gone("".join(lines) + seen)
    listener.close()
    return [peers[0][1], by_sockets, connections.gone("".join(lines) + seen)]

def all_told():
    return [told(socket.AF_INET, "127.0.0.1", "127.0.0.1"), told(socket.AF_INET6, "::1", "::1"),
            told(socket.AF_INET6, "::", "127.0.0.1")]

def refused(*_):
    raise PermissionError

answers = [all_told()]
connections.diagnosed = refused
answers.append(all_told())
connections.TABLES = ("/nowhere", "/nowhere")
answers.append(connections.gone("127.0.0.1 1 1\\n"))
broken = ["one two", "127.0.0.1 1 1\\nnobody 1 1", "::1 1 port", "127.0.0.1 1 70000", "127.0.0.1 -1 1"]
answers.append([connections.gone(text) for text in broken])
print(json.dumps(answers))
`;

Deno.test("connections.gone() tells the same by the kernel's word and by its tables, and nothing by neither [B5]", async () => {
  const expected = ["127.0.0.1", "::1", "::ffff:127.0.0.1"].map((address) => [
    address,
    "1 2 3 4 5",
    // Nothing listens there any more: who is in no table may be in another namespace's.
    "1 2",
  ]);
  const ofBroken = ["", "", "", "", ""];
  assert.deepEqual(await evaluate(SOURCES), [expected, expected, "", ofBroken]);
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

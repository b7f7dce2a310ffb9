import assert from "node:assert/strict";
import { NobodyListens, OwnerSocket, SocketOfAnother } from "./owner_socket.ts";

const POST = { body: "{}", headers: {}, signal: new AbortController().signal };

Deno.test("OwnerSocket.post() sends nothing to a socket that is another user's, or that is not there [S22]", async () => {
  const folder = await Deno.makeTempDir({ dir: "/tmp", prefix: "owner-socket-" });
  const path = `${folder}/service.sock`;
  try {
    using socket = new OwnerSocket(path, "localhost:2");
    await assert.rejects(socket.post(POST), NobodyListens);
    await Deno.writeTextFile(path, "");
    const { uid } = await Deno.lstat(folder);
    const { code } = await new Deno.Command("bash", { args: ["-c", `chown 12345 "$0"`, path] })
      .output();
    if (uid === 0) assert.equal(code, 0);
    // Whoever cannot give a file away cannot make this happen either.
    if (code === 0) await assert.rejects(socket.post(POST), SocketOfAnother);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

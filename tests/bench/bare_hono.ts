/** A Hono server that answers JSON and does nothing else: `bare_hono.ts PATH FILE`, FILE the answer. */
import { Hono } from "hono";

const [path = "/", file = ""] = Deno.args;
const answer = JSON.parse(Deno.readTextFileSync(file));
const app = new Hono().get(path, (c) => c.json(answer));
Deno.serve({
  hostname: "127.0.0.1",
  port: 0,
  onListen: ({ port }) => Deno.stdout.writeSync(new TextEncoder().encode(`${port}\n`)),
}, app.fetch);

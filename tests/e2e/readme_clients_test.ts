import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import assert from "node:assert/strict";
import { PROMPTS } from "../../domain/prompts/catalogue.ts";
import { type StartedService, startService, temporaryFolder, UNSET } from "../fixtures/service.ts";
import { StdioCommand } from "../fixtures/stdio_command.ts";
import { takeApart } from "../fixtures/markdown_fences.ts";

const ROOT = new URL("../../", import.meta.url).pathname.replace(/\/$/, "");

/** A server as a client's configuration names it. */
interface Entry {
  readonly type?: string;
  readonly url?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly command?: string;
  readonly args?: readonly string[];
}

interface Configuration {
  readonly inputs?: readonly { readonly id: string }[];
  readonly mcpServers?: Readonly<Record<string, Entry>>;
  readonly servers?: Readonly<Record<string, Entry>>;
}

/** What the README tells to paste for clients, as each client reads it. */
async function configurations(): Promise<readonly Configuration[]> {
  const readme = await Deno.readTextFile(new URL("../../README.md", import.meta.url));
  const section = /^### From an MCP client\n(.*?)^### /ms.exec(readme)?.[1] ?? "";
  const found: Configuration[] = [];
  for (const { info, text } of takeApart(section).fences) {
    assert.ok(info === "json" || info === "sh", info);
    found.push(info === "json" ? JSON.parse(text) : await pastedInto(text));
  }
  return found;
}

/** What a shell gives to the client's own command, which stands here for the client. */
async function pastedInto(line: string): Promise<Configuration> {
  const script = `claude() { printf '%s\\0' "$@"; }\n${line}`;
  const { code, stdout } = await new Deno.Command("bash", { args: ["-c", script] }).output();
  assert.equal(code, 0, line);
  const words = new TextDecoder().decode(stdout).split("\0");
  const [mcp, add, name = "", entry = "", end] = words;
  assert.deepEqual([mcp, add, end, words.length], ["mcp", "add-json", "", 5]);
  return { mcpServers: { [name]: JSON.parse(entry) } };
}

function entriesOf({ mcpServers = {}, servers = {} }: Configuration): readonly Entry[] {
  const entries = Object.entries({ ...mcpServers, ...servers });
  assert.ok(entries.length > 0);
  for (const [name] of entries) assert.match(name, /^ultimate(?:-stdio)?$/);
  return entries.map(([, entry]) => entry);
}

/** Connects as the entry says, but for the port and the token. */
async function overHttp(
  service: StartedService,
  { type = "http", url = "", headers = {} }: Entry,
  { inputs = [] }: Configuration,
): Promise<Client> {
  assert.deepEqual([type, url], ["http", "http://127.0.0.1:8000/mcp"]);
  const [bearer = "", token = ""] = headers.Authorization?.split(" ") ?? [];
  const places = ["eyJ…", ...inputs.map(({ id }) => `\${input:${id}}`)];
  assert.ok(places.includes(token), token);
  const client = new Client({ name: "readme", version: "1" });
  const requestInit = { headers: { ...headers, Authorization: `${bearer} ${service.token}` } };
  await client.connect(
    new StreamableHTTPClientTransport(new URL(url.replace("http://127.0.0.1:8000", service.url)), {
      requestInit,
    }),
  );
  return client;
}

/** Starts what the entry names, in a shell as a client does, with this folder in its place. */
function overStdio(words: readonly string[], dataDir: string): StdioCommand {
  const args = words.map((word) => word === "/path/to/ultimate-mcp" ? ROOT : word);
  assert.ok(args.includes(ROOT));
  const command = new Deno.Command("bash", {
    args: ["-c", 'exec "$@"', "bash", ...args],
    cwd: "/tmp",
    env: { ...UNSET, NO_COLOR: "1", LOG_FORMAT: "json", DATA_DIR: dataDir },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  });
  return new StdioCommand({}, command);
}

Deno.test("what the README tells to paste for MCP clients connects them, over HTTP and stdio [S22]", async () => {
  const all = await configurations();
  assert.equal(all.length, 5);
  await using service = await startService();
  const commands = new Set<string>();
  let connected = 0;
  for (const configuration of all) {
    for (const entry of entriesOf(configuration)) {
      if (entry.command !== undefined) {
        assert.equal(entry.type ?? "stdio", "stdio");
        commands.add(JSON.stringify([entry.command, ...entry.args ?? []]));
        continue;
      }
      const client = await overHttp(service, entry, configuration);
      assert.equal((await client.listPrompts()).prompts.length, PROMPTS.length);
      const run = { name: "execute_code", arguments: { code: "print(6 * 7)" } };
      const { structuredContent } = await client.callTool(run);
      assert.equal((structuredContent as { stdout?: string }).stdout, "42\n");
      await client.close();
      connected += 1;
    }
  }
  assert.deepEqual([connected, commands.size], [3, 1]);
  await using folder = await temporaryFolder();
  for (const words of commands) {
    await using command = overStdio(JSON.parse(words), folder.path);
    await command.initialize();
    assert.equal(await command.run("echo $((6 * 7))"), "42\n");
    const { result } = await command.ask("prompts/list");
    assert.equal((result?.prompts as unknown[] | undefined)?.length, PROMPTS.length);
    assert.equal(await command.end(), 0);
  }
});

/**
 * One side of `deno task bench telemetry`: the service in this process, by the settings, with its metrics
 * (`full`) or without (`none`). Prints its port, process id and a token, and serves until SIGTERM.
 */
import type { OpenedTelemetry } from "../../src/compose_telemetry.ts";
import { compose } from "../../src/compose.ts";
import { DEVELOPER, issueToken } from "../../src/compose_tokens.ts";
import { parseConfig } from "../../src/config.ts";
import { readEnvironment, readSearchPath } from "../../src/env.ts";
import { machineFacts } from "../../src/machine.ts";

/** It can be asked all, and is told nothing. */
function untold(telemetry: OpenedTelemetry): OpenedTelemetry {
  return {
    record: () => {},
    expect: (routes) => telemetry.expect(routes),
    text: () => telemetry.text(),
    totals: () => telemetry.totals(),
    system: () => telemetry.system(),
    [Symbol.asyncDispose]: () => telemetry[Symbol.asyncDispose](),
  };
}

const config = parseConfig(readEnvironment(), machineFacts());
const options = Deno.args[0] === "none" ? { measuring: untold } : {};
const told = Promise.withResolvers<void>();
Deno.addSignalListener("SIGTERM", told.resolve);
{
  await using service = await compose(config, readSearchPath(), options);
  const server: Deno.HttpServer<Deno.NetAddr> = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request, info) => service.fetch(request, info, server.addr.port),
  );
  const token = await issueToken(config, DEVELOPER);
  const said = JSON.stringify({ port: server.addr.port, pid: Deno.pid, token });
  await Deno.stdout.write(new TextEncoder().encode(`${said}\n`));
  await told.promise;
  service.beginStop();
  await server.shutdown();
}
Deno.exit(0);

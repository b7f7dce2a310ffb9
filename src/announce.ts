import type { Service } from "./compose.ts";
import { DEVELOPER, issuesTokens, issueToken } from "./compose_tokens.ts";
import { addressOf, type Config } from "./config.ts";

/** Prints, for the person who started the service, where it listens and a line that works. */
export async function announce(config: Config, service: Service, port: number): Promise<void> {
  const url = `http://${addressOf(config.host, port)}`;
  service.log.write("info", "listening", { url });
  const lines = [`Ultimate MCP listens on ${url}`, ...sandboxLines(service)];
  if (config.environment === "development" && issuesTokens(config)) {
    lines.push(...tryLines(url, await issueToken(config, DEVELOPER)));
  }
  await Deno.stdout.write(new TextEncoder().encode(`${lines.join("\n")}\n`));
}

function sandboxLines(service: Service): string[] {
  const { ready, refusal, runner, layers, missing, unavailableLanguages, packages } = service
    .application.status().sandbox;
  if (!ready) {
    return [`Nothing can be run: ${refusal?.reason ?? "starting"}`, `  ${refusal?.remedy ?? ""}`];
  }
  return [
    `Sandbox '${runner}' holds: ${layers.join(", ")}`,
    `  not on this host: ${missing.join(", ") || "nothing"}`,
    ...Object.entries(unavailableLanguages).map(([language, why]) =>
      `  no ${language}: ${why.reason}. ${why.remedy}`
    ),
    ...(packages.preloaded.length === 0
      ? []
      : [`  imported ahead: ${packages.preloaded.join(", ")}`]),
    ...Object.entries(packages.notPreloaded).map(([name, why]) =>
      `  ${name} is not imported ahead: ${why.reason}. ${why.remedy}`
    ),
  ];
}

function tryLines(url: string, token: string): string[] {
  return [
    "",
    "A token for today, with the role admin:",
    token,
    "",
    "Try it:",
    `curl -s ${url}/api/v1/execute_code -H 'Authorization: Bearer ${token}' ` +
    `-H 'Content-Type: application/json' -d '{"code": "print(6 * 7)"}'`,
    "",
  ];
}

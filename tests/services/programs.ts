/** The end of a program that was run to its end. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a bash program, `$0` and up given, to its end. */
export async function bash(program: string, ...args: readonly string[]): Promise<Ended> {
  const command = new Deno.Command("bash", { args: ["-c", program, ...args], stdin: "null" });
  const { code, stdout, stderr } = await command.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

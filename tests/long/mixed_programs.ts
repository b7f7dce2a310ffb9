import type { ExecutionRequest } from "../../domain/execution/request.ts";
import { programNamed, programOf } from "../fixtures/programs.ts";

/** How a program must have ended. */
export type Ending = readonly [
  outcome: string,
  returnCode: number | null,
  stdout: string,
  stderr: string,
];

/** A length of sleep that no other process of the machine sleeps for. */
export const SLEEP = `86400.${crypto.getRandomValues(new Uint32Array(1))[0]}`;

/** The program of run number `n`, and how it must end: most print, some are ended, some leave processes. */
export async function mixed(n: number): Promise<readonly [ExecutionRequest, Ending]> {
  const limits = { timeoutSeconds: 0.5 };
  switch (n % 20) {
    case 1:
      return [programOf("bash", `sleep ${SLEEP}`, { limits }), ["timeout", 124, "", ""]];
    case 2: {
      const code = `print(${n}, flush=True)\nwhile True: pass`;
      return [programOf("python", code, { limits }), ["timeout", 124, `${n}\n`, ""]];
    }
    case 3:
    case 4: {
      const daemon = await programNamed("isolation/daemon.py", { args: [SLEEP] });
      return [daemon, ["ok", 0, "daemon runs\nparent done\n", ""]];
    }
    case 5:
    case 6: {
      const code = `(setsid sleep ${SLEEP} >/dev/null 2>&1 &); mkfifo /tmp/left; echo ${n}`;
      return [programOf("bash", code), ["ok", 0, `${n}\n`, ""]];
    }
    case 7:
      return [programOf("bash", `echo ${n} >&2; exit 3`), ["nonzero", 3, "", `${n}\n`]];
    case 8:
    case 9:
    case 10:
    case 11:
      return [programOf("bash", "cat", { stdin: `${n}` }), ["ok", 0, `${n}`, ""]];
    default: {
      const code = `open("/tmp/left", "x").write("x")\nprint(${n} ** 3)`;
      return [programOf("python", code), ["ok", 0, `${n ** 3}\n`, ""]];
    }
  }
}

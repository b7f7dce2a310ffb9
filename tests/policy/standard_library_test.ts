import assert from "node:assert/strict";
import { evaluate } from "../fixtures/python_modules.ts";
import { Work } from "../../domain/policy/work.ts";
import { SYNTAX } from "./checked.ts";

/** Reads every module of the standard library and tells which Python itself can read. */
const ASKED = `
import ast, json, os, sysconfig, warnings
warnings.simplefilter("ignore")
top = sysconfig.get_path("stdlib")
read = {}
for folder, folders, names in os.walk(top):
    folders[:] = [name for name in folders if name not in ("test", "tests", "dist-packages",
                                                           "site-packages", "__pycache__")]
    for name in names:
        if name.endswith(".py"):
            path = os.path.join(folder, name)
            with open(path, "rb") as file:
                source = file.read()
            try:
                ast.parse(source)
                read[path] = True
            except (SyntaxError, ValueError):
                read[path] = False
print(json.dumps(read))
`;

Deno.test("PythonSyntax reads every module of the standard library that Python reads [S17]", async () => {
  const modules = Object.entries(await evaluate(ASKED) as Record<string, boolean>);
  assert.ok(modules.length > 300, `only ${modules.length} modules`);
  const differing: string[] = [];
  for (const [path, readable] of modules) {
    const program = await SYNTAX.parse(await Deno.readTextFile(path), {
      work: new Work(),
      pause: SYNTAX.turn,
    });
    if ((program.kind === "read") !== readable) differing.push(path);
  }
  assert.deepEqual(differing, []);
});

import { deepStrictEqual, ok } from "node:assert/strict";
import { outlineOf } from "../../adapters/linters/outline/outline.ts";
import type { Outline } from "../../domain/lint/report.ts";
import { filesBelow } from "../project_files.ts";
import { type Reference, referenceOf } from "./javascript_reference.ts";

/** Without the names of what is around a name. */
function compared({ functions, classes, imports, complexity }: Outline): Reference {
  return {
    functions: functions.map(({ name, line, async }) => {
      return `${own(name)} ${line}${async ? " async" : ""}`;
    }),
    classes: classes.map(({ name, line, methods }) => `${own(name)} ${line}: ${methods.join()}`),
    imports: imports.map(({ module, names, line }) => `${module} {${names.join()}} ${line}`),
    complexity,
  };
}

/** What is behind the last dot; all of a computed name, and of a path that was assigned to. */
function own(name: string): string {
  return /(?:^|\.)([^.[\]"]+|\[.*\]|".*")$/s.exec(name)?.[1] ?? name;
}

Deno.test("outlineOf() finds in this project's files what Deno's own parser finds [S18]", async () => {
  const files = await filesBelow(".", [".ts"]);
  ok(files.length > 300, `only ${files.length} files`);
  for (const { path, text } of files) {
    const outline = outlineOf("typescript", text);
    const reference = referenceOf(path, text);
    deepStrictEqual({ path, fault: outline.syntaxError, ...compared(outline) }, {
      path,
      fault: null,
      ...reference,
      functions: reference.functions.map((line) => line.replace(/^[\w$.#]*\.(?=[\w$#]+ \d)/, "")),
    });
  }
});

import deno from "../deno.json" with { type: "json" };

/** The product's version. */
export const VERSION: string = deno.version;

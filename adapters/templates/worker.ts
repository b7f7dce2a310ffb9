/** A worker that fills templates in: the main module of its process. */

import { memory } from "minijinja-js/dist/bundler/minijinja_js_bg.wasm";
import { serve } from "../workers/serve.ts";
import { isBroken, render } from "./render.ts";

/** What the engine may keep between two templates, in bytes: its memory never shrinks. */
const MAX_KEPT_BYTES = 16 * 1024 * 1024;

await serve(render, { hasGrown: () => isBroken() || memory.buffer.byteLength > MAX_KEPT_BYTES });

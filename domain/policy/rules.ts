import type { PolicyRule } from "./finding.ts";

/** How strict the rules are: `strict` minds network modules too. */
export interface Strictness {
  readonly strict: boolean;
}

type Names = readonly string[];

function words(text: string): Names {
  return text.trim().split(/\s+/);
}

function each(prefix: string, names: Names, rule: PolicyRule): [string, PolicyRule][] {
  return names.map((name) => [`${prefix}${name}`, rule]);
}

const STARTERS = words(
  `system popen popen2 popen3 popen4 execl execle execlp execlpe execv execve execvp
  execvpe spawnl spawnle spawnlp spawnlpe spawnv spawnve spawnvp spawnvpe posix_spawn posix_spawnp fork
  forkpty startfile`,
);

/** Functions and classes, by the path under which Python knows them. */
const MEMBERS: ReadonlyMap<string, PolicyRule> = new Map<string, PolicyRule>([
  ["builtins.eval", "eval-call"],
  ["builtins.exec", "exec-call"],
  ["builtins.execfile", "exec-call"],
  ["builtins.compile", "compile-call"],
  ["builtins.__import__", "dynamic-import"],
  ["builtins.__loader__", "dynamic-import"],
  ...each("os.", STARTERS, "system-call-out"),
  ...each("asyncio.", words("create_subprocess_exec create_subprocess_shell"), "subprocess"),
  ["code.InteractiveInterpreter", "exec-call"],
  ["code.InteractiveConsole", "exec-call"],
  ["code.interact", "exec-call"],
  ...each("timeit.", words("timeit repeat Timer"), "exec-call"),
  ...each("cProfile.", words("run runctx"), "exec-call"),
  ...each("profile.", words("run runctx"), "exec-call"),
  ...each("pdb.", words("run runeval runctx"), "exec-call"),
  ["code.compile_command", "compile-call"],
  ["sys._getframe", "dunder-walk"],
  ["sys._current_frames", "dunder-walk"],
  ["inspect.currentframe", "dunder-walk"],
]);

/** Modules that are a finding as they are imported, with everything below them. */
const MODULES: ReadonlyMap<string, PolicyRule> = new Map<string, PolicyRule>([
  ...each(
    "",
    words("importlib _frozen_importlib _imp imp pkgutil runpy zipimport"),
    "dynamic-import",
  ),
  ...each("", words("posix nt pty commands"), "system-call-out"),
  ...each("", words("subprocess _posixsubprocess asyncio.subprocess popen2"), "subprocess"),
  ...each("", words("ctypes _ctypes cffi _cffi_backend numpy.ctypeslib"), "ctypes"),
  ["codeop", "compile-call"],
]);

/** The same in strict mode alone. */
const NETWORK_MODULES: ReadonlySet<string> = new Set(
  words(`socket _socket socketserver ssl _ssl urllib http
  ftplib smtplib smtpd poplib imaplib nntplib telnetlib xmlrpc wsgiref webbrowser requests httpx aiohttp
  urllib2 httplib httplib2 urllib3 websocket websockets paramiko pycurl tornado twisted zmq trio anyio
  asyncore asynchat asyncio.streams multiprocessing.connection multiprocessing.managers grpc redis boto3
  dns scapy`),
);

const NETWORK_MEMBERS: ReadonlySet<string> = new Set(
  words(`asyncio.open_connection asyncio.start_server
  asyncio.open_unix_connection asyncio.start_unix_server`),
);

/** Parts of those modules that reach nothing: names, texts and numbers. */
const HARMLESS: ReadonlySet<string> = new Set(
  words(`importlib.metadata importlib.resources urllib.parse
  urllib.error http.HTTPStatus http.cookies`),
);

/** No rule names a module by more words than this. */
const MAX_DOTS = 3;

/** Nothing that a rule knows has a longer path. */
const MAX_PATH = 256;

/** Names that lead from any object to the whole interpreter. */
const WALKS: ReadonlySet<string> = new Set(
  words(`__subclasses__ __globals__ __builtins__ __mro__ mro
  __bases__ __base__ __code__ __closure__ __getattribute__ __import__ __loader__ __reduce__ __reduce_ex__
  func_globals func_code gi_frame gi_code cr_frame cr_code ag_frame ag_code tb_frame tb_next f_globals
  f_locals f_builtins f_back f_code co_code`),
);

/** Names of `WALKS` that many harmless classes have too, and none of them as a text. */
const ORDINARY_WALKS: ReadonlySet<string> = new Set(["mro", "tb_next"]);

/** What `__class__` is read for by programs that mean nothing by it. */
const CLASS_FACTS: ReadonlySet<string> = new Set(words(`__name__ __qualname__ __module__ __doc__
  __annotations__ __slots__`));

/** Modules that many others have imported, and so have as members. */
const CARRIED: ReadonlySet<string> = new Set(
  words(`os sys io builtins posix subprocess importlib ctypes
  socket pathlib operator codecs`),
);

/** Modules by the other names that they go by. */
const SAME: ReadonlyMap<string, string> = new Map([
  ["__builtin__", "builtins"],
  ["__builtins__", "builtins"],
  ["_io", "io"],
  ["_pyio", "io"],
  ["io.open", "builtins.open"],
  ["io.open_code", "builtins.open_code"],
  ["_operator", "operator"],
  ["_functools", "functools"],
  ["_codecs", "codecs"],
]);

/** The rule that a module breaks by being imported, or `null`. */
export function moduleRule(path: string, { strict }: Strictness): PolicyRule | null {
  for (const at of packagesOf(path)) {
    if (HARMLESS.has(at)) return null;
    const rule = MODULES.get(at);
    if (rule !== undefined) return rule;
    if (strict && NETWORK_MODULES.has(at)) return "network-module";
  }
  return null;
}

/** A path and what it is in, as far as rules name any. */
function packagesOf(path: string): readonly string[] {
  const all: string[] = [];
  let end = 0;
  while (end !== -1 && all.length < MAX_DOTS) {
    end = path.indexOf(".", end + 1);
    all.unshift(end === -1 ? path : path.slice(0, end));
  }
  return all;
}

/** The rule that whatever is known by that path breaks by being mentioned, or `null`. */
export function pathRule(path: string, strictness: Strictness): PolicyRule | null {
  const rule = MEMBERS.get(path);
  if (rule !== undefined) return rule;
  if (strictness.strict && NETWORK_MEMBERS.has(path)) return "network-module";
  return moduleRule(path, strictness);
}

/** Whether reading a member of that name from any object leads to everything. */
export function isWalk(name: string): boolean {
  return WALKS.has(name) && !ORDINARY_WALKS.has(name);
}

/** The same of a name that is spelt by a text, where nobody writes `__class__` for its name alone. */
export function isSpeltWalk(name: string): boolean {
  return name === "__class__" || WALKS.has(name);
}

/** Whether a class is read for what it is called. */
export function isClassFact(name: string): boolean {
  return CLASS_FACTS.has(name);
}

/** The path of a member, by the one name that the rules know it by. */
export function memberPath(path: string, name: string): string {
  if (path.length > MAX_PATH || name.length > MAX_PATH) return UNKNOWN;
  const carried = name.replace(/^_+/, "");
  const isModule = !/^(\?|builtins(?:\.|$))|\(/.test(path) && CARRIED.has(carried);
  // `os.path.os` is `os`; `self.os` may be anything.
  if (isModule && !known(path, name)) return carried;
  return canonicalPath(`${path}.${name}`);
}

function known(path: string, name: string): boolean {
  return MODULES.has(`${path}.${name}`) || NETWORK_MODULES.has(`${path}.${name}`);
}

/** The one path that the rules know a module or member by. */
export function canonicalPath(path: string): string {
  if (path.length > MAX_PATH) return UNKNOWN;
  const dot = path.indexOf(".");
  const root = dot === -1 ? path : path.slice(0, dot);
  const renamed = `${SAME.get(root) ?? root}${dot === -1 ? "" : path.slice(dot)}`;
  return SAME.get(renamed) ?? renamed;
}

/** What nothing is known of. */
export const UNKNOWN = "?";

/** One sentence on a finding. */
export function messageOf(rule: PolicyRule, subject: string): string {
  return `'${subject.slice(0, 80)}' ${REASONS[rule]}`;
}

const REASONS: { readonly [R in PolicyRule]: string } = {
  "eval-call": "evaluates text as code",
  "exec-call": "runs text as code",
  "compile-call": "makes code of text",
  "dynamic-import": "imports what only the run decides",
  "system-call-out": "starts another process",
  "subprocess": "starts other programs",
  "ctypes": "calls native code past Python",
  "write-open": "opens a file to write, or in a mode that cannot be told",
  "dunder-walk": "leads from an object to the interpreter's own",
  "network-module": "speaks over the network",
  "unreadable": "cannot be checked: it is no Python that the policy can read, or nested too deep",
  "too-complex": "cannot be checked: there is too much of it",
};

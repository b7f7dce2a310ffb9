import { answersCypher } from "./neo4j_answers.ts";
import { prepareNeo4j } from "./neo4j_server.ts";
import { freePort } from "./ports.ts";
import { endProcess, isAlive, startAttached } from "./processes.ts";
import { bash } from "./programs.ts";

/** A Neo4j on this machine's disk, from which any number of servers can be started. */
export interface Neo4jInstall {
  /** Java 17 or 21. */
  readonly java: string;
  /** The folder of its jars. */
  readonly lib: string;
  /** Java's archive of loaded classes: with it a server starts in 4 s, without it in 9 to 17. */
  readonly classes: string;
  /** The file that knows the password, to be copied into a server's data before its first start. */
  readonly auth: string;
  /** Of the user `neo4j`. */
  readonly password: string;
}

const VERSION = "5.26.30";
const COPY_DEPENDENCIES =
  "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies";

/** Of all jars together: `sha256sum *.jar | sha256sum`, in the C locale's order of their names. */
const JARS_SHA256 = "b39dcc8742460b796812b2494bde19cb6474ab73862fe3ac9af878e5012afeb8";

/** Ending takes Neo4j 10 s, and writing 100 MB takes Java some more. */
const ARCHIVE_SECONDS = 90;

/** The server alone has neither a main class nor a storage engine; `neo4j` brings those. */
const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>tests</groupId><artifactId>neo4j</artifactId><version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>org.neo4j</groupId><artifactId>neo4j</artifactId><version>${VERSION}</version>
    </dependency>
    <dependency>
      <groupId>org.neo4j.app</groupId><artifactId>neo4j-server</artifactId>
      <version>${VERSION}</version>
    </dependency>
  </dependencies>
</project>
`;

/** Where Debian puts its Javas, after the one on `PATH`; Neo4j 5 asks for 17 or 21. */
const FIND_JAVA = `for java in java /usr/lib/jvm/java-{21,17}-*/bin/java; do
  case $("$java" -version 2>&1 | sed -n '1s/.*version "\\([0-9]*\\).*/\\1/p') in
    17 | 21) command -v "$java"; exit ;;
  esac
done
exit 1`;

/** From the local repository alone, then, as what is missing makes it fail, from the registry. */
const FETCH = `cd "$0" || exit
copy() { mvn -B -ntp -q "$@" "${COPY_DEPENDENCIES}" -DincludeScope=runtime -DoutputDirectory="$0/lib"; }
for how in -o -U -U; do
  rm -rf lib
  copy "$how" && exit 0
done
exit 1`;

/** Gives the installation below `root`, after fetching it (123 MB) when it is not there yet. */
export async function installNeo4j(root: string): Promise<Neo4jInstall> {
  const install = await installedNeo4j(root);
  if (install !== null) return install;
  const folder = folderIn(root);
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(`${folder}/pom.xml`, POM);
  const java = await findJava();
  const fetched = await bash(FETCH, folder);
  if (fetched.code !== 0) throw new Error(`Cannot fetch Neo4j: ${lastLines(fetched.stdout)}`);
  await checkJars(`${folder}/lib`);
  const fresh = {
    java,
    lib: `${folder}/lib`,
    classes: `${folder}/classes.jsa`,
    auth: `${folder}/data/dbms/auth.ini`,
    password: crypto.randomUUID(),
  };
  await setPassword(folder, fresh);
  await archiveClasses(folder, fresh);
  // Written last and as a whole, it says that all the rest is there.
  await Deno.writeTextFile(`${folder}/install.json.new`, JSON.stringify(fresh), { mode: 0o600 });
  await Deno.rename(`${folder}/install.json.new`, `${folder}/install.json`);
  return fresh;
}

/** The installation below `root`; `null` when there is none, or its Java or its folder have gone. */
export async function installedNeo4j(root: string): Promise<Neo4jInstall | null> {
  try {
    const install = JSON.parse(await Deno.readTextFile(`${folderIn(root)}/install.json`));
    for (const path of [install.java, install.lib, install.classes, install.auth]) {
      await Deno.stat(path);
    }
    return install;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

function folderIn(root: string): string {
  return `${root}/neo4j-${VERSION}`;
}

async function findJava(): Promise<string> {
  const { code, stdout } = await bash(FIND_JAVA);
  if (code !== 0) throw new Error("Cannot start Neo4j: no Java 17 or 21 is installed");
  return stdout.trim();
}

async function checkJars(lib: string): Promise<void> {
  const list = 'cd "$0" && LC_ALL=C && export LC_ALL && sha256sum -- *.jar | sha256sum';
  const found = (await bash(list, lib)).stdout.split(" ")[0];
  if (found !== JARS_SHA256) {
    throw new Error(`Cannot trust Neo4j's jars in ${lib}: SHA-256 ${found}, not ${JARS_SHA256}`);
  }
}

/** The tool writes one small file; making it once saves every further server a start of Java. */
async function setPassword(folder: string, { java, lib, password }: Neo4jInstall): Promise<void> {
  await Deno.mkdir(`${folder}/conf`, { recursive: true });
  await Deno.writeTextFile(`${folder}/conf/neo4j.conf`, "");
  const tool = 'NEO4J_HOME=$0 NEO4J_CONF=$0/conf exec "$1" -cp "$2/*" org.neo4j.cli.AdminTool ' +
    'dbms set-initial-password "$3"';
  const { code, stdout, stderr } = await bash(tool, folder, java, lib, password);
  if (code !== 0) throw new Error(`Cannot set Neo4j's password: ${lastLines(stdout + stderr)}`);
}

/** Java writes the archive when a server that has been asked something ends. */
async function archiveClasses(root: string, install: Neo4jInstall): Promise<void> {
  const folder = `${root}/archiving`;
  await Deno.remove(folder, { recursive: true }).catch(() => {});
  const port = freePort(Math.random());
  const [java = "", ...args] = await prepareNeo4j(install, { folder, port });
  const rest = args.filter((arg) => !arg.startsWith("-XX:SharedArchiveFile="));
  const command = [java, `-XX:ArchiveClassesAtExit=${install.classes}`, ...rest];
  const log = `${root}/archiving.log`;
  await using server = await startAttached(command, log);
  while (!await answersCypher(port, install.password)) {
    if (await isAlive(server.identity)) continue;
    throw new Error(`Cannot start Neo4j: ${lastLines(await Deno.readTextFile(log))}`);
  }
  await endProcess(server.identity, ARCHIVE_SECONDS);
  await Deno.remove(folder, { recursive: true });
}

function lastLines(text: string): string {
  return text.trimEnd().split("\n").slice(-15).join("\n");
}

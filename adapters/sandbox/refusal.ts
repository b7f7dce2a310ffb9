import type { Unavailability } from "../../domain/ports/execution_runner.ts";

const REMEDIES: readonly (readonly [RegExp, string])[] = [
  [
    /no container runtime/,
    "Install it (Debian: apt-get install bubblewrap, crun or runc), or name its file in OCI_RUNTIME.",
  ],
  [/hands containers no descriptors/, "Name crun or runc in OCI_RUNTIME."],
  [
    /cgroup/,
    "Name another runtime in OCI_RUNTIME: this one does not know how cgroups are mounted here.",
  ],
  [/root file system/, "Have OCI_ROOTFS name a folder that holds a whole system with python3."],
  [
    /unshare mount namespace/,
    "Start the service as an ordinary user, give it CAP_SYS_ADMIN, or install bubblewrap.",
  ],
  [
    /unshare|clone namespaces|uid_map|uid map|user namespace|new namespace/,
    "Allow user namespaces: sysctl user.max_user_namespaces and, where they exist, " +
    "kernel.unprivileged_userns_clone=1 and kernel.apparmor_restrict_unprivileged_userns=0; " +
    "in a container, allow them in its seccomp profile.",
  ],
  [
    /mount/,
    "Allow mounts inside user namespaces; in a container, start it with /proc unmasked " +
    "(security option systempaths=unconfined) and a seccomp profile that allows mount.",
  ],
  [/seccomp/, "Use a kernel with CONFIG_SECCOMP_FILTER."],
  [/processor/, "Run the service on an x86-64 machine."],
  [
    /NotFound|No such file|not found|entity/i,
    "Install python3 (Debian: apt-get install python3), or name one in PYTHON.",
  ],
];
const FALLBACK = "Look for 'fork_server_said' in the log.";

/** Why the sandbox does not stand, with what to do about it. */
export function refusalOf(error: unknown): Unavailability {
  const reason = error instanceof Error ? error.message : String(error);
  const name = error instanceof Error ? error.name : "";
  const remedy = REMEDIES.find(([pattern]) => pattern.test(`${name} ${reason}`))?.[1];
  return { reason, remedy: remedy ?? FALLBACK };
}

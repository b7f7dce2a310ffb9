import { DomainError, type Failure } from "../../../domain/errors.ts";
import type { JobBytes, NewJob } from "../../../domain/execution/job.ts";
import { unavailable } from "./connection.ts";

/** How a job came in. */
export type Admission =
  | { readonly kind: "added" }
  | { readonly kind: "known"; readonly id: string }
  | { readonly kind: "reused" }
  | {
    readonly kind: "full";
    readonly own: NonNullable<Extract<Failure, { code: "too_many_executions" }>["own"]>;
  }
  /** All owners together have too many. */
  | { readonly kind: "crowded" };

/** What ADMIT and LOOK answer. @throws {DomainError} `dependency_unavailable`: the answer came too late. */
export function admissionOf(
  [kind, value]: readonly [string, string | number],
  { quota, bytes }: { readonly quota: number; readonly bytes: JobBytes },
): Admission {
  const inHand = Number(value);
  switch (kind) {
    case "late":
      throw unavailable("it took too long");
    case "known":
      return { kind, id: String(value) };
    case "full":
      return { kind, own: { inHand, allowed: quota } };
    case "heavy":
      return { kind: "full", own: { inHand, allowed: bytes.own, unit: "bytes" } };
    case "reused":
    case "crowded":
      return { kind };
    default:
      return { kind: "added" };
  }
}

/** @throws {DomainError} what a refused admission is answered with. */
export function refuse(
  admission: Exclude<Admission, { kind: "added" | "known" }>,
  { idempotency }: NewJob,
  counts: { readonly running: number; readonly waiting: number },
): never {
  if (admission.kind === "reused") {
    throw new DomainError({ code: "idempotency_key_reused", key: idempotency?.key ?? "" });
  }
  throw new DomainError({
    code: "too_many_executions",
    ...counts,
    ...(admission.kind === "full" && { own: admission.own }),
    retryAfterSeconds: 1,
  });
}

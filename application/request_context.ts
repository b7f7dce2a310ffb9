import type { Principal } from "../domain/identity/principal.ts";

/** What travels with a request through every use case. */
export interface RequestContext {
  readonly principal: Principal;
  readonly correlationId: string;
  /** The trace that the request is part of, if it is of one: 32 hexadecimal digits. */
  readonly traceId?: string | null;
  /** The client's address, where it is known. */
  readonly address?: string | null;
  /** Aborted when the caller no longer waits. May also abort after the answer: ignore it then. */
  readonly signal: AbortSignal;
}

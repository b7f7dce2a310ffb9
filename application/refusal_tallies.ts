import type { AuditActor, AuditFact } from "../domain/audit/event.ts";
import { clientKey, parseAddress } from "../domain/network/address.ts";
import { mergedFact, type Refusal, refusalCode } from "./audit_refusals.ts";

/** Kinds of refusals of clients without a user that are told apart at a time; the others are summed up. */
const MAX_OF_ADDRESSES = 64;

/** Users whose refusals are told apart at a time; those of further ones are summed up without a user. */
const MAX_USERS = 256;

/** Kinds of refusals of one user that are told apart; the others are summed up, with the user. */
const MAX_OF_USER = 8;

interface Tally {
  fact: AuditFact;
  actor: AuditActor;
  /** Times since it was last told of. */
  count: number;
}

/** Kinds that are told apart, up to so many; the others by their code alone. */
interface Group {
  readonly most: number;
  readonly kinds: Map<string, Tally>;
  /** How many codes there are, nobody outside can choose. */
  readonly sums: Map<string, Tally>;
}

/**
 * Counts refusals, in bounded memory and with a bounded number of events, whatever is sent. Verified users
 * have room of their own, each so much: nobody without a token, and nobody but themselves, uses it up.
 * Clients without a user are told apart as the rate limit tells them: a /64 of IPv6 is one.
 */
export class RefusalTallies {
  readonly #addresses = newGroup(MAX_OF_ADDRESSES);
  readonly #users = new Map<string, Group>();
  /** Of users for whom there is no room: by code alone. */
  readonly #others = newGroup(0);

  /** Counts a refusal; whether it is the first of its kind, and is to be told of at once. */
  count(refusal: Refusal, fact: AuditFact, actor: AuditActor): boolean {
    const group = this.#groupOf(actor.userId);
    const key = JSON.stringify([fact, addressKey(actor.address)]);
    const known = group.kinds.get(key);
    if (known !== undefined) {
      known.count += 1;
      known.actor = inCommon(known.actor, actor);
      return false;
    }
    if (group.kinds.size < group.most) {
      group.kinds.set(key, { fact, actor, count: 0 });
      return true;
    }
    sum(group, refusalCode(refusal), { fact, actor });
    return false;
  }

  /** What was counted beside what was told of at once; it is forgotten. */
  take(): { readonly fact: AuditFact; readonly actor: AuditActor }[] {
    const groups = [this.#addresses, ...this.#users.values(), this.#others];
    const counted = groups.flatMap(({ kinds, sums }) => [...kinds.values(), ...sums.values()])
      .filter(({ count }) => count > 0)
      .map(({ fact, actor: { userId, address }, count }) => ({
        fact: { ...fact, details: { ...fact.details, count } } as AuditFact,
        actor: { userId, address, correlationId: null },
      }));
    for (const { kinds, sums } of [this.#addresses, this.#others]) {
      kinds.clear();
      sums.clear();
    }
    this.#users.clear();
    return counted;
  }

  #groupOf(userId: string | null): Group {
    if (userId === null) return this.#addresses;
    const known = this.#users.get(userId);
    if (known !== undefined) return known;
    if (this.#users.size >= MAX_USERS) return this.#others;
    const group = newGroup(MAX_OF_USER);
    this.#users.set(userId, group);
    return group;
  }
}

function newGroup(most: number): Group {
  return { most, kinds: new Map(), sums: new Map() };
}

function sum(
  { sums }: Group,
  code: string,
  { fact, actor }: { readonly fact: AuditFact; readonly actor: AuditActor },
): void {
  const tally = sums.get(code);
  if (tally === undefined) {
    sums.set(code, { fact, actor: { ...actor, address: null }, count: 1 });
    return;
  }
  tally.count += 1;
  tally.fact = mergedFact(tally.fact, fact);
  if (tally.actor.userId !== actor.userId) tally.actor = { ...tally.actor, userId: null };
}

/** What several clients of one tally have in common: their address, or the /64 that it lies in. */
function inCommon(known: AuditActor, actor: AuditActor): AuditActor {
  if (known.address === actor.address) return known;
  return { ...known, address: addressKey(actor.address) };
}

function addressKey(address: string | null): string | null {
  const parsed = address === null ? null : parseAddress(address);
  return parsed === null ? address : clientKey(parsed);
}

import { revokedTokensContract } from "../../tests/contracts/revoked_tokens.ts";
import { MemoryRevokedTokens } from "./revoked_tokens.ts";

revokedTokensContract("MemoryRevokedTokens", (clock) =>
  Promise.resolve({
    open: () => new MemoryRevokedTokens(clock),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }), { durable: false });

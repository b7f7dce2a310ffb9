import { roleStoreContract } from "../../tests/contracts/role_store.ts";
import { MemoryRoleStore } from "./role_store.ts";

roleStoreContract("MemoryRoleStore", () =>
  Promise.resolve({
    open: () => new MemoryRoleStore(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }), { durable: false });

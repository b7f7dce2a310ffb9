import { auditLogContract } from "../../tests/contracts/audit_log.ts";
import { MemoryAuditLog } from "./audit_log.ts";

auditLogContract("MemoryAuditLog", () =>
  Promise.resolve({
    open: () => new MemoryAuditLog(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }), { durable: false });

import { auditLogContract } from "../../tests/contracts/audit_log.ts";
import { killUnderLoad } from "../../tests/fixtures/audit_kills.ts";
import { auditFile } from "./audit_fixture.ts";

auditLogContract("SqliteAuditLog", auditFile, { durable: true });

Deno.test("SqliteAuditLog keeps every acknowledged event through 3 kills under load, in a chain that verifies [S33, B11]", () =>
  killUnderLoad(3));

import { auditLogContract } from "../../tests/contracts/audit_log.ts";
import { auditFile } from "./audit_fixture.ts";

auditLogContract("SqliteAuditLog", auditFile, { durable: true });

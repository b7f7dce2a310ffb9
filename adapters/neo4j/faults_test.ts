import assert from "node:assert/strict";
import { DomainError, type Failure } from "../../domain/errors.ts";
import { graphVerdict, isTransientGraphFault } from "../../domain/resilience/graph_faults.ts";
import { isLockFault, serviceFailure, statementFailure } from "./faults.ts";

/** As the driver throws it under Deno: an `Error`, not of the driver's class. */
function thrown(code: string, message = "words"): Error {
  return Object.assign(new Error(message), { code });
}

function ofStatement(code: string, message?: string): Failure {
  return statementFailure(thrown(code, message), { timeoutSeconds: 3, linesBefore: 1 }).failure;
}

Deno.test("statementFailure() has the place in the caller's own text, and the database's words [S10]", () => {
  const message = "Invalid input 'RETRUN' (line 3, column 2 (offset: 20))\n\"RETRUN n\"\n ^";
  assert.deepEqual(ofStatement("Neo.ClientError.Statement.SyntaxError", message), {
    code: "query_invalid",
    message: "Invalid input 'RETRUN'",
    line: 2,
    column: 2,
  });
  const before = "Expected one statement (line 1, column 0 (offset: 8))";
  const failure = ofStatement("Neo.ClientError.Statement.SyntaxError", before);
  assert.ok(failure.code === "query_invalid" && failure.line === null && failure.column === null);
});

Deno.test("statementFailure() tells a write, a time that is over, and memory [S10]", () => {
  const codes = {
    "Neo.ClientError.Statement.AccessMode": "query_not_read_only",
    "Neo.ClientError.Transaction.TransactionTimedOutClientConfiguration": "query_timeout",
    "Neo.ClientError.Transaction.TransactionTimedOut": "query_timeout",
    "Neo.TransientError.General.MemoryPoolOutOfMemoryError": "query_invalid",
    "Neo.TransientError.General.OutOfMemoryError": "query_invalid",
    "Neo.TransientError.General.StackOverFlowError": "query_invalid",
  };
  for (const [code, expected] of Object.entries(codes)) {
    assert.equal(ofStatement(code).code, expected, code);
  }
});

Deno.test("statementFailure() blames no mishap with a statement on the database: no breaker opens [S1, S10]", () => {
  for (
    const code of [
      "Neo.DatabaseError.General.UnknownError",
      "Neo.DatabaseError.Statement.ExecutionFailed",
      "Neo.ClientError.Database.DatabaseNotFound",
      "Neo.ClientError.Statement.ArithmeticError",
      "Neo.ClientError.Unheard.Of",
    ]
  ) {
    const failure = statementFailure(thrown(code), { timeoutSeconds: 3, linesBefore: 1 });
    assert.equal(failure.failure.code, "query_invalid", code);
    assert.equal(graphVerdict(failure), "successful", code);
  }
});

Deno.test("serviceFailure() takes what the driver says of the way to the database for the database's fault [S4]", () => {
  const codes = {
    "ServiceUnavailable": "it cannot be reached",
    "SessionExpired": "the connection to it was lost",
    // Nothing else tells that the pool is used up, or the server frozen.
    "N/A": "there was no connection to be had",
  };
  for (const [code, reason] of Object.entries(codes)) {
    const failure = serviceFailure(thrown(code, "connect to 10.0.0.1:7687"));
    assert.ok(failure.failure.code === "dependency_unavailable");
    assert.equal(failure.failure.reason, reason);
    assert.ok(isTransientGraphFault(failure) && graphVerdict(failure) === "failed");
    assert.equal(
      statementFailure(thrown(code), { timeoutSeconds: 1, linesBefore: 0 }).failure.code,
      "dependency_unavailable",
    );
  }
});

Deno.test("serviceFailure() has nothing tried again that would meet the same limit [S5]", () => {
  for (
    const code of [
      "Neo.TransientError.General.MemoryPoolOutOfMemoryError",
      "Neo.ClientError.Security.Unauthorized",
      "Neo.ClientError.Database.DatabaseNotFound",
    ]
  ) assert.equal(isTransientGraphFault(serviceFailure(thrown(code))), false, code);
  assert.ok(
    isTransientGraphFault(
      serviceFailure(thrown("Neo.TransientError.Database.DatabaseUnavailable")),
    ),
  );
});

Deno.test("isLockFault() knows who lost against another, and domain errors stay as they are [S5]", () => {
  assert.ok(isLockFault(thrown("Neo.TransientError.Transaction.DeadlockDetected")));
  assert.ok(!isLockFault(thrown("Neo.TransientError.General.MemoryPoolOutOfMemoryError")));
  const own = new DomainError({ code: "cancelled" });
  assert.equal(serviceFailure(own), own);
});

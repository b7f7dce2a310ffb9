import assert from "node:assert/strict";
import { DomainError, type Failure } from "../../domain/errors.ts";
import { graphVerdict, isTransientGraphFault } from "../../domain/resilience/graph_faults.ts";
import { batchFailure, isLockFault, serviceFailure, statementFailure } from "./faults.ts";

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
    const words = "Connection acquisition timed out in 5 ms. Server is 10.0.0.1:7687";
    const failure = serviceFailure(thrown(code, words));
    assert.ok(failure.failure.code === "dependency_unavailable");
    assert.equal(failure.failure.reason, reason);
    assert.ok(isTransientGraphFault(failure) && graphVerdict(failure) === "failed");
    assert.equal(
      statementFailure(thrown(code, words), { timeoutSeconds: 1, linesBefore: 0 }).failure.code,
      "dependency_unavailable",
    );
  }
});

Deno.test("statementFailure() blames no answer that cannot be told on the database: no breaker opens [S1, S10]", () => {
  const errors = [
    new RangeError("Invalid time value"),
    new TypeError("x is undefined"),
    thrown("N/A", "Year is expected to be in range [-999999999, 999999999] but was: 10"),
    thrown("ProtocolError", "Unknown packed value with marker d4"),
  ];
  for (const error of errors) {
    const failure = statementFailure(error, { timeoutSeconds: 3, linesBefore: 1 });
    assert.equal(failure.failure.code, "query_invalid", error.message);
    assert.ok(failure.message.includes(error.message));
    assert.equal(graphVerdict(failure), "successful");
  }
});

Deno.test("batchFailure() takes what is wrong with a batch for no outage, and tells no ids of it [S1, S5]", () => {
  const id = "4:420aa205-800a-4456-bffe-5a378450b372:0";
  const codes: Readonly<Record<string, string>> = {
    "Neo.DatabaseError.Statement.ExecutionFailed":
      `Property value is too large to index, please see documentation. Index: Index( id=3, name='zz' ), element id: ${id}`,
    "Neo.ClientError.Schema.ConstraintValidationFailed": "Node(471) already exists",
    "Neo.ClientError.Statement.TypeError": `Property values of ${id} can only be primitive`,
    "Neo.TransientError.General.MemoryPoolOutOfMemoryError":
      "Currently using 247.0 MiB. db.memory.transaction.max threshold reached",
  };
  for (const [code, message] of Object.entries(codes)) {
    const failure = batchFailure(thrown(code, message));
    assert.equal(failure.failure.code, "graph_conflict", code);
    assert.equal(graphVerdict(failure), "successful");
    assert.doesNotMatch(failure.message, /471|420aa205|'zz'|id=3/);
  }
});

Deno.test("batchFailure() leaves the database's own faults to the database [S4, S5]", () => {
  for (
    const code of [
      "ServiceUnavailable",
      "Neo.DatabaseError.Statement.ExecutionFailed",
      "Neo.ClientError.Security.Unauthorized",
      "Neo.ClientError.Cluster.NotALeader",
      "Neo.ClientError.General.ForbiddenOnReadOnlyDatabase",
      "Neo.ClientError.Transaction.TransactionTimedOutClientConfiguration",
      "Neo.ClientError.Transaction.TransactionTerminated",
      "Neo.TransientError.General.MemoryPoolOutOfMemoryError",
    ]
  ) {
    const failure = batchFailure(thrown(code));
    assert.equal(failure.failure.code, "dependency_unavailable", code);
    assert.equal(graphVerdict(failure), "failed", code);
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

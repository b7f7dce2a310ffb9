import { DomainError } from "../../domain/errors.ts";
import type { Application } from "../application.ts";
import { actorOf, type Audit } from "../audit_trail.ts";
import type { RequestContext } from "../request_context.ts";

/** Tells the audit of every refusal by a use case, whichever door the request came through. */
export function audited(application: Application, audit: Audit): Application {
  const told = async <Done>(context: RequestContext, work: Promise<Done>): Promise<Done> => {
    try {
      return await work;
    } catch (error) {
      if (error instanceof DomainError) audit.refused(error.failure, actorOf(context));
      throw error;
    }
  };
  return {
    status: () => application.status(),
    readiness: () => application.readiness(),
    executeCode: (command, context, watcher) =>
      told(context, application.executeCode(command, context, watcher)),
    runTests: (command, context, watcher) =>
      told(context, application.runTests(command, context, watcher)),
    getExecution: (id, context) => told(context, application.getExecution(id, context)),
    queueExecution: (command, context) =>
      told(context, application.queueExecution(command, context)),
    cancelExecution: (id, context) => told(context, application.cancelExecution(id, context)),
    watchExecution: (id, context) => told(context, application.watchExecution(id, context)),
    listExecutions: (page, context) => told(context, application.listExecutions(page, context)),
    listDeadExecutions: (limit, context) =>
      told(context, application.listDeadExecutions(limit, context)),
    generateCode: (command, context) => told(context, application.generateCode(command, context)),
    lintCode: (command, context) => told(context, application.lintCode(command, context)),
    getUserRoles: (user, context) => told(context, application.getUserRoles(user, context)),
    changeUserRoles: (command, context) =>
      told(context, application.changeUserRoles(command, context)),
    revokeToken: (command, context) => told(context, application.revokeToken(command, context)),
    listCircuitBreakers: (context) => told(context, application.listCircuitBreakers(context)),
    changeCircuitBreaker: (command, context) =>
      told(context, application.changeCircuitBreaker(command, context)),
    getCaches: (context) => told(context, application.getCaches(context)),
    clearCaches: (context) => told(context, application.clearCaches(context)),
    searchAudit: (query, context) => told(context, application.searchAudit(query, context)),
    upsertGraph: (batch, context) => told(context, application.upsertGraph(batch, context)),
    queryGraph: (query, context) => told(context, application.queryGraph(query, context)),
    deleteFromGraph: (deletion, context) =>
      told(context, application.deleteFromGraph(deletion, context)),
    graphMetrics: (context) => told(context, application.graphMetrics(context)),
    graphSchema: (context) => told(context, application.graphSchema(context)),
    describeLabel: (label, context) => told(context, application.describeLabel(label, context)),
    exportGraph: (context) => told(context, application.exportGraph(context)),
    importGraph: (lines, context) => told(context, application.importGraph(lines, context)),
    listPrompts: (context) => told(context, application.listPrompts(context)),
    getPrompt: (asked, context) => told(context, application.getPrompt(asked, context)),
    completeArgument: (begun, context) =>
      told(context, application.completeArgument(begun, context)),
    completeLabel: (value, context) => told(context, application.completeLabel(value, context)),
  };
}

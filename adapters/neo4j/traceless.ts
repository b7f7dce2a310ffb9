/**
 * Calls the driver without a stack trace being taken. It takes one for each result, to show it should that
 * fail, which cost a tenth of a request; failures are told from their codes here, wherever they came from.
 */
export function traceless<Done>(call: () => Done): Done {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return call();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

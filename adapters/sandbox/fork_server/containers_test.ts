import { executionRunnerContract } from "../../../tests/contracts/execution_runner.ts";
import { executionSandboxContract } from "../../../tests/contracts/execution_sandbox.ts";
import { containersHere, openContainers } from "../../../tests/fixtures/containers.ts";

for (const container of await containersHere()) {
  const { program } = container;
  executionRunnerContract(program, () => openContainers(container));
  executionSandboxContract(program, () => openContainers(container));
}

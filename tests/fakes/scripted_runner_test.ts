import { executionRunnerContract } from "../contracts/execution_runner.ts";
import { ScriptedRunner } from "./scripted_runner.ts";

executionRunnerContract("ScriptedRunner", () => Promise.resolve(new ScriptedRunner()));

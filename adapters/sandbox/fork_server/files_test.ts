import { executionFilesContract } from "../../../tests/contracts/execution_files.ts";
import { openForkServer } from "../../../tests/fixtures/fork_server.ts";
import { openAsOrdinaryUser } from "../../../tests/fixtures/ordinary_user.ts";

executionFilesContract("ForkServerRunner", openForkServer);
executionFilesContract("ForkServerRunner, plain", () => openForkServer({ plain: true }));
executionFilesContract("ForkServerRunner of an ordinary user", openAsOrdinaryUser);

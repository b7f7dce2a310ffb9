import { LocalJobQueue } from "../../adapters/sqlite/local_job_queue.ts";
import { jobQueueContract } from "../contracts/job_queue.ts";
import { MapJobStore } from "./map_job_store.ts";

const NOTHING = { [Symbol.asyncDispose]: () => Promise.resolve() };

jobQueueContract("MapJobStore", () =>
  Promise.resolve({
    open: ({ ttlSeconds, most, mostBytes }) =>
      Promise.resolve(new LocalJobQueue(new MapJobStore(ttlSeconds, most, mostBytes), NOTHING)),
    ...NOTHING,
  }), { durable: false });

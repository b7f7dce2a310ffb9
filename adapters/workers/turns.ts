/** Who waits for a worker. Callers take turns, whatever each of them has waiting; of one caller's, first come first. */
export class Turns<Job> {
  /** In the order of their turns; no caller without a job. */
  readonly #byCaller = new Map<string, Job[]>();
  #size = 0;

  /** How many wait. */
  get size(): number {
    return this.#size;
  }

  /** How many of one caller's wait. */
  sizeOf(caller: string): number {
    return this.#byCaller.get(caller)?.length ?? 0;
  }

  add(caller: string, job: Job): void {
    const jobs = this.#byCaller.get(caller);
    if (jobs === undefined) this.#byCaller.set(caller, [job]);
    else jobs.push(job);
    this.#size += 1;
  }

  /** Takes one out of turn; whether it waited. */
  remove(caller: string, job: Job): boolean {
    const jobs = this.#byCaller.get(caller) ?? [];
    const at = jobs.indexOf(job);
    if (at === -1) return false;
    jobs.splice(at, 1);
    if (jobs.length === 0) this.#byCaller.delete(caller);
    this.#size -= 1;
    return true;
  }

  /** Takes the job whose turn it is among the callers that may; its caller then comes last. */
  next(mayRun: (caller: string) => boolean): Job | null {
    for (const [caller, jobs] of this.#byCaller) {
      if (!mayRun(caller)) continue;
      const job = jobs.shift();
      this.#byCaller.delete(caller);
      if (jobs.length > 0) this.#byCaller.set(caller, jobs);
      this.#size -= 1;
      return job ?? null;
    }
    return null;
  }

  /** Takes all out. */
  empty(): Job[] {
    const jobs = [...this.#byCaller.values()].flat();
    this.#byCaller.clear();
    this.#size = 0;
    return jobs;
  }
}

/** A stream that has made its first step. */
export interface Begun<Item> {
  readonly first: IteratorResult<Item>;
  readonly steps: AsyncIterator<Item>;
}

/** Opens a stream and makes its first step. */
export async function begin<Item>(open: () => AsyncIterable<Item>): Promise<Begun<Item>> {
  const steps = open()[Symbol.asyncIterator]();
  return { first: await steps.next(), steps };
}

/** The whole of a stream that has begun; whoever leaves early ends it. */
export async function* continued<Item>({ first, steps }: Begun<Item>): AsyncGenerator<Item> {
  let step = first;
  try {
    while (!step.done) {
      yield step.value;
      step = await steps.next();
    }
  } finally {
    if (!step.done) await steps.return?.();
  }
}

import type { GraphBatch } from "../../../domain/graph/batch.ts";
import { node, relationship } from "../../fixtures/graph.ts";

/** Three people and two cities, which the reads ask for and the attempts are made on. */
export const PEOPLE: GraphBatch = {
  nodes: [
    node("ada", ["Person", "Scientist"], {
      name: "Ada",
      born: 1815n,
      height: 1.5,
      alive: false,
      tags: ["maths", "poetry"],
    }),
    node("bob", ["Person", "Engineer"], { name: "Bob", born: 1970n, height: 1.75, alive: true }),
    node("cyd", ["Person"], { name: "Cyd", born: 1990n, alive: true, tags: ["maths"] }),
    node("london", ["City"], { name: "London", population: 9_002_488n }),
    node("paris", ["City"], { name: "Paris", population: 2_102_650n }),
  ],
  relationships: [
    relationship("ada", "KNOWS", "bob", { since: 1990n }),
    relationship("bob", "KNOWS", "cyd", { since: 2010n }),
    relationship("ada", "LIVES_IN", "london"),
    relationship("bob", "LIVES_IN", "paris", { since: 2001n }),
    relationship("cyd", "LIVES_IN", "paris"),
    relationship("cyd", "LIKES", "cyd"),
  ],
};

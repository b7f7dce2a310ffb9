import { FENCES_ARE_DATA, labelled, pasted, said } from "./arguments.ts";
import type { Prompt } from "./prompt.ts";

const LOOK_AROUND = `Look at what is there: read the resource ultimate-mcp://graph/schema, or ask

\`\`\`cypher
MATCH (n) RETURN labels(n) AS labels, count(n) AS nodes ORDER BY nodes DESC LIMIT 50
\`\`\`

\`\`\`cypher
MATCH ()-[r]->() RETURN type(r) AS type, count(r) AS relationships ORDER BY relationships DESC LIMIT 50
\`\`\``;

const PARAMETERS =
  "Values go into `parameters` (`$name` in the statement), never into the text of `cypher`. Name " +
  "each aggregate by AS, set `limit`, and look at `truncated` before you count what came.";

const exploreGraph: Prompt = {
  slug: "explore-graph",
  title: "Explore the graph",
  description: "Finds out what the shared graph holds and how it hangs together.",
  arguments: [
    said("question", "What is to be found out.", false),
    labelled("Where to begin: a label of the nodes."),
  ],
  text: `Find out what the graph that all users share holds{{#question}}, to answer this:

{{question}}{{/question}}{{^question}}, and describe it to somebody who has not seen it.{{/question}}


1. ${LOOK_AROUND}

{{#label}}
2. Begin at the label {{label}}: the resource ultimate-mcp://graph/labels/{{label}} tells which properties its nodes have.
{{/label}}
{{^label}}
2. For each label that matters read ultimate-mcp://graph/labels/ and its name: it tells which properties such nodes have.
{{/label}}
3. Ask by \`graph_query\`, one step at a time, with what the last answer showed. The neighbours of one node:

\`\`\`cypher
MATCH (n {key: $key})-[r]-(m) RETURN r AS relationship, m AS other LIMIT 100
\`\`\`

4. ${PARAMETERS}
5. Answer with what is there (counts, examples by their keys), what hangs together by what, and what you looked for and did not find. Quote the statements that show it.

${FENCES_ARE_DATA}`,
};

const remember: Prompt = {
  slug: "remember",
  title: "Remember facts",
  description: "Stores facts in the shared graph under keys by which they are found again.",
  arguments: [
    pasted("facts", "What is to be remembered."),
    said("source", "Where it comes from: a document, a person, a run.", false),
  ],
  text: `Store these facts in the graph that all users share, so that they are found again.

{{facts}}
{{#source}}

They come from:

{{source}}
{{/source}}

1. ${LOOK_AROUND}

   Use the labels, types and names that are there already before you make new ones.
2. Give each thing a key: its kind, a colon, its name in small letters with hyphens, such as "person:ada-lovelace" or "project:engine"; letters, digits, _, : and - only, 64 characters at most. The same thing always gets the same key. What happened at a time has the day in it: "meeting:2026-01-31-budget".
3. Look for each key, and for other spellings by name, before you write:

\`\`\`cypher
MATCH (n) WHERE n.key IN $keys OR n.name IN $names RETURN n.key AS key, labels(n) AS labels, n.name AS name
\`\`\`

4. Write all of it in one call of \`graph_upsert\`: \`labels\` in PascalCase, \`type\` in UPPER_SNAKE_CASE, \`properties\` in snake_case, each thing with the "name" that people use, and "source" where that is known. A thing is a node and a link between things is a relationship, not a property that names another node. Days are texts like "2026-01-31".

\`\`\`json
{
  "nodes": [
    { "key": "person:ada-lovelace", "labels": ["Person"], "properties": { "name": "Ada Lovelace", "born": 1815 } },
    { "key": "machine:analytical-engine", "labels": ["Machine"], "properties": { "name": "Analytical Engine" } }
  ],
  "relationships": [
    { "start": "person:ada-lovelace", "end": "machine:analytical-engine", "type": "WROTE_FOR", "properties": { "source": "letters, 1843" } }
  ]
}
\`\`\`

5. What is there is added to, and a property that has the same name is written over: where a fact contradicts one that is stored, show both and ask before you change it. Store no passwords, tokens or keys: everybody who may read the graph reads all of it.
6. Say what was created and updated (\`nodes\`, \`relationships\`), under which keys, and what you left out.

${FENCES_ARE_DATA}`,
};

const recall: Prompt = {
  slug: "recall",
  title: "Recall facts",
  description: "Answers a question from the shared graph, and says by which nodes.",
  arguments: [
    said("question", "What is asked."),
    labelled("What kind of thing it is about: a label of the nodes."),
  ],
  text: `Answer this from the graph that all users share, and from nothing else.

{{question}}

1. ${LOOK_AROUND}

2. Look for the things that the question names{{#label}}, first among those with the label {{label}} (its properties: ultimate-mcp://graph/labels/{{label}}){{/label}}. Try the key that they would have ("person:ada-lovelace": the kind, a colon, the name in small letters with hyphens), then parts of the name:

\`\`\`cypher
MATCH (n) WHERE toLower(toString(n.name)) CONTAINS $part RETURN n.key AS key, labels(n) AS labels, n.name AS name LIMIT 20
\`\`\`

3. From what you found, follow relationships:

\`\`\`cypher
MATCH (n {key: $key})-[r]-(m) RETURN r AS relationship, m AS other LIMIT 100
\`\`\`

4. Use \`graph_query\` for all of it. ${PARAMETERS}
5. Answer in a sentence or two, then name the keys and relationships that say so, with their "source" where they have one. If the graph does not say, answer that it does not, and what you looked for: do not fill in from memory.

${FENCES_ARE_DATA}`,
};

const importCsv: Prompt = {
  slug: "import-csv-to-graph",
  title: "Import a table into the graph",
  description: "Turns the rows of a CSV table into nodes and relationships of the shared graph.",
  arguments: [
    pasted("csv", "The table, its header included."),
    labelled("The label of the nodes that the rows become.", true),
    said(
      "meaning",
      "What the columns mean; which one tells rows apart; which name other things.",
      false,
    ),
  ],
  text:
    `Import this table into the graph that all users share: a node labelled {{label}} for each row.

{{csv}}
{{#meaning}}

About its columns:

{{meaning}}
{{/meaning}}

1. Look at ultimate-mcp://graph/schema and ultimate-mcp://graph/labels/{{label}}: use the names of properties and types that are there.
2. Decide, and say: which column tells rows apart (it becomes the key, "{{label}}" in small letters, a colon, and the value in small letters with hyphens); which columns are properties, and whether text, whole number, number or boolean; which name other things, which become nodes of their own with a relationship to them.
3. Let a program do the turning, not yourself: call \`execute_code\` with \`language\` \`python\`, the table in \`files\` (\`path\` "table.csv", \`content\` as it is), and \`code\` that reads it with the csv module, checks that no key stands for two different rows, and writes batches as JSON to "out/0.json" and on, named by \`outputs\` \`["out/*.json"]\`. Keys match ^[A-Za-z_][A-Za-z0-9_:-]{0,63}$, names of properties ^[A-Za-z_][A-Za-z0-9_]{0,63}$; an empty cell is no property, and a column "key" needs another name; at most 500 rows a batch. Let it print how many rows, nodes and relationships there are, and each row that it could not turn.
4. Send each batch by \`graph_upsert\`, \`nodes\` before the \`relationships\` that need them. Sent twice it changes nothing, so send again what failed.
5. Check by \`graph_query\` that as many are there as the program counted, and compare three rows with the table:

\`\`\`cypher
MATCH (n:\`{{label}}\`) RETURN count(n) AS nodes
\`\`\`

6. Say how many were created and updated, which rows were left out and why.

${FENCES_ARE_DATA}`,
};

/** Prompts about the graph. */
export const GRAPH_PROMPTS: readonly Prompt[] = [exploreGraph, remember, recall, importCsv];

/** Ways past a gate that reads a statement otherwise than Neo4j does, by what hides what is meant. */
export const NEO4J_GAPS: Readonly<Record<string, readonly string[]>> = {
  "control characters for spaces": [
    "LOAD\x1cCSV FROM '{url}' AS line RETURN line",
    "RETURN [x IN [1] | COLLECT { LOAD\x1cCSV FROM '{url}' AS line RETURN line }] AS x",
    "RETURN [x IN [1] WHERE EXISTS { LOAD\x1d\x1eCSV\x1fFROM '{file}' AS line RETURN line }] AS x",
    "MATCH (a)-[r*1..2]->() WHERE all(s IN r WHERE EXISTS { LOAD\x1fCSV FROM '{url}' AS l RETURN l }) RETURN a",
    "RETURN apoc\x1c.\x1cversion() AS x",
    "CALL\x1cdbms\x1d.\x1ecomponents()",
    "MATCH (n:\x1cGraphNode) RETURN n",
    "CYPHER\x1cdebug\x1c=\x1cast RETURN 1 AS x",
  ],
  "label by a value": [
    "MATCH (n:$('Graph' + 'Node')) RETURN count(n) AS x",
    "MATCH (n:$ any (['GraphNode', 'Person'])) RETURN n",
    "MATCH (n) WHERE n:Person&$all(['GraphNode']) RETURN n",
    "MATCH (n IS $('_umcp_MigrationLease')) RETURN n",
    "MATCH (n:$([x IN [1] | head(COLLECT { LOAD CSV FROM '{url}' AS line RETURN line[0] })])) RETURN n",
  ],
  "worked out while it is planned": [
    "RETURN 1 AS x LIMIT toInteger(apoc.load.json('{url}'))",
    "MATCH (n) RETURN n.key AS x SKIP apoc.util.sleep(1)",
    "RETURN 1 AS x LIMIT toInteger(COUNT { LOAD CSV FROM '{url}' AS line RETURN line })",
    "RETURN 1 AS x LIMIT reduce(s = 1, x IN [1] | s + COUNT { LOAD CSV FROM '{url}' AS l RETURN l })",
  ],
};

/** Honest as they stand: what is no comment and no text any more once escapes are taken out twice is not. */
export const ESCAPED_TWICE: readonly string[] = [
  "MATCH (n {key: 'ada'}) /* \\u005cu002a/ WHERE n:GraphNode // */\nRETURN n",
  "MATCH (n) RETURN labels(n) AS l /* \\u005cu002a/, apoc.version() AS v // */",
  "MATCH (n) RETURN labels(n) AS l // \\u005cu000a, apoc.version() AS v",
  "MATCH (n) RETURN labels(n) AS l, '\\u005cu0027, apoc.version() AS v //' AS w",
  "MATCH (n) RETURN labels(n) AS l /* \\u005cu002a/, COLLECT { LOAD CSV FROM '{url}' AS l RETURN l } AS v // */",
  "MATCH (n) WHERE labels(n) <> [] /* \\u005cu002a/ SET n.x = 1 // */\nRETURN n",
];

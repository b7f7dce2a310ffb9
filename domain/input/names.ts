const NODE_KEY = /^[A-Za-z_][A-Za-z0-9_:-]{0,63}$/;
const GRAPH_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;

/** Whether a text can be the key of a node. */
export function isNodeKey(text: string): boolean {
  return NODE_KEY.test(text);
}

/** Whether a text can be a label, the type of a relationship, or the name of a property. */
export function isGraphName(text: string): boolean {
  return GRAPH_NAME.test(text);
}

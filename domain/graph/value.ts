/** A value that a property can hold: INTEGER (64 bits) is `bigint`, FLOAT is `number`, never NaN or infinite. */
export type PropertyScalar = string | boolean | bigint | number;

/** A property: a scalar, or a list of scalars of one kind. */
export type PropertyValue = PropertyScalar | readonly PropertyScalar[];

/** What a statement's parameter can be: plain JSON, in which an integer is a `bigint`. */
export type ParameterValue =
  | null
  | PropertyScalar
  | readonly ParameterValue[]
  | { readonly [key: string]: ParameterValue };

/** A node in an answer. The service's own label is never among the labels, nor the key among the properties. */
export interface GraphNode {
  readonly kind: "node";
  /** `null` for a node that something other than this service has made; it then has an id only. */
  readonly key: string | null;
  /** The engine's own, good for the length of one answer. */
  readonly id: string;
  readonly labels: readonly string[];
  readonly properties: Readonly<Record<string, GraphValue>>;
}

/** A relationship in an answer; its ends are keys, or ids where a node has no key. */
export interface GraphRelationship {
  readonly kind: "relationship";
  readonly type: string;
  readonly start: string;
  readonly end: string;
  readonly properties: Readonly<Record<string, GraphValue>>;
}

/** A path in an answer: one node more than relationships, in order. */
export interface GraphPath {
  readonly kind: "path";
  readonly nodes: readonly GraphNode[];
  readonly relationships: readonly GraphRelationship[];
}

/** A date, a time or both, or a duration, in ISO 8601. */
export interface GraphTemporal {
  readonly kind: "temporal";
  readonly iso: string;
}

/** A point; `srid` 4326 and 4979 are geographic (longitude, latitude, height in metres), 7203 and 9157 cartesian. */
export interface GraphPoint {
  readonly kind: "point";
  readonly srid: number;
  readonly coordinates: readonly number[];
}

/** A map of the statement's own making. */
export interface GraphMap {
  readonly kind: "map";
  readonly entries: Readonly<Record<string, GraphValue>>;
}

/** What an answer can hold; a `number` may be NaN or infinite here. */
export type GraphValue =
  | null
  | PropertyScalar
  | readonly GraphValue[]
  | GraphNode
  | GraphRelationship
  | GraphPath
  | GraphTemporal
  | GraphPoint
  | GraphMap;

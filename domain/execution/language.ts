/** Every language that a run may be written in. */
export const LANGUAGES = ["python", "javascript", "bash"] as const;

/** A language that a run may be written in. */
export type Language = (typeof LANGUAGES)[number];

import type { Language } from "../execution/language.ts";

/** What tests can be run by. */
export const TEST_FRAMEWORKS = ["pytest", "deno"] as const;

/** One of {@link TEST_FRAMEWORKS}. */
export type TestFramework = (typeof TEST_FRAMEWORKS)[number];

/** What tests can be written in. */
export const TEST_LANGUAGES = ["python", "javascript", "typescript"] as const;

/** One of {@link TEST_LANGUAGES}. */
export type TestLanguage = (typeof TEST_LANGUAGES)[number];

/** Where the tests themselves stand in the working directory: each framework looks for such names. */
export const TEST_SOURCES: { readonly [L in TestLanguage]: string } = {
  python: "test_main.py",
  javascript: "main_test.js",
  typescript: "main_test.ts",
};

/** What runs the tests of a language. */
export function frameworkOf(language: TestLanguage): TestFramework {
  return language === "python" ? "pytest" : "deno";
}

/** What the sandbox, its measurements and the operator's policy call a program in this language. */
export function programLanguageOf(language: TestLanguage): Language {
  return language === "python" ? "python" : "javascript";
}

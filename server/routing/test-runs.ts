/** Recognizes commands that run tests or builds, and reads how many tests failed from their output. Tables and pure functions. */

export interface TestRun {
  /** The same for runs of the same program with the same arguments. */
  key: string;
  passed: boolean;
  /** Tests or errors; null if the output does not say. */
  failures: number | null;
  /** Names of failing tests, sorted; empty if the output does not say. */
  failing: readonly string[];
}

/** What comes before a command and does not change what it runs. */
const PREFIX =
  /^(?:(?:[A-Z_][A-Z0-9_]*=\S*|env|time|timeout(?: -\S+)* \S+|sudo|nice|npx(?: --?\S+)*|pnpm exec|pnpm dlx|yarn dlx|bunx|poetry run|uv run|pipenv run|bundle exec|docker compose exec(?: -\S+)* \S+|cd \S+ ?(?:&&|;))\s+)*/;

const RUNNERS: readonly RegExp[] = [
  /^(?:npm|pnpm|yarn|bun)(?: (?:(?:-[CFw]|--(?:prefix|filter|dir|cwd|workspace)) \S+|--?\S+))* (?:run )?(?:-s )?(?:test|tests|t|check|build|lint|types|typecheck|tsc|e2e|unit|ci|verify)(?:[:\w-]*)\b/,
  /^(?:jest|vitest|mocha|ava|tap|cypress run|playwright test|karma|jasmine|tsc|eslint|biome (?:check|ci|lint))\b/,
  /^node (?:\S+ )*--test\b/,
  /^deno (?:test|check|lint)\b/,
  /^(?:python[\d.]* -m )?(?:pytest|unittest|nose2|tox|nox|mypy|pyright|ruff check|flake8)\b/,
  /^(?:python[\d.]*) (?:manage\.py|setup\.py) test\b/,
  /^cargo(?: \+\S+)? (?:test|nextest|check|build|clippy)\b/,
  /^go (?:test|vet|build)\b/,
  /^(?:make|gmake|ninja|just|task|rake|mage|bazel|buck2?) (?:\S+ )*(?:test|tests|check|build|all|lint|verify|ci)\S*/,
  /^(?:make|gmake|ninja)(?: -\S+)*$/,
  /^(?:\.\/)?(?:mvn|mvnw|gradle|gradlew)\b.*\b(?:test|check|build|verify|install|compile)\w*/,
  /^dotnet (?:test|build)\b/,
  /^(?:rspec|bin\/rspec|rails test|bin\/rails test|minitest|phpunit|vendor\/bin\/phpunit|php artisan test|composer test|pest)\b/,
  /^(?:swift (?:test|build)|xcodebuild .*test|flutter test|dart test|mix test|lein test|sbt (?:test|compile)|ctest|stack test|cabal test|zig (?:build|test)|elm-test|busted|bats)\b/,
];

/** Counts of failures. The last match in the output counts; each has one group. */
const COUNTS: readonly RegExp[] = [
  /\b(\d+) (?:tests? )?fail(?:ed|ing|ures?)\b/gi,
  /\bfail(?:ed|ures?)?[:=]\s*(\d+)/gi,
  /^# fail (\d+)/gim,
  /\bfound (\d+) errors?\b/gi,
  /\b(\d+) errors?\b/gi,
];

/** Names of failing tests; each has one group. */
const NAMES: readonly RegExp[] = [
  /^(?:FAILED|ERROR) (\S+::\S+)/gm,
  /^[ \t]*--- FAIL: (\S+)/gm,
  /^test (\S+) \.\.\. FAILED/gm,
  /^[ \t]*(?:●|✕|✗|×|✖) (.{3,120})$/gm,
  /^[ \t]+\d+\) (.{3,120})$/gm,
  /^not ok \d+ -? ?(.{3,120})$/gm,
  /^[ \t]*(\S+\.\w{1,4}[:(]\d+[:,]\d+\)?).{0,4}error/gm,
];

/** A part of a command line is looked at, so that `cd x && npm test` counts. */
const MAX_COMMAND = 2_000;
/** The end of an output has the summary. */
const MAX_OUTPUT = 20_000;

/** The key of the first test run in a command line; null if there is none. */
export function findTestCommand(command: string): string | null {
  for (const part of command.slice(0, MAX_COMMAND).split(/&&|\|\||;|\n|\|/)) {
    const plain = part
      .trim()
      .replace(PREFIX, "")
      .replace(/\s+2>&1$/, "")
      .replace(/\s+/g, " ");
    if (RUNNERS.some((runner) => runner.test(plain))) return plain;
  }
  return null;
}

/** `ok`: the exit code of the command line was 0. A pipe such as `npm test | tail` hides it, so the output counts, too. */
export function readTestRun(command: string, ok: boolean, output: string): TestRun | null {
  const key = findTestCommand(command);
  if (key === null) return null;
  const end = output.slice(-MAX_OUTPUT);
  const failures = lastCount(end);
  const failing = [...new Set(NAMES.flatMap((name) => [...end.matchAll(name)].map(([, found = ""]) => found.trim())))];
  const passed = ok && (failures ?? 0) === 0 && (failing.length === 0 || !/\|/.test(command));
  return { key, passed, failures: passed ? 0 : failures, failing: passed ? [] : failing.toSorted() };
}

function lastCount(output: string): number | null {
  for (const pattern of COUNTS) {
    const last = [...output.matchAll(pattern)].at(-1)?.[1];
    if (last !== undefined) return Number(last);
  }
  return null;
}

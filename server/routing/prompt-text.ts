/** Separates what a prompt asks for from what was pasted into it. Bounded: of a long prompt, the beginning and the end are read. */

/** Characters that are read at the beginning and at the end. A task is stated there; what lies between was pasted. */
const HEAD = 6_000;
const TAIL = 2_000;

export interface PromptText {
  /** Without code, logs, quoted literals, paths and addresses; literals are replaced by `§`. */
  prose: string;
  /** The same, with `§path` for a path. */
  marked: string;
  /** A stack trace, a log or compiler errors are in it. */
  hasTrace: boolean;
  /** A fenced block, or lines of a log. */
  hasPaste: boolean;
  /** An old and a new value are named literally. */
  hasLiteralChange: boolean;
  /** Paths and file names, without repetitions. */
  files: number;
  /** Items of lists that are sentences rather than names. */
  requirements: number;
  length: number;
}

const FENCE = /^\s{0,3}(`{3,}|~{3,})/;
/** Lines that a program wrote. Each alternative is anchored, so that a line is read once. */
const LOG_LINE =
  /^\s*(?:\d{4}-\d\d-\d\d[T ]\d|\d\d:\d\d:\d\d|\[?(?:INFO|ERROR|WARN(?:ING)?|DEBUG|TRACE|FATAL)\b|at \S+ ?\(|at \S+:\d+|File "|Traceback|Caused by:|#\d+ |[├└│]|\d+ \||>? ?\d+ \| |\S+\.\w{1,4}[:(]\d+[,:]\d+|FAIL |✕|✗|● |E {2,}|--- |\+\+\+ |@@ |npm (?:ERR!|error)|error(?:\[\w+\])?:|thread '|panic:|goroutine \d|Exception in|[A-Z]\w*(?:Error|Exception): )/;
const TRACE_LINE =
  /^\s*(?:at \S+ ?\(|File "|Traceback|Caused by:|#\d+ +(?:0x)?|FAIL |● |E {2,}|npm (?:ERR!|error)|thread '|panic:|goroutine \d|Exception in|[A-Z]\w*(?:Error|Exception): |\[?ERROR\b|error(?:\[\w+\])?:|\S+\.\w{1,4}[:(]\d+[,:]\d+)/;
const LIST_ITEM = /^\s*(?:[-*•]|\d{1,3}[.)])\s+(?:\[[ x]\]\s*)?/;
const HEADING = /^\s*(?:#{1,6} |\*\*[^*]{1,40}\*\*:?\s*$)/;
const PATH =
  /(?:~?\/)?(?:[\w.@*-]+\/)+[\w.@*-]*|\b[\w*-]+\.(?:[cm]?[jt]sx?|py|rs|go|java|kt|rb|php|cs|cpp|cc|c|h|hpp|swift|scala|sql|sh|ya?ml|json|toml|md|txt|html?|s?css|vue|svelte|tf|xml|csv|lua|ex|exs|proto|gradle|lock|env|ini|conf|pom)\b/g;
const QUOTED = /`[^`\n]{1,200}`|"[^"\n]{1,120}"|“[^”\n]{1,120}”|'[^'\n]{2,80}'(?![a-z])/g;
/** No word and no path is so long; without them the other patterns stay linear. */
const LONG_RUN = /[^\s\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{200,}/g;
const URL = /https?:\/\/\S+/g;
const LITERAL_CHANGE =
  /§\s*(?:->|→|=>|to|with|into|by|instead of|rather than|a|por|par|durch|zu|nach)\s+[^.\n]{0,12}§|§\s*(?:->|→|=>)|\b(?:from|von|de)\s+(?:v?\d[\d.]*|§)\s+(?:to|auf|a|à|nach)\s+(?:v?\d[\d.]*\b(?!\s*%)|§)|\b(?:to|auf|at)\s+v?\d[\d.]*\b(?!\s*%)/i;

export function readPromptText(text: string): PromptText {
  const read = text.length <= HEAD + TAIL ? text : `${text.slice(0, HEAD)}\n${text.slice(-TAIL)}`;
  const prose: string[] = [];
  let fence = "";
  let logLines = 0;
  let traceLines = 0;
  let requirements = 0;
  let fenced = false;
  for (const full of read.split("\n")) {
    const line = full.replace(LONG_RUN, "§");
    const mark = FENCE.exec(line)?.[1];
    if (mark !== undefined && (fence === "" || line.trim().startsWith(fence))) {
      fence = fence === "" ? mark.slice(0, 3) : "";
      fenced = true;
      continue;
    }
    const isLog = LOG_LINE.test(line);
    if (isLog && TRACE_LINE.test(line)) traceLines++;
    if (fence !== "" || isLog) {
      logLines += isLog ? 1 : 0;
      continue;
    }
    const item = LIST_ITEM.exec(line)?.[0];
    if (item !== undefined && line.slice(item.length).trim().split(/\s+/, 4).length >= 3) requirements++;
    if (!HEADING.test(line)) prose.push(item === undefined ? line : `. ${line.slice(item.length)}`);
  }
  const files = new Set<string>();
  const withoutQuotes = prose.join("\n").replace(URL, "§").replace(QUOTED, quote);
  const plain = withoutQuotes.replace(PATH, (path) => {
    files.add(path);
    return "§";
  });
  return {
    prose: plain,
    marked: withoutQuotes.replace(PATH, "§path"),
    hasTrace: traceLines > 0,
    hasPaste: fenced || logLines > 2,
    hasLiteralChange: LITERAL_CHANGE.test(plain),
    files: files.size,
    requirements,
    length: text.length,
  };

  /** A quoted file is a file; a quoted sentence is what somebody said. */
  function quote(literal: string): string {
    const inner = literal.slice(1, -1);
    if (inner.match(PATH)?.[0] === inner) files.add(inner);
    return "§";
  }
}

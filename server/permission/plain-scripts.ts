/**
 * Small languages inside of command lines: scripts for sed, awk and jq, and formats for printf. A script is accepted only if it consists
 * of forms that every implementation reads in the same way and that neither write, run nor open anything. Everything else needs approval.
 */

/** Longer scripts are rejected without matching, to bound the time. */
const MAX_LENGTH = 400;

/**
 * Text between the delimiters of sed. A bracket expression has its end before the next delimiter and no backslash, since
 * implementations differ in whether a delimiter inside of brackets counts.
 */
const sedPattern = (end: string): string => String.raw`(?:[^${end}\\\n[\]]|\\[^\nc]|\[\^?[^${end}\\\n[\]]+\])+`;
const sedReplacement = (end: string): string => String.raw`(?:[^${end}\\\n]|\\[^\nc])*`;
const SED_ADDRESS = `(?:\\d+|\\$|/${sedPattern("/")}/)`;
const SED_SUBSTITUTIONS = ["/", "|", "#", ","].map(
  (end) => `s\\${end}${sedPattern(`\\${end}`)}\\${end}${sedReplacement(`\\${end}`)}\\${end}[gpiI\\d]*`,
);
const SED_COMMAND = `(?:${SED_ADDRESS}(?:,${SED_ADDRESS})?)?!?(?:[pdq=]|${SED_SUBSTITUTIONS.join("|")})`;
const PLAIN_SED = new RegExp(`^\\s*${SED_COMMAND}(?:\\s*;\\s*${SED_COMMAND})*\\s*;?\\s*$`);

export const isPlainSed = (script: string): boolean => script.length <= MAX_LENGTH && PLAIN_SED.test(script);

/** Conversions that print an argument. `%n` assigns a variable, and `*` takes a width from the arguments. */
const PLAIN_FORMAT = /^(?:[^%\\]|\\[abefnrtv\\"'0-7x]|%%|%[-+ #0]*\d*(?:\.\d+)?[sdiouxXcqbeEfFgG])*$/;

export const isPlainFormat = (format: string): boolean => PLAIN_FORMAT.test(format);

interface Language {
  /** One token; the longest alternatives are first. */
  token: RegExp;
  accepts(token: string, next: string | undefined, previous: string | undefined): boolean;
}

function isPlainScript(script: string, { token, accepts }: Language): boolean {
  if (script.length > MAX_LENGTH) return false;
  const tokens: string[] = [];
  for (let at = 0; at < script.length; ) {
    token.lastIndex = at;
    const found = token.exec(script)?.[0];
    if (found === undefined || found === "") return false;
    at += found.length;
    if (found.trim() !== "" || found.includes("\n")) tokens.push(found);
  }
  return tokens.length > 0 && tokens.every((one, at) => accepts(one, tokens[at + 1], tokens[at - 1]));
}

const toSet = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/));

/** Functions of awk that compute. Any other name before a parenthesis could run a program or open a file. */
const AWK_FUNCTIONS = toSet("length substr index int tolower toupper print printf if while for");
const AWK_NAMES = toSet("BEGIN END NR NF FNR FS OFS print printf if else while for in next exit length");

/**
 * awk without pipes, redirections, regular expressions with special characters, and names in capitals such as ARGV. Characters that
 * could be read as the start of another token, a quote in a regular expression for example, are in no token.
 */
const AWK: Language = {
  token:
    /[ \t\n;]+|\$(?:\d+|NF|[a-z]\w*)|\d+(?:\.\d+)?|"(?:[\w \t.,:;=@%*?'<&~^$/-]|\\[nt])*"|\/[\w .,:^$-]+\/|[A-Za-z]\w*|&&|\|\||[=!<+-]=|\+\+|--|[-+*%,={}()[\]<~!]|>=?/y,
  accepts(token, next, previous) {
    if (/^>/.test(token)) return false;
    if (!/^[A-Za-z]/.test(token))
      return !(token === "(" && previous !== undefined && /^\w/.test(previous)) || AWK_FUNCTIONS.has(previous ?? "");
    if (next === "(") return AWK_FUNCTIONS.has(token);
    return AWK_NAMES.has(token) || /^[a-z][a-z0-9_]*$/.test(token);
  },
};
/** Words that read other input, define functions or remove, also without a parenthesis. */
const AWK_FORBIDDEN = /(?:^|\W)(?:getline|function|func|delete|system|close|fflush|nextfile|switch|include|load)(?!\w)/;
/** A comparison before the first brace. After it, `>` names a file. */
const AWK_COMPARISON = /^([^{"/]*)>(=?)/;

export function isPlainAwk(script: string): boolean {
  if (AWK_FORBIDDEN.test(script)) return false;
  const compared = AWK_COMPARISON.test(script) ? script.replace(AWK_COMPARISON, "$1<$2") : script;
  return isPlainScript(compared, AWK);
}

const JQ_FUNCTIONS = toSet(`
  length keys keys_unsorted values map map_values select sort sort_by group_by unique unique_by add any all first last nth limit range
  join split test startswith endswith ascii_downcase ascii_upcase to_entries from_entries with_entries tostring tonumber type has in
  not and or if then elif else end empty null true false flatten reverse contains inside min max min_by max_by recurse paths leaf_paths
  tojson fromjson as reduce foreach try catch floor ceil round sqrt abs index rindex indices ltrimstr rtrimstr implode explode
  objects arrays strings numbers booleans scalars iterables isvalid error del getpath splits sub gsub match capture scan`);

/** jq without modules, the environment, variables of the program and interpolation. */
const JQ: Language = {
  token:
    /[ \t\n]+|\.\.|\.[A-Za-z_]\w*|\$[a-z]\w*|@(?:tsv|csv|json|text|html|uri|sh|base64d?)(?!\w)|"[^"\\\n]*"|\d+(?:\.\d+)?|[A-Za-z_]\w*|\/\/=?|\?\/\/|[|=!<>+*%/-]=|[.[\](){}|,:;?=<>+*%/-]/y,
  accepts(token, next, previous) {
    if (/^\$(env|ENV|__)/.test(token)) return false;
    if (!/^[A-Za-z_]/.test(token)) return true;
    // The key of an object.
    if (next === ":" && (previous === "{" || previous === ",")) return true;
    if ((previous === "{" || previous === ",") && (next === "," || next === "}") && /^[a-z]/i.test(token))
      return !/^(input|env|debug|import|include)/.test(token);
    return JQ_FUNCTIONS.has(token);
  },
};

export const isPlainJq = (script: string): boolean =>
  !/import|include|input|env|modulemeta/i.test(script) && isPlainScript(script, JQ);

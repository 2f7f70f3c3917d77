/**
 * Read-only programs, each with its read-only options. An option that is not listed needs approval, since a new version of a program
 * may add one that writes. Data only; read-only-programs.ts interprets it.
 */

export interface Reader {
  /** Short options without and with a value. */
  letters?: string;
  values?: string;
  /** Names of long options, without dashes; a value may follow after `=` or as the next word. */
  long?: string;
  /** Maximum number of operands. */
  operands?: number;
  /** How many leading operands are text (a pattern) and not paths; "all" if none is a path. */
  text?: number | "all";
  /** Accepts options such as `-5`. */
  digits?: boolean;
}

const GIT_DIFF_OPTIONS =
  "stat shortstat numstat dirstat summary name-only name-status patch no-patch unified raw minimal patience histogram diff-algorithm color no-color color-words word-diff word-diff-regex color-moved no-renames find-renames find-copies diff-filter cached staged merge-base ignore-space-change ignore-all-space ignore-blank-lines ignore-space-at-eol ignore-cr-at-eol function-context exit-code quiet check full-index abbrev binary no-ext-diff no-textconv no-prefix relative inter-hunk-context pickaxe-all pickaxe-regex text compact-summary ignore-submodules submodule irreversible-delete";
const GIT_LOG_OPTIONS = `${GIT_DIFF_OPTIONS} oneline graph decorate no-decorate all branches tags remotes since until after before author committer grep invert-grep all-match format pretty date abbrev-commit no-abbrev-commit max-count skip reverse follow first-parent merges no-merges no-walk show-signature topo-order date-order author-date-order simplify-by-decoration full-history source left-right cherry-pick cherry-mark boundary regexp-ignore-case fixed-strings extended-regexp perl-regexp cc parents children root relative-date log-size notes no-notes encoding ancestry-path not`;
const GIT_DIFF_LETTERS = "pusbwacqzRWDBMC";

export const GIT_READERS: Readonly<Record<string, Reader>> = {
  status: {
    letters: "sbvzu",
    long: "short branch porcelain long verbose untracked-files ignored show-stash ahead-behind no-ahead-behind column no-column renames no-renames ignore-submodules",
  },
  log: { letters: `${GIT_DIFF_LETTERS}igEFPmtr`, values: "nSGLUM", long: GIT_LOG_OPTIONS, digits: true },
  show: { letters: `${GIT_DIFF_LETTERS}igEFPmtr`, values: "nSGLUM", long: GIT_LOG_OPTIONS, digits: true },
  diff: { letters: GIT_DIFF_LETTERS, values: "SGUM", long: GIT_DIFF_OPTIONS },
  grep: {
    letters: "niIwlLcEFGPhHqvpWaozr",
    values: "eABCm",
    long: "line-number ignore-case word-regexp invert-match files-with-matches name-only files-without-match count extended-regexp fixed-strings basic-regexp perl-regexp full-name show-function function-context context after-context before-context and or not all-match quiet cached no-index-off color no-color break heading max-depth max-count only-matching column recursive no-recursive threads text",
    text: 1,
  },
  blame: {
    letters: "lswbtfneMCpc",
    values: "L",
    long: "porcelain line-porcelain root show-email date abbrev color-lines color-by-age since",
  },
  "ls-files": {
    letters: "cdmosktvzuif",
    values: "x",
    long: "cached deleted modified others stage unmerged killed exclude-standard full-name error-unmatch exclude eol deduplicate recurse-submodules directory",
  },
  "ls-tree": { letters: "rdtlz", long: "long name-only name-status full-name full-tree object-only abbrev" },
  "rev-parse": {
    letters: "q",
    long: "abbrev-ref short verify quiet show-toplevel show-prefix show-cdup is-inside-work-tree is-inside-git-dir is-bare-repository git-dir absolute-git-dir git-common-dir symbolic symbolic-full-name show-superproject-working-tree",
  },
  "rev-list": {
    letters: "n",
    long: "count all max-count since until oneline left-right no-merges merges first-parent reverse objects",
    digits: true,
  },
  describe: {
    long: "tags all always long dirty abbrev match contains exact-match first-parent exclude broken candidates",
  },
  shortlog: { letters: "snecw", long: "summary numbered email group since until all no-merges" },
  "merge-base": { letters: "a", long: "all is-ancestor fork-point octopus independent" },
  "cat-file": { letters: "ets", operands: 1 },
  "name-rev": { long: "name-only tags refs always" },
  "show-ref": { letters: "dsq", long: "heads tags head dereference hash verify quiet abbrev branches" },
  "for-each-ref": { long: "format sort count contains merged no-merged points-at" },
  "check-ignore": { letters: "qvnz", long: "quiet verbose non-matching no-index-off" },
  "count-objects": { letters: "vH", long: "verbose human-readable" },
  "diff-tree": {
    letters: "rtsz",
    long: "stat shortstat numstat name-only name-status no-commit-id root no-patch quiet",
  },
  branch: {
    letters: "arv",
    long: "all remotes verbose list show-current no-color color column no-column sort format contains no-contains merged no-merged points-at ignore-case",
    operands: 0,
  },
  tag: { letters: "l", long: "list sort format column no-column points-at color ignore-case", operands: 0 },
  remote: { letters: "v", long: "verbose", operands: 0 },
  reflog: { values: "n", long: "oneline all max-count date", digits: true, operands: 0 },
  version: { operands: 0 },
};

const hash: Reader = { letters: "btz", long: "binary text zero tag" };
const grep: Reader = {
  letters: "rniIwxlLcEFGPhHqvosabzTUuy",
  values: "eABCm",
  long: "recursive line-number ignore-case no-ignore-case word-regexp line-regexp files-with-matches files-without-match count extended-regexp fixed-strings basic-regexp perl-regexp no-filename with-filename quiet silent invert-match only-matching no-messages text byte-offset null null-data regexp after-context before-context context max-count include exclude exclude-dir color colour binary-files label line-buffered initial-tab binary version",
  text: 1,
  digits: true,
};

export const READERS: Readonly<Record<string, Reader>> = {
  ls: {
    letters: "aAbBcCdDfFgGhiklmnNopqQrRsStuUvxXZ1",
    values: "wIT",
    long: "all almost-all author block-size color directory classify file-type format full-time group-directories-first no-group human-readable si hide ignore inode kibibytes literal numeric-uid-gid indicator-style quote-name quoting-style reverse recursive size sort time time-style width zero help version",
  },
  cat: {
    letters: "AbeEnstTuv",
    long: "show-all number-nonblank show-ends number squeeze-blank show-tabs show-nonprinting help version",
  },
  head: {
    letters: "qvz",
    values: "nc",
    long: "lines bytes quiet silent verbose zero-terminated help version",
    digits: true,
  },
  tail: {
    letters: "qvz",
    values: "nc",
    long: "lines bytes quiet silent verbose zero-terminated help version",
    digits: true,
  },
  wc: { letters: "clmLw", long: "bytes chars lines max-line-length words total help version" },
  nl: { values: "bdfhilnsvw", letters: "p" },
  tac: { letters: "br", values: "s" },
  rev: {},
  cut: {
    letters: "snz",
    values: "bcdf",
    long: "bytes characters fields delimiter only-delimited complement output-delimiter zero-terminated",
  },
  tr: { letters: "cCdst", long: "complement delete squeeze-repeats truncate-set1", text: "all" },
  sort: {
    letters: "bcCdfghiMnRrsuVzm",
    values: "ktS",
    long: "ignore-leading-blanks dictionary-order ignore-case general-numeric-sort ignore-nonprinting month-sort human-numeric-sort numeric-sort reverse version-sort check merge key stable buffer-size field-separator unique zero-terminated parallel help version",
  },
  uniq: {
    letters: "cdDiuz",
    values: "fsw",
    long: "count repeated unique ignore-case skip-fields skip-chars check-chars zero-terminated all-repeated group help version",
    operands: 1,
  },
  comm: { letters: "123iz", long: "output-delimiter total check-order nocheck-order zero-terminated" },
  join: { letters: "iz", values: "aejotv12", long: "header check-order nocheck-order ignore-case" },
  paste: { letters: "sz", values: "d", long: "serial delimiters zero-terminated" },
  fold: { letters: "bs", values: "w", long: "bytes spaces width" },
  column: { letters: "texnLd", values: "scNoRHl", long: "table separator columns output-separator table-columns" },
  diff: {
    letters: "qsuNwbBiEZayTtdpce",
    values: "UCWxIF",
    long: "brief report-identical-files unified context side-by-side width ignore-case ignore-all-space ignore-space-change ignore-blank-lines ignore-trailing-space ignore-tab-expansion text new-file unidirectional-new-file exclude color minimal suppress-common-lines strip-trailing-cr show-c-function normal label ignore-matching-lines no-dereference expand-tabs left-column",
    digits: true,
  },
  cmp: { letters: "bls", values: "in", long: "print-bytes verbose quiet silent bytes ignore-initial" },
  md5sum: hash,
  sha1sum: hash,
  sha256sum: hash,
  sha512sum: hash,
  cksum: hash,
  basename: { letters: "az", values: "s", long: "multiple suffix zero", text: "all" },
  dirname: { letters: "z", long: "zero", text: "all" },
  realpath: {
    letters: "eLmPqsz",
    long: "canonicalize-existing canonicalize-missing strip no-symlinks relative-to relative-base quiet",
  },
  readlink: { letters: "efmnqsvz", long: "canonicalize canonicalize-existing canonicalize-missing no-newline" },
  stat: { letters: "Lft", values: "c", long: "dereference file-system format printf terse" },
  file: { letters: "bhikLNprs", long: "brief mime mime-type mime-encoding dereference no-dereference no-pad" },
  du: {
    letters: "aAbchklmPsSx0",
    values: "dBt",
    long: "all apparent-size bytes total human-readable summarize max-depth si exclude one-file-system separate-dirs threshold time",
  },
  df: { letters: "ahHiklmPT", values: "t", long: "all human-readable inodes local portability print-type total type" },
  tree: {
    letters: "adfipsughDFrtcUvnCSQNJX",
    values: "LIP",
    long: "dirsfirst filesfirst noreport prune gitignore du si inodes device charset filelimit matchdirs ignore-case sort",
  },
  free: { letters: "bkmghtlwv", long: "bytes kibi mebi gibi human total wide", operands: 0 },
  uptime: { letters: "ps", operands: 0 },
  hostname: { letters: "sfidI", operands: 0 },
  env: { operands: 0 },
  printenv: { text: "all" },
  seq: { letters: "w", values: "sf", text: "all" },
  sleep: { text: "all" },
  type: { letters: "tapP", text: "all" },
  locale: { operands: 0 },
  lscpu: { operands: 0 },
  base64: { letters: "di", values: "w", long: "decode ignore-garbage wrap", operands: 1 },
  od: { letters: "abcdfilosxv", values: "AtNjw" },
  xxd: { letters: "bepuiE", values: "lscgo", operands: 1 },
  hexdump: { letters: "bcCdovx", values: "ns" },
  strings: { letters: "af", values: "nt" },
  zipinfo: { letters: "12smlvhtz", operands: 1 },
  pwd: { letters: "LP", operands: 0 },
  which: { letters: "a", text: "all" },
  whoami: { operands: 0 },
  id: { letters: "gGnruz", text: "all" },
  uname: { letters: "asnrvmpio", operands: 0 },
  nproc: { long: "all ignore", operands: 0 },
  arch: { operands: 0 },
  grep,
  egrep: grep,
  fgrep: grep,
  rg: {
    letters: "niIwxlcFPHNqvsoaSUup0",
    values: "eABCmgtTjMd",
    long: "line-number no-line-number ignore-case case-sensitive smart-case word-regexp line-regexp files-with-matches files-without-match count count-matches fixed-strings pcre2 with-filename no-filename quiet invert-match only-matching text regexp after-context before-context context max-count glob iglob type type-not type-list files hidden no-ignore no-heading heading color colors column multiline max-depth max-filesize sort sortr json stats trim null vimgrep passthru unrestricted no-messages no-config threads max-columns debug version",
    text: 1,
  },
};

/** Options that print a program's version, for programs that do nothing else then. */
export const VERSION_OPTIONS: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(
    "npm npx deno pip pip3 ruby perl php tsc rg jq cmake make gcc g++ clang docker uv bun git"
      .split(" ")
      .map((name) => [name, ["--version"]]),
  ),
  node: ["--version", "-v"],
  npm: ["--version", "-v"],
  python: ["--version", "-V"],
  python3: ["--version", "-V"],
  ruby: ["--version", "-v"],
  perl: ["--version", "-v"],
  php: ["--version", "-v"],
  tsc: ["--version", "-v"],
  make: ["--version", "-v"],
  jq: ["--version", "-V"],
  rg: ["--version", "-V"],
  gcc: ["--version", "-v"],
  java: ["--version", "-version"],
  javac: ["--version", "-version"],
  bash: ["--version"],
};

export const FIND_TESTS = new Set(
  "-name -iname -path -ipath -wholename -iwholename -regex -iregex -regextype -type -xtype -size -mtime -mmin -atime -amin -ctime -cmin -maxdepth -mindepth -perm -user -group -links -inum -printf -newermt -fstype".split(
    " ",
  ),
);
export const FIND_FLAGS = new Set(
  "-not -a -and -o -or -print -print0 -prune -empty -xdev -mount -depth -readable -executable -writable -quit -ls -true -false -daystart -H -P -nouser -nogroup".split(
    " ",
  ),
);

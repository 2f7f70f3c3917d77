/** Reads a prompt by the tables of signals.ts and verbs.ts. Pure. */
import { createActionTables, findAction, withoutMaterial } from "./action.ts";
import { createPhraseTable, splitWords, type Word } from "./phrases.ts";
import { type PromptText, readPromptText } from "./prompt-text.ts";
import { CAPS, MEASURES, SIGNALS, SIZE_LIMIT, type SignalKind, WORK_LIMIT } from "./signals.ts";
import { POLITE, type Verb } from "./verbs.ts";

export interface Signal {
  id: string;
  points: number;
}

/** The task of a prompt: its words without what was pasted, and what the tables say of it. */
export interface TaskReading {
  text: PromptText;
  /** The user asks for much thought. */
  asksForThought: boolean;
  asksForSpeed: boolean;
  signals: readonly Signal[];
  /** The sum of the signals. */
  score: number;
}

/** What was read of a prompt. */
interface Reading {
  text: PromptText;
  words: readonly Word[];
  /** How many phrases of each signal occur. */
  found: ReadonlyMap<string, number>;
  action: Verb | null;
  isHard: boolean;
  isMechanical: boolean;
  /** In a few words that ask for a small change, "table" or "page" says where it is. */
  isSmallEdit: boolean;
  /** "Find …" at the end of a long description is not a look-up. */
  isAside: boolean;
}

/** Words. */
const SHORT = 12;
const CHAT = 5;
const WORDY = 60;
const LONG = 250;

const MANY_FILES = 5;
const MANY_REQUIREMENTS = 6;

const createTables = () => ({ ...createActionTables(), signals: createPhraseTable(SIGNALS) });
let tables: ReturnType<typeof createTables> | null = null;

/** `weights`: points by signal, instead of those of the table. */
export function readTask(prompt: string, weights: Readonly<Record<string, number>> = {}): TaskReading {
  const reading = readPrompt(prompt);
  const weigh = ({ id, points }: Signal): Signal => ({ id, points: weights[id] ?? points });
  const signals = [...listAction(reading), ...listLiterals(reading)].map(weigh);
  signals.push(...listPhrases(reading, weigh), ...listSizes(reading, weigh));
  const work = countWork(reading, weigh);
  signals.push({ id: "work", points: Math.max(0, Math.min(work, WORK_LIMIT - sumPoints(signals))) });
  const counted = signals.filter(({ points }) => points !== 0);
  const { text, found } = reading;
  const asksForThought = found.has("intent.think");
  const asksForSpeed = found.has("intent.easy");
  return { text, asksForThought, asksForSpeed, signals: counted, score: sumPoints(counted) };
}

export const sumPoints = (signals: readonly Signal[]): number =>
  signals.reduce((total, { points }) => total + points, 0);

function readPrompt(prompt: string): Reading {
  tables ??= createTables();
  const read = readPromptText(prompt);
  const prose = withoutMaterial(read.prose, tables);
  const text = { ...read, marked: withoutMaterial(read.marked, tables) };
  const words = splitWords(prose);
  const found = tables.signals.count(words, prose);
  const action = findAction(words, prose, tables);
  const isSmall = action?.id === "verb.small";
  return {
    text,
    words,
    found,
    action,
    isHard: hasKind(found, "hard") || hasKind(found, "field"),
    isMechanical: isMechanicalTask(action, found, text),
    isSmallEdit: words.length <= SHORT && (found.has("simple.object") || isSmall),
    isAside: isSmall && words.length > SHORT && findAction(words.slice(0, SHORT), "", tables) === null,
  };
}

const hasKind = (found: ReadonlyMap<string, number>, kind: SignalKind): boolean =>
  SIGNALS.some((signal) => signal.kind === kind && found.has(signal.id));

/** A problem that is hard wherever it is asked for makes even a renaming hard: "… with zero downtime". */
function isMechanicalTask(action: Verb | null, found: ReadonlyMap<string, number>, text: PromptText): boolean {
  if (found.has("simple.text")) return true;
  if (action === null) return false;
  if (action.id === "question.fact") return !found.has("work.advice");
  if (action.id === "verb.mechanical") return !hasKind(found, "hard");
  return action.points <= -3 || (text.hasLiteralChange && action.points < 0);
}

const toSignal = (id: keyof typeof MEASURES): Signal => ({ id, points: MEASURES[id] });

/** "Find the memory leak" is not a look-up, and building something is work, which is counted apart. */
function listAction({ action, isHard, isMechanical, isAside }: Reading): Signal[] {
  if (!action || isAside || action.id === "verb.build") return [];
  const isOverruled = isHard && action.points < 0 && (action.points > -3 || !isMechanical);
  return isOverruled ? [] : [action];
}

/** What a prompt names word for word: the old and the new value, or in a few words what to add. */
function listLiterals({ text, words, action, found, isHard, isMechanical }: Reading): Signal[] {
  if (isHard && !isMechanical) return [];
  const isEdit = action !== null && action.points < 0;
  const isChanged = text.hasLiteralChange && (isEdit || found.has("simple.should-be") || found.has("simple.text"));
  const isShort = words.length <= SHORT && !found.has("work.thing");
  const isNamed = isShort && isEdit && words.some(({ text: word }) => word === "§");
  const isChat = words.length > 0 && words.length <= CHAT && words.every(({ text: word }) => POLITE.has(word));
  return [
    ...(isChanged ? [toSignal("simple.literal")] : []),
    ...(isNamed ? [toSignal("simple.named")] : []),
    ...(isChat ? [toSignal("prompt.chat")] : []),
  ];
}

const IGNORED_IF_MECHANICAL: ReadonlySet<SignalKind> = new Set(["topic", "field", "scope"]);

/** Each kind up to its cap. */
function listPhrases({ found, isMechanical }: Reading, weigh: (signal: Signal) => Signal): Signal[] {
  const totals = new Map<SignalKind, number>();
  return SIGNALS.flatMap((signal) => {
    const { id, kind } = signal;
    if (!found.has(id) || kind === "work" || (isMechanical && IGNORED_IF_MECHANICAL.has(kind))) return [];
    const before = totals.get(kind) ?? 0;
    const sum = Math.min(CAPS[kind] ?? Number.POSITIVE_INFINITY, before + weigh(signal).points);
    // A topic may take back what another one added, but is not a sign of an easy task.
    const after = kind === "topic" ? Math.max(0, sum) : sum;
    totals.set(kind, after);
    return [{ id, points: after - before }];
  });
}

function listSizes({ text, words, isMechanical }: Reading, weigh: (signal: Signal) => Signal): Signal[] {
  if (isMechanical) return [];
  const ids: (keyof typeof MEASURES)[] = [
    ...(text.hasTrace ? ["paste.trace" as const] : []),
    ...(text.files > MANY_FILES ? ["files.many" as const] : text.files > 1 ? ["files.several" as const] : []),
    ...(words.length > WORDY ? ["prompt.wordy" as const] : []),
    ...(words.length > LONG ? ["prompt.long" as const] : []),
    ...(text.requirements > MANY_REQUIREMENTS ? ["prompt.many-requirements" as const] : []),
  ];
  let left = SIZE_LIMIT;
  return ids.map((id) => {
    const points = Math.min(left, weigh(toSignal(id)).points);
    left -= points;
    return { id, points };
  });
}

/** Ordinary work; a second phrase of a kind counts, further ones do not. */
function countWork({ action, found, isMechanical, isSmallEdit }: Reading, weigh: (signal: Signal) => Signal): number {
  if (isMechanical) return 0;
  const counted = SIGNALS.filter(({ id, kind }) => kind === "work" && (!isSmallEdit || id === "work.tests"));
  const built = action?.id === "verb.build" && !isSmallEdit ? weigh(action).points : 0;
  return counted.reduce(
    (total, signal) => total + weigh(signal).points * Math.min(2, found.get(signal.id) ?? 0),
    built,
  );
}

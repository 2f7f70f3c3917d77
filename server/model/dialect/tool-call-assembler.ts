/**
 * Assembles tool calls from fragments, however endpoints split them: by index, by id, by neither, interleaved, with the name last, or
 * with all arguments resent each time. A call is emitted as soon as it is complete and no earlier call is open.
 */
import type { CallFragment } from "./response.ts";

export interface BuiltCall {
  /** The endpoint's id, or empty. */
  id: string;
  name: string;
  raw: string;
  signature: string | null;
}

export interface CallBuilder {
  /** The calls that this fragment completes. */
  push(fragment: CallFragment): BuiltCall[];
  /** All remaining calls, complete or not, in order. */
  end(): BuiltCall[];
}

interface OpenCall extends BuiltCall {
  index: number | null;
  resent: string | null;
  scan: Scan;
  emitted: boolean;
}

interface Scan {
  depth: number;
  quoted: boolean;
  escaped: boolean;
  started: boolean;
  done: boolean;
}

const limit = 10 * 1024 * 1024;

/** Tracks only braces and strings, to find the end of the object without parsing it again for each fragment. */
function scanText(scan: Scan, text: string): void {
  for (let at = 0; at < text.length && !scan.done; at += 1) {
    const code = text.charCodeAt(at);
    if (scan.quoted) {
      if (scan.escaped) scan.escaped = false;
      else if (code === 92) scan.escaped = true;
      else if (code === 34) scan.quoted = false;
    } else if (code === 34) scan.quoted = true;
    else if (code === 123 || code === 91) {
      scan.depth += 1;
      scan.started = true;
    } else if (code === 125 || code === 93) {
      scan.depth -= 1;
      scan.done = scan.started && scan.depth <= 0;
    }
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function isNew(open: OpenCall, next: CallFragment): boolean {
  if (next.name === "" || open.name === "") return false;
  if (next.id !== "" && next.id === open.id) return next.name !== open.name;
  const starts = /^\s*[{[]/.test(next.args);
  if (next.name !== open.name) return true;
  if (next.id !== "" && open.id !== "") return starts || open.scan.done || next.args === "";
  return open.scan.done && starts;
}

export function openCallBuilder(): CallBuilder {
  const calls: OpenCall[] = [];

  function find(next: CallFragment): OpenCall | null {
    if (next.index !== null) {
      const same = calls.findLast((call) => call.index === next.index);
      return same === undefined || isNew(same, next) ? null : same;
    }
    const known = next.id === "" ? undefined : calls.findLast((call) => call.id === next.id);
    if (known !== undefined && !isNew(known, next)) return known;
    return next.name === "" ? (calls.at(-1) ?? null) : null;
  }

  function start(next: CallFragment): OpenCall {
    const scan: Scan = { depth: 0, quoted: false, escaped: false, started: false, done: false };
    const open: OpenCall = {
      id: next.id,
      name: "",
      raw: "",
      signature: null,
      index: next.index,
      resent: "",
      scan,
      emitted: false,
    };
    calls.push(open);
    return open;
  }

  function finish(call: OpenCall): BuiltCall {
    call.emitted = true;
    const raw = call.resent !== null && !isJson(call.raw) && isJson(call.resent) ? call.resent : call.raw;
    return { id: call.id, name: call.name, raw, signature: call.signature };
  }

  /** Complete calls, up to the first open one: calls are emitted in the order in which they were written. */
  function takeReady(): BuiltCall[] {
    const out: BuiltCall[] = [];
    for (const [at, call] of calls.entries()) {
      if (call.emitted) continue;
      const turn = call.index === null || call.index <= at;
      if (!turn || call.name === "" || !call.scan.done || call.raw.trim() === "{}" || !isJson(call.raw)) break;
      out.push(finish(call));
    }
    return out;
  }

  return {
    push(next) {
      const call = find(next) ?? start(next);
      if (call.emitted) return [];
      if (call.id === "") call.id = next.id;
      if (call.name === "") call.name = next.name;
      call.signature ??= next.signature;
      if (call.raw.length <= limit) {
        call.raw += next.args;
        if (next.args !== "" && call.resent !== null)
          call.resent = next.args.startsWith(call.resent) ? next.args : null;
        scanText(call.scan, next.args);
      }
      return takeReady();
    },
    end() {
      const left = calls.filter((call) => !call.emitted);
      if (left.every((call) => call.index !== null)) left.sort((a, b) => (a.index ?? 0) - (b.index ?? 0));
      return left.filter((call) => call.name !== "" || call.raw !== "").map(finish);
    },
  };
}

/** Where the words of a command lead: in the workspace, outside of it, to a secret, or to a file that decides what runs. */
import { isAbsolute, resolve } from "node:path";
import { isSecretPath } from "../workspace/secrets.ts";
import { guarded, isWithin } from "./protected.ts";

export interface Places {
  /** The workspace root, real. */
  root: string;
  home: string;
  own: readonly string[];
  /** Resolves every link; where nothing is there, the nearest parent's. */
  real(path: string): string;
  /** Why git might start a program of the repository's while it reads there; null where it does not. */
  gitDoubt(folder: string): string | null;
}

export interface Place {
  /** As it was written. */
  shown: string;
  /** Where it is by name, and where it leads. */
  named: string;
  path: string;
}

const mostPieces = 500;

/** Everything in a word that may be a path: itself, what follows `=` or `@`, and pieces between `:` or `,`. */
export function placesIn(word: string, cwd: string, places: Places): Place[] {
  const candidates = new Set([word]);
  const eq = word.indexOf("=");
  if (eq > 0) candidates.add(word.slice(eq + 1));
  for (const piece of word.split(/[:,=]/)) if (piece !== word) candidates.add(piece);
  // Nobody writes so many by hand; what cannot be looked at is taken to lead away.
  if (candidates.size > mostPieces) return [{ shown: `${word.slice(0, 40)}…`, named: "/", path: "/" }];
  // A value may be glued to a short option: -I/etc, -C../x.
  const glued = /^-{1,2}[A-Za-z]((?:\/|~|\.\.).*)$/.exec(word)?.[1];
  if (glued !== undefined) candidates.add(glued);
  for (const candidate of [...candidates]) if (candidate.startsWith("@")) candidates.add(candidate.slice(1));
  const option = word.startsWith("-");
  return [...candidates]
    .filter((text) => text !== "" && !(option && text === word))
    .flatMap((text) => locate(text, cwd, places));
}

function locate(text: string, cwd: string, places: Places): Place[] {
  if (text.includes("\0")) return [];
  const bare = text.replace(/^file:(\/\/(localhost)?)?/i, "");
  // "//host" is what remains of an address once it is cut at its colon.
  if (/^\/\/[\w.-]/.test(text) || /^[a-z][a-z0-9+.-]+:\/\//i.test(bare)) return [];
  const named = bare.startsWith("~")
    ? resolve(places.home, bare.replace(/^~[^/]*\/?/, ""))
    : isAbsolute(bare)
      ? resolve(bare)
      : resolve(cwd, bare);
  return [{ shown: text, named, path: places.real(named) }];
}

export interface Finding {
  decision: "ask" | "deny";
  why: string;
  /** True where only a person's yes for this one time counts. */
  once: boolean;
}

/** What speaks against reading or changing a place, or null. The worst finding wins. */
export function objection(place: Place, use: "read" | "edit", places: Places): Finding | null {
  if (place.path === "/dev/null") return null;
  if (use === "edit")
    for (const path of [place.path, place.named]) {
      const guard = guarded(path, places.root, places.own);
      if (guard !== null) return { ...guard, why: `${place.shown} is protected: ${guard.why}`, once: true };
    }
  if (!isWithin(place.path, places.root)) {
    const leads = place.path === place.named ? "" : `, it leads to ${place.path}`;
    return { decision: "ask", why: `${place.shown} is outside the workspace${leads}`, once: false };
  }
  if (isSecretPath(place.path) || isSecretPath(place.named))
    return { decision: "ask", why: `${place.shown} may hold secrets`, once: false };
  return null;
}

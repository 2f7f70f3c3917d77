/** What a link shows: where it really leads, and a warning where its text claims another place. */
import { printable } from "../../protocol/printable.ts";

export interface Shown {
  /** What a click opens; only kinds of addresses that a person expects from text. */
  link?: string;
  /** Stands behind the text, where the text does not say it. */
  target?: string;
  /** The text looks like another address. */
  misleads: boolean;
}

const opens = /^(?:https?|mailto|file):\S+$/i;
const address =
  /^(?:[a-z][a-z\d+.-]*:\/\/|www\.)\S|^[\p{L}\p{N}][\p{L}\p{N}.-]*\.(?:com|org|net|io|dev|app|gov|edu|info|co|ai|me|xyz)(?:[/:?#]\S*)?$/iu;

export function shownLink(text: string, href: string): Shown {
  const target = printable(href).replaceAll("\t", " ");
  const said = text.trim();
  return {
    ...(target === href && opens.test(href) && { link: href }),
    ...(!isSame(said, target) && target !== "" && { target }),
    misleads: address.test(said) && !leadsTo(said, target),
  };
}

const isSame = (text: string, target: string): boolean =>
  text === target || `mailto:${text}` === target || `http://${text}` === target;

/** A text without a path stands for its whole site; one with a path is to be the target itself. */
function leadsTo(text: string, target: string): boolean {
  const [said, real] = [place(text), place(target)];
  return said.path === "" ? said.host === real.host : said.host === real.host && said.path === real.path;
}

function place(text: string): { host: string; path: string } {
  const bare = text.replace(/^[a-z][a-z\d+.-]*:\/\//i, "");
  const end = bare.search(/[/?#\\]/);
  const host = (end < 0 ? bare : bare.slice(0, end)).toLowerCase().replace(/^www\./, "");
  return { host, path: end < 0 ? "" : bare.slice(end).replace(/\/$/, "") };
}

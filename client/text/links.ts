/** Describes how to show a link: its real target, and whether its text claims another one. */
import { printable } from "../../protocol/printable.ts";

export interface LinkDisplay {
  /** The URL that a click opens. Only for schemes that users expect in text. */
  link?: string;
  /** To be shown after the text, unless the text is the target. */
  target?: string;
  /** The text looks like a different address. */
  isMisleading: boolean;
}

const openableUrl = /^(?:https?|mailto|file):\S+$/i;
const urlLike =
  /^(?:[a-z][a-z\d+.-]*:\/\/|www\.)\S|^[\p{L}\p{N}][\p{L}\p{N}.-]*\.(?:com|org|net|io|dev|app|gov|edu|info|co|ai|me|xyz)(?:[/:?#]\S*)?$/iu;

export function describeLink(text: string, href: string): LinkDisplay {
  const target = printable(href).replaceAll("\t", " ");
  const claimed = text.trim();
  return {
    ...(target === href && openableUrl.test(href) && { link: href }),
    ...(!isSameTarget(claimed, target) && target !== "" && { target }),
    isMisleading: urlLike.test(claimed) && !leadsTo(claimed, target),
  };
}

const isSameTarget = (text: string, target: string): boolean =>
  text === target || `mailto:${text}` === target || `http://${text}` === target;

/** Text without a path matches the whole site; text with a path must match the target. */
function leadsTo(text: string, target: string): boolean {
  const [claimed, real] = [parseLocation(text), parseLocation(target)];
  return claimed.path === "" ? claimed.host === real.host : claimed.host === real.host && claimed.path === real.path;
}

function parseLocation(text: string): { host: string; path: string } {
  const bare = text.replace(/^[a-z][a-z\d+.-]*:\/\//i, "");
  const end = bare.search(/[/?#\\]/);
  const host = (end < 0 ? bare : bare.slice(0, end)).toLowerCase().replace(/^www\./, "");
  return { host, path: end < 0 ? "" : bare.slice(end).replace(/\/$/, "") };
}

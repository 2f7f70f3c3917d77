/** The script that brings the grammars: how it hands them to the page that loaded it. */
import { toHtml } from "../client/text/grammars.ts";

Object.assign(globalThis, { tuttiGrammars: toHtml });

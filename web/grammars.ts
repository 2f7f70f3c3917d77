/** The entry point of the separate grammars script: exposes its function to the page. */
import { toHtml } from "../client/text/grammars.ts";

Object.assign(globalThis, { tuttiGrammars: toHtml });

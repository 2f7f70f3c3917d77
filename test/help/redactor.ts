/** The redactor of parts that are opened alone: it knows no keys, only their shapes. */
import { createRedactor } from "../../server/session/redact.ts";

export const redactor = createRedactor();

/** Reads the certificate and the key that a listener was given. */
import { readFileSync } from "node:fs";
import { TuttiError } from "../../protocol/errors.ts";

export interface TlsFiles {
  tlsCert?: string;
  tlsKey?: string;
}

/** Null if there are none. */
export function readTls({ tlsCert, tlsKey }: TlsFiles): { cert: Buffer; key: Buffer } | null {
  if (tlsCert === undefined && tlsKey === undefined) return null;
  if (tlsCert === undefined || tlsKey === undefined)
    throw new TuttiError("usage", "--tls-cert and --tls-key must be used together.");
  try {
    return { cert: readFileSync(tlsCert), key: readFileSync(tlsKey) };
  } catch (error) {
    throw new TuttiError("usage", `Cannot read the certificate: ${(error as Error).message}.`);
  }
}

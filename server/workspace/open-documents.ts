/**
 * Documents that a client has open with unsaved changes. Tools read the client's text, and their writes go to the client. If the client
 * does not respond in time or disconnects, the call fails: nothing is written to disk behind an editor's back.
 */
import type { DocumentRequest } from "../../protocol/document-methods.ts";
import { TuttiError } from "../../protocol/errors.ts";
import type { ParamsOf } from "../../protocol/methods.ts";
import type { Files, Hash } from "../ports.ts";
import { decodeText } from "./text-file.ts";
import { isWithin } from "./within.ts";

/** A connection that can have open documents. */
export interface DocumentClient {
  request(request: DocumentRequest): void;
}

export interface OpenDocuments {
  claim(client: DocumentClient, params: ParamsOf<"documentClaim">): void;
  respond(client: DocumentClient, answer: ParamsOf<"documentRespond">): void;
  /** Drops the documents of a closed connection. */
  release(client: DocumentClient): void;
  /** File access with the clients' texts, for the tools of one session. */
  filesFor(session: string, files: Files): Files;
  /** Real paths below a folder that are claimed as files, not through a claimed folder. */
  listUnsaved(folder: string, session: string): string[];
  /** Up to a few of them whose text differs from the disk, as far as their clients respond. */
  listDiffering(folder: string, session: string, files: Files): Promise<string[]>;
}

export interface OpenDocumentsDeps {
  real(path: string): string;
  hash: Hash;
  newId(): string;
}

interface Claim {
  client: DocumentClient;
  paths: ReadonlySet<string>;
  folders: readonly string[];
  session: string | undefined;
}

interface PendingRequest {
  client: DocumentClient;
  /** Null: the client does not have the file open. */
  resolve(text: string | null): void;
  reject(reason: string): void;
}

const RESPONSE_TIMEOUT_MS = 10_000;
const MAX_COMPARED = 20;

export function createOpenDocuments({ real, hash, newId }: OpenDocumentsDeps): OpenDocuments {
  /** The latest claim is last. */
  let claims: readonly Claim[] = [];
  const pending = new Map<string, PendingRequest>();

  const findClient = (path: string, session: string, scope: "path" | "any"): DocumentClient | null => {
    const sessionClaims = claims.filter(appliesTo(session));
    const exact = sessionClaims.findLast(({ paths }) => paths.has(path));
    const found =
      exact ?? (scope === "any" ? sessionClaims.findLast(({ folders }) => isBelow(path, folders)) : undefined);
    return found?.client ?? null;
  };

  const requestText = (client: DocumentClient, request: DocumentRequest): Promise<string | null> =>
    new Promise((resolve, reject) => {
      const done = (): void => {
        clearTimeout(timer);
        pending.delete(request.request);
      };
      const fail = (reason: string): void => {
        done();
        reject(new Error(reason));
      };
      const timeoutMessage = `${request.path} is open in an editor that did not respond within ${RESPONSE_TIMEOUT_MS / 1000} s. Nothing was changed.`;
      const timer = setTimeout(() => fail(timeoutMessage), RESPONSE_TIMEOUT_MS);
      pending.set(request.request, {
        client,
        reject: fail,
        resolve(text) {
          done();
          resolve(text);
        },
      });
      client.request(request);
    });

  const readText = (client: DocumentClient, path: string, session: string): Promise<string | null> =>
    requestText(client, { request: newId(), session, path, action: "read" });

  const listUnsaved = (folder: string, session: string): string[] => {
    const paths = claims.filter(appliesTo(session)).flatMap(({ paths: own }) => [...own]);
    return [...new Set(paths)].filter((path) => isWithin(path, folder));
  };

  return {
    claim(client, { paths, folders = [], session }) {
      const others = claims.filter((request) => request.client !== client || request.session !== session);
      claims = [...others, { client, paths: new Set(paths.map(real)), folders: folders.map(real), session }];
    },
    respond(client, { request: id, text = null, problem }) {
      const request = pending.get(id);
      if (request?.client !== client) throw new TuttiError("notFound", "This document request is no longer pending.");
      if (problem === undefined) request.resolve(text);
      else request.reject(problem);
    },
    release(client) {
      claims = claims.filter((request) => request.client !== client);
      for (const request of [...pending.values()])
        if (request.client === client) request.reject("The editor with the open file disconnected. Try again.");
    },
    listUnsaved,
    async listDiffering(folder, session, files) {
      const paths = listUnsaved(folder, session).slice(0, MAX_COMPARED);
      const differs = await Promise.all(
        paths.map(async (path) => {
          const client = findClient(path, session, "path");
          const text = client && (await readText(client, path, session).catch(() => null));
          if (text === null) return false;
          const { kind, size } = await files.stat(path);
          if (kind !== "file") return true;
          const length = Buffer.byteLength(text);
          return decodeText(await files.read(path, Math.max(size, length)))?.text !== text;
        }),
      );
      return paths.filter((_, index) => differs[index]);
    },
    filesFor: (session, files) =>
      createSessionFiles(session, files, { findClient, readText, requestText, hash, newId }),
  };
}

interface DocumentAccess {
  findClient(path: string, session: string, scope: "path" | "any"): DocumentClient | null;
  readText(client: DocumentClient, path: string, session: string): Promise<string | null>;
  requestText(client: DocumentClient, request: DocumentRequest): Promise<string | null>;
  hash: Hash;
  newId(): string;
}

/** File access that reads from and writes to open documents. */
function createSessionFiles(
  session: string,
  files: Files,
  { findClient, readText, requestText, hash, newId }: DocumentAccess,
): Files {
  /** Hashes of the client texts that changes are based on. */
  const baseHashes = new Map<string, string>();
  const readOpen = async (client: DocumentClient, path: string): Promise<Uint8Array | null> => {
    const text = await readText(client, path, session);
    if (text === null) {
      baseHashes.delete(path);
      return null;
    }
    baseHashes.set(path, hash(text));
    return new TextEncoder().encode(text);
  };
  return {
    ...files,
    async stat(path) {
      const stat = await files.stat(path);
      const client = findClient(stat.real, session, "path");
      if (!client || stat.kind === "directory" || stat.kind === "device") return stat;
      const bytes = await readOpen(client, stat.real);
      if (!bytes) return stat;
      return { ...stat, size: bytes.length, ...(stat.kind === "missing" && { kind: "file", own: true }) };
    },
    async read(path, max, offset = 0) {
      const client = findClient(path, session, "any");
      const bytes = client && (await readOpen(client, path));
      return bytes ? bytes.subarray(offset, offset + max) : files.read(path, max, offset);
    },
    async write(path, content, options) {
      const client = findClient(path, session, "any");
      const text = client && decodeText(content)?.text;
      if (!client || text === null || text === undefined) return files.write(path, content, options);
      const baseHash = baseHashes.get(path) ?? null;
      const written = await requestText(client, {
        request: newId(),
        session,
        path,
        action: "write",
        text,
        baseHash,
      });
      if (written === null) return files.write(path, content, options);
      baseHashes.set(path, hash(written));
    },
    async remove(path) {
      if (findClient(path, session, "path"))
        throw new Error(
          `${path} is open in an editor with unsaved changes, so it was not removed. Save or close it first.`,
        );
      return files.remove(path);
    },
  };
}

const appliesTo =
  (session: string) =>
  (holding: Claim): boolean =>
    holding.session === undefined || holding.session === session;

const isBelow = (path: string, folders: readonly string[]): boolean => folders.some((folder) => isWithin(path, folder));

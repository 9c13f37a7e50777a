/** What one error code means to each audience. */
export interface ErrorEntry {
  /** HTTP status that the gateway answers with. */
  readonly http: number;
  /** Exit code of the command line. */
  readonly exit: number;
  /** Whether the same request may succeed later without any change. */
  readonly retry: boolean;
}

const usage = 2;
const missing = 3;
const refused = 4;
const conflict = 5;
const unavailable = 6;
const local = 7;
const bug = 70;
const interrupted = 130;

/**
 * The one table of errors: every code that a person or a program can meet, on HTTP, NATS, libp2p and the command line.
 * Exit codes are classes: 2 usage, 3 not found, 4 refused as unsafe or not allowed, 5 conflict, 6 try again, 7 this machine, 70 bug.
 */
export const errorTable = {
  // what the caller said
  BAD_REQUEST: { http: 400, exit: usage, retry: false },
  BAD_NAME: { http: 400, exit: usage, retry: false },
  BAD_VERSION: { http: 400, exit: usage, retry: false },
  BAD_RANGE: { http: 400, exit: usage, retry: false },
  BAD_MANIFEST: { http: 422, exit: usage, retry: false },
  BAD_ARCHIVE: { http: 422, exit: refused, retry: false },
  BAD_JSON: { http: 400, exit: usage, retry: false },
  BAD_CID: { http: 400, exit: usage, retry: false },
  BAD_INVITE: { http: 400, exit: usage, retry: false },
  BAD_CHARTER: { http: 422, exit: refused, retry: false },
  BAD_CONFIG: { http: 500, exit: 78, retry: false },
  TOO_LARGE: { http: 413, exit: refused, retry: false },
  METHOD_NOT_ALLOWED: { http: 405, exit: usage, retry: false },
  UNSUPPORTED_MEDIA: { http: 415, exit: usage, retry: false },
  RANGE_NOT_SATISFIABLE: { http: 416, exit: usage, retry: false },
  UNAUTHORIZED: { http: 401, exit: refused, retry: false },
  FORBIDDEN: { http: 403, exit: refused, retry: false },
  RATE_LIMITED: { http: 429, exit: unavailable, retry: true },
  // what does not exist
  NOT_FOUND: { http: 404, exit: missing, retry: false },
  PACKAGE_NOT_FOUND: { http: 404, exit: missing, retry: false },
  VERSION_NOT_FOUND: { http: 404, exit: missing, retry: false },
  BLOB_NOT_FOUND: { http: 404, exit: missing, retry: true },
  PUBLISHER_NOT_FOUND: { http: 404, exit: missing, retry: false },
  TAKEN_DOWN: { http: 451, exit: refused, retry: false },
  // records and trust
  BAD_RECORD: { http: 422, exit: refused, retry: false },
  BAD_SIGNATURE: { http: 422, exit: refused, retry: false },
  BAD_STATEMENT: { http: 422, exit: refused, retry: false },
  UPGRADE_NEEDED: { http: 422, exit: refused, retry: false },
  STALE_HEAD: { http: 409, exit: conflict, retry: false },
  FORKED_LOG: { http: 409, exit: conflict, retry: false },
  VERSION_EXISTS: { http: 409, exit: conflict, retry: false },
  NOT_DELEGATED: { http: 403, exit: refused, retry: false },
  BANNED: { http: 403, exit: refused, retry: false },
  NAME_TAKEN: { http: 403, exit: refused, retry: false },
  CONTESTED_NAME: { http: 409, exit: refused, retry: false },
  EQUIVOCATION: { http: 409, exit: refused, retry: false },
  PUBLISHER_CHANGED: { http: 409, exit: refused, retry: false },
  MANIFEST_MISMATCH: { http: 422, exit: refused, retry: false },
  CID_MISMATCH: { http: 422, exit: refused, retry: false },
  UNTRUSTED_ANSWER: { http: 502, exit: refused, retry: false },
  // resolution
  UNSATISFIABLE: { http: 422, exit: conflict, retry: false },
  RESOLUTION_TOO_HARD: { http: 422, exit: conflict, retry: false },
  LOCKFILE_STALE: { http: 409, exit: conflict, retry: false },
  // the network and the services
  UNAVAILABLE: { http: 503, exit: unavailable, retry: true },
  TIMEOUT: { http: 504, exit: unavailable, retry: true },
  NOT_PRIMARY: { http: 421, exit: unavailable, retry: false },
  NO_PROVIDER: { http: 503, exit: unavailable, retry: true },
  BAD_FRAME: { http: 502, exit: unavailable, retry: false },
  PEER_UNREACHABLE: { http: 502, exit: unavailable, retry: true },
  CANCELLED: { http: 499, exit: interrupted, retry: true },
  // this machine
  STORAGE_FULL: { http: 507, exit: local, retry: true },
  STORAGE_DENIED: { http: 500, exit: local, retry: false },
  STORAGE_CORRUPT: { http: 500, exit: local, retry: false },
  STORAGE_VERSION: { http: 500, exit: local, retry: false },
  STORAGE_LOCKED: { http: 503, exit: local, retry: true },
  PORT_IN_USE: { http: 500, exit: local, retry: false },
  RUNTIME_TOO_OLD: { http: 500, exit: local, retry: false },
  INTERNAL: { http: 500, exit: bug, retry: false },
} as const satisfies Record<string, ErrorEntry>;

/** A code of the error table. */
export type ErrorCode = keyof typeof errorTable;

/** Whether a string is a code of the table; codes of newer versions are not, and are shown as INTERNAL. */
export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorTable, code);
}

import { TokenParser, Tokenizer, TokenizerError, TokenParserError, TokenType } from '@streamparser/json';
import { SoukError } from '../errors/souk-error.ts';
import { parseSound, prototypeKeys } from './sound-json.ts';

/** Limits of one parse. */
export interface StrictJsonLimits {
  /** Most bytes of UTF-8; beyond it TOO_LARGE. */
  readonly maxBytes: number;
  /** Most objects and arrays inside each other; 32 when left out. */
  readonly maxDepth?: number;
}

export { prototypeKeys };

/** An object being read: its keys so far, and whether the next string is a key. Arrays are undefined. */
type Level = { readonly keys: Set<string>; atKey: boolean } | undefined;

/** What is wrong, and at which byte. */
class Flaw extends Error {
  readonly offset: number;
  constructor(offset: number, message: string) {
    super(message);
    this.offset = offset;
  }
}

/**
 * Parses JSON (RFC 8259) from a stranger. Refuses duplicate keys, prototype keys, bytes that are no UTF-8 and nesting
 * beyond the limit, the last before anything deeper is read; a byte order mark is skipped.
 * Throws BAD_JSON with details `{ line, column }`, both from 1, and TOO_LARGE with details `{ maxBytes }`.
 */
export function parseStrictJson(input: Uint8Array | string, limits: StrictJsonLimits): unknown {
  const { maxBytes, maxDepth = 32 } = limits;
  const bytes = withoutMark(bytesOf(input, maxBytes));
  const sound = parseSound(bytes, maxDepth);
  if (sound) return sound.value;
  try {
    return parseTokens(bytes, maxDepth);
  } catch (error) {
    if (!(error instanceof Flaw)) throw error;
    const { line, column } = placeOf(bytes, error.offset);
    throw new SoukError('BAD_JSON', `The JSON is wrong at line ${line}, column ${column}: ${error.message}.`, { details: { line, column } });
  }
}

function bytesOf(input: Uint8Array | string, maxBytes: number): Uint8Array {
  // A string has at least as many UTF-8 bytes as UTF-16 units, so a huge one is refused without being encoded.
  const bytes = typeof input === 'string' && input.length <= maxBytes ? new TextEncoder().encode(input) : input;
  if (typeof bytes === 'string' || bytes.length > maxBytes) {
    throw new SoukError('TOO_LARGE', `The JSON is larger than ${maxBytes} bytes.`, { details: { maxBytes } });
  }
  return bytes;
}

function withoutMark(bytes: Uint8Array): Uint8Array {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}

/** The value of JSON token by token; throws a flaw that says what is wrong at which byte. */
export function parseTokens(bytes: Uint8Array, maxDepth: number): unknown {
  refuseBadUtf8(bytes);
  const tokenizer = new Tokenizer();
  const parser = new TokenParser({ paths: ['$'] });
  const levels: Level[] = [];
  let value: unknown;
  let offset = 0;
  parser.onValue = (found) => {
    value = found.value;
  };
  tokenizer.onToken = (token) => {
    offset = token.offset;
    checkToken(levels, token.token, token.value, offset, maxDepth);
    parser.write(token);
  };
  try {
    tokenizer.write(bytes);
    if (!tokenizer.isEnded) tokenizer.end();
  } catch (error) {
    if (error instanceof TokenParserError) throw new Flaw(offset, unexpected(bytes, offset));
    if (error instanceof TokenizerError) throw tokenFlaw(error, bytes);
    throw error;
  }
  if (!parser.isEnded) throw new Flaw(bytes.length, 'it ends too early');
  return value;
}

function refuseBadUtf8(bytes: Uint8Array): void {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  if (!text.includes('\ufffd')) return;
  const again = new TextEncoder().encode(text);
  const offset = bytes.findIndex((byte, at) => byte !== again[at]);
  if (offset >= 0 || again.length !== bytes.length) throw new Flaw(offset >= 0 ? offset : bytes.length, 'it is not UTF-8');
}

function checkToken(levels: Level[], type: TokenType, value: unknown, offset: number, maxDepth: number): void {
  const level = levels.at(-1);
  switch (type) {
    case TokenType.LEFT_BRACE:
    case TokenType.LEFT_BRACKET:
      if (levels.length >= maxDepth) throw new Flaw(offset, `it is nested deeper than ${maxDepth} levels`);
      levels.push(type === TokenType.LEFT_BRACE ? { keys: new Set(), atKey: true } : undefined);
      break;
    case TokenType.RIGHT_BRACE:
    case TokenType.RIGHT_BRACKET:
      levels.pop();
      break;
    case TokenType.COMMA:
      if (level) level.atKey = true;
      break;
    case TokenType.STRING:
      if (level?.atKey) addKey(level, String(value), offset);
      break;
    default:
  }
}

function addKey(level: NonNullable<Level>, key: string, offset: number): void {
  const shown = JSON.stringify(key.slice(0, 80));
  if (prototypeKeys.has(key)) throw new Flaw(offset, `the key ${shown} is not allowed`);
  if (level.keys.has(key)) throw new Flaw(offset, `the key ${shown} appears twice in one object`);
  level.keys.add(key);
  level.atKey = false;
}

function unexpected(bytes: Uint8Array, offset: number): string {
  if (offset >= bytes.length) return 'it ends too early';
  const [character = ''] = new TextDecoder().decode(bytes.subarray(offset, offset + 4));
  return `${JSON.stringify(character)} is not expected here`;
}

/** The tokenizer tells where a wrong character lies in its message only, and nothing when the text ends inside a token. */
function tokenFlaw(error: TokenizerError, bytes: Uint8Array): Flaw {
  const offset = Number(/absolute position "(\d+)"/.exec(error.message)?.[1] ?? bytes.length);
  return new Flaw(offset, unexpected(bytes, offset));
}

function placeOf(bytes: Uint8Array, offset: number): { line: number; column: number } {
  const lines = new TextDecoder().decode(bytes.subarray(0, offset)).split(/\r\n|\r|\n/);
  return { line: lines.length, column: [...(lines.at(-1) ?? '')].length + 1 };
}

/** The same bytes but for one bit in the middle. */
export function flipped(bytes: Uint8Array): Buffer {
  const copy = Buffer.from(bytes);
  const at = Math.floor(copy.length / 2);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

/** The same in base64url, the form of bytes in JSON. */
export function flippedText(base64url: string): string {
  return flipped(Buffer.from(base64url, 'base64url')).toString('base64url');
}
